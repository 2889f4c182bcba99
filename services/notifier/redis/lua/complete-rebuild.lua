-- Ends a rebuild whose lease is as it was left: Redis is complete, and filled by this policy.
-- keys: rebuild, complete, policy, timersBy
-- args: token, step, marker, policyValue, timersByValue
local found = redis.call('HMGET', rebuild, 'token', 'step')
if found[1] ~= token or found[2] ~= step then return 'changed' end
redis.call('SET', complete, marker)
redis.call('SET', policy, policyValue)
redis.call('SET', timersBy, timersByValue)
redis.call('DEL', rebuild)
return 'done'
