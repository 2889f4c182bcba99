-- Writes an incident as Kafka has it, unless a later revision is there.
-- keys: incident, states, timers, active, host, seen
-- args: revision, state, snapshot, brief, id, due, now, keepEventsMs, eventIds[]
-- include: index-incident
if tonumber(redis.call('HGET', incident, 'revision') or '0') >= tonumber(revision) then return 'kept' end
indexIncident()
redis.call('HSET', incident, 'revision', revision, 'state', state, 'snapshot', snapshot, 'brief', brief)
for _, eventId in ipairs(eventIds) do redis.call('ZADD', seen, now, eventId) end
redis.call('PEXPIRE', seen, keepEventsMs)
return 'done'
