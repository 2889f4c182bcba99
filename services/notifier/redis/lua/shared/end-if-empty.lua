-- Ends a group without members. Its episode is kept, so that the next one has another number.
local function endIfEmpty()
  if redis.call('SCARD', members) > 0 then return false end
  redis.call('HSET', group, 'state', 'off')
  redis.call('PEXPIRE', group, keepMs)
  redis.call('PEXPIRE', notified, keepNotifiedMs)
  redis.call('PEXPIRE', unrecorded, keepNotifiedMs)
  redis.call('ZREM', timers, id)
  return true
end
local function schedule(due)
  if due == '' then redis.call('ZREM', timers, id) else redis.call('ZADD', timers, due, id) end
end
