-- Takes the lease of a rebuild: 0; -1 when the marker is another than the one seen; else for how
-- long another has it, in milliseconds. A lease of another run id is of a rebuild that a restart
-- ended. Without the marker no script changes anything for a process that does not know yet that
-- Redis is not complete.
-- keys: rebuild, complete
-- args: token, owner, runId, leaseMs, seen
-- include: redis-time
if (redis.call('GET', complete) or '') ~= seen then return -1 end
local found = redis.call('HMGET', rebuild, 'owner', 'runId', 'until')
if found[3] and found[1] ~= owner and found[2] == runId and tonumber(found[3]) > now then return tonumber(found[3]) - now end
redis.call('DEL', rebuild, complete)
redis.call('HSET', rebuild, 'token', token, 'owner', owner, 'runId', runId, 'until', now + tonumber(leaseMs), 'step', 0)
return 0
