-- Removes a resolved incident that has not changed since. `entry` is for Kafka, empty while Redis
-- is rebuilt: one that was set back may have the incident as it was before its end.
-- keys: complete, incident, seen, states, timers, active, host, lastPurgedRevision, purged
-- args: revision, id, entry
local isRebuilding = entry == ''
if not isRebuilding and redis.call('EXISTS', complete) == 0 then return 'lost' end
if tonumber(revision) > tonumber(redis.call('GET', lastPurgedRevision) or '0') then redis.call('SET', lastPurgedRevision, revision) end
local found = redis.call('HMGET', incident, 'revision', 'state')
if not found[1] or tonumber(found[1]) > tonumber(revision) then return 'kept' end
if not isRebuilding and found[2] ~= 'resolved' then return 'kept' end
redis.call('HINCRBY', states, found[2], -1)
redis.call('ZREM', timers, id)
redis.call('SREM', active, id)
redis.call('SREM', host, id)
redis.call('DEL', incident, seen)
if not isRebuilding then redis.call('HSET', purged, id, entry) end
return 'done'
