-- Renews the lease of a rebuild if it is as it was left: a Redis that was set back has an earlier
-- step.
-- keys: rebuild
-- args: token, step, leaseMs
-- include: redis-time
local found = redis.call('HMGET', rebuild, 'token', 'step')
if found[1] ~= token or found[2] ~= step then return 'changed' end
redis.call('HSET', rebuild, 'until', now + tonumber(leaseMs), 'step', tonumber(step) + 1)
return 'done'
