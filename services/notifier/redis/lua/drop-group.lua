-- Removes a group that the configuration no longer has.
-- keys: group, members, notified, unrecorded, timers
-- args: id, keepMs
redis.call('DEL', members, notified, unrecorded)
if redis.call('EXISTS', group) == 1 then
  redis.call('HSET', group, 'state', 'off')
  redis.call('HDEL', group, 'pending')
  redis.call('PEXPIRE', group, keepMs)
end
redis.call('ZREM', timers, id)
return 'done'
