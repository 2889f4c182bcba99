-- Sets the timer of an incident. One that has changed meanwhile has set its timer itself.
-- keys: incident, timers
-- args: revision, id, due
if (redis.call('HGET', incident, 'revision') or '0') ~= revision then return 'changed' end
if due == '' then redis.call('ZREM', timers, id) else redis.call('ZADD', timers, due, id) end
return 'done'
