-- Takes an incident into a group (`join`), or notes that one in it has ended (`leave`) or changed
-- (`touch`), and sets when the group is due. A leave or a touch of a group that is not on changes
-- nothing. `isRebuilding` is 1 while Redis is rebuilt, else 0.
-- keys: complete, group, members, notified, unrecorded, timers
-- args: id, kind, incidentId, description, firstDueMs, intervalMs, now, lookEveryMs, receivedAtMs, revision, isRebuilding
if isRebuilding == '0' and redis.call('EXISTS', complete) == 0 then return 'lost' end
local state = redis.call('HGET', group, 'state')
if kind == 'join' then
  if state ~= 'on' then
    redis.call('HINCRBY', group, 'episode', 1)
    redis.call('HSET', group, 'state', 'on', 'revision', 0, 'lastNotifiedMs', 0, 'lookedMs', 0, 'resolved', 0, 'acknowledged', 0,
      'changed', 0, 'rendered', 0)
    for _, key in ipairs({group, members, notified, unrecorded}) do redis.call('PERSIST', key) end
  end
  redis.call('HSET', group, 'group', description, 'receivedAtMs', receivedAtMs)
  redis.call('SADD', members, incidentId)
elseif state ~= 'on' or redis.call('SISMEMBER', members, incidentId) == 0 then
  return 'unchanged'
end
redis.call('HINCRBY', group, 'version', 1)
if kind == 'touch' and tonumber(revision) > tonumber(redis.call('HGET', group, 'changed') or 0) then
  redis.call('HSET', group, 'changed', revision)
end
local due = tonumber(firstDueMs)
if tonumber(redis.call('HGET', group, 'revision')) > 0 then
  if kind == 'join' then
    due = math.max(tonumber(now), tonumber(redis.call('HGET', group, 'lastNotifiedMs')) + tonumber(intervalMs))
  else
    due = math.max(tonumber(now), tonumber(redis.call('HGET', group, 'lookedMs')) + tonumber(lookEveryMs))
  end
end
local before = redis.call('ZSCORE', timers, id)
if not before or tonumber(before) > due then redis.call('ZADD', timers, due, id) end
return 'done'
