-- Enters the state and the due time ('' for none) of an incident into the counts, the timers and
-- the sets of what is not resolved.
local function indexIncident()
  local before = redis.call('HGET', incident, 'state')
  if before ~= state then
    if before then redis.call('HINCRBY', states, before, -1) end
    redis.call('HINCRBY', states, state, 1)
  end
  if due == '' then redis.call('ZREM', timers, id) else redis.call('ZADD', timers, due, id) end
  if state == 'resolved' then
    redis.call('SREM', active, id)
    redis.call('SREM', host, id)
  else
    redis.call('SADD', active, id)
    redis.call('SADD', host, id)
  end
end
