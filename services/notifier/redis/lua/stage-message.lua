-- Stages the next message of a group, with the incidents it notifies of, before it is queued.
-- Nothing when the group changed meanwhile.
-- keys: complete, group, members, notified, unrecorded, timers
-- args: id, version, revision, pending, now, retryAtMs, resolvedCount, acknowledgedCount, lastIncidentId, lastNotifiedMs, marks[], unrecordedIds[], goneIds[], oldIds[]
if redis.call('EXISTS', complete) == 0 then return 'lost' end
if redis.call('HGET', group, 'version') ~= version or redis.call('HEXISTS', group, 'pending') == 1 then return 'changed' end
redis.call('HSET', group, 'revision', revision, 'pending', pending, 'lastNotifiedMs', lastNotifiedMs, 'lookedMs', now,
  'resolved', resolvedCount, 'acknowledged', acknowledgedCount, 'lastIncidentId', lastIncidentId,
  'rendered', redis.call('HGET', group, 'changed') or 0)
redis.call('HSET', group, 'pendingVersion', redis.call('HINCRBY', group, 'version', 1))
redis.call('ZADD', timers, retryAtMs, id)
-- Incident, then mark.
for index = 1, #marks, 2 do redis.call('HSET', notified, marks[index], marks[index + 1]) end
for _, incidentId in ipairs(unrecordedIds) do redis.call('SADD', unrecorded, incidentId) end
for _, incidentId in ipairs(goneIds) do redis.call('SREM', members, incidentId) end
for _, incidentId in ipairs(oldIds) do redis.call('HDEL', notified, incidentId) end
return 'done'
