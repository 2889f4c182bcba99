-- What the last message was to say was suppressed in the end: these incidents, or with `isEdit` 1
-- the changes that it was to show, are due again.
-- keys: complete, group, notified, unrecorded, timers
-- args: id, due, isEdit, incidentIds[]
if redis.call('EXISTS', complete) == 0 then return 'lost' end
if isEdit == '1' then redis.call('HSET', group, 'rendered', 0) end
for _, incidentId in ipairs(incidentIds) do
  redis.call('HDEL', notified, incidentId)
  redis.call('SREM', unrecorded, incidentId)
end
redis.call('HINCRBY', group, 'version', 1)
redis.call('ZADD', timers, due, id)
return 'done'
