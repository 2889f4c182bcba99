-- Writes the next revision of an incident, the events that it counts and the outbox entries, unless
-- somebody changed it or counted one of the events meanwhile.
-- keys: complete, incident, states, timers, active, host, seen, outbox
-- args: before, revision, state, snapshot, brief, id, due, now, maxEvents, keepEventsMs, eventIds[], entries[]
-- include: index-incident
if redis.call('EXISTS', complete) == 0 then return 'lost' end
if (redis.call('HGET', incident, 'revision') or '0') ~= before then return 'conflict' end
for _, eventId in ipairs(eventIds) do
  if redis.call('ZSCORE', seen, eventId) then return 'conflict' end
end
indexIncident()
redis.call('HSET', incident, 'revision', revision, 'state', state, 'snapshot', snapshot, 'brief', brief)
for _, eventId in ipairs(eventIds) do redis.call('ZADD', seen, now, eventId) end
-- Those of a batch that may come again are kept, however many it has.
redis.call('ZREMRANGEBYRANK', seen, 0, -1 - math.max(tonumber(maxEvents), #eventIds))
redis.call('ZREMRANGEBYSCORE', seen, '-inf', tonumber(now) - tonumber(keepEventsMs))
redis.call('PEXPIRE', seen, keepEventsMs)
-- Field, then entry.
for index = 1, #entries, 2 do redis.call('HSET', outbox, entries[index], entries[index + 1]) end
return 'done'
