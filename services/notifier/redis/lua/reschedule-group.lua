-- Nothing is sent now: sets marks and the next due time. Nothing when the group changed meanwhile.
-- keys: complete, group, members, notified, unrecorded, timers
-- args: id, version, due, now, marks[], goneIds[], oldIds[], keepMs, keepNotifiedMs
-- include: end-if-empty
if redis.call('EXISTS', complete) == 0 then return 'lost' end
if redis.call('HGET', group, 'version') ~= version then return 'changed' end
redis.call('HSET', group, 'lookedMs', now)
for index = 1, #marks, 2 do redis.call('HSET', notified, marks[index], marks[index + 1]) end
for _, incidentId in ipairs(goneIds) do redis.call('SREM', members, incidentId) end
for _, incidentId in ipairs(oldIds) do redis.call('HDEL', notified, incidentId) end
if not endIfEmpty() then schedule(due) end
return 'done'
