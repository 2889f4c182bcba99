-- Removes a resolved incident that has not changed since. `entry` is for Kafka, empty while Redis
-- is rebuilt. A resolved incident is in no other index.
-- keys: complete, incident, seen, states, timers, lastPurgedRevision, purged
-- args: revision, id, entry
local isRebuilding = entry == ''
if not isRebuilding and redis.call('EXISTS', complete) == 0 then return 'lost' end
if tonumber(revision) > tonumber(redis.call('GET', lastPurgedRevision) or '0') then redis.call('SET', lastPurgedRevision, revision) end
local found = redis.call('HMGET', incident, 'revision', 'state')
if not found[1] or tonumber(found[1]) > tonumber(revision) or found[2] ~= 'resolved' then return 'kept' end
redis.call('HINCRBY', states, 'resolved', -1)
redis.call('ZREM', timers, id)
redis.call('DEL', incident, seen)
if not isRebuilding then redis.call('HSET', purged, id, entry) end
return 'done'
