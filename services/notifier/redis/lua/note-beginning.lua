-- Counts an incident that begins, once, and answers 1 while there is a storm of its rule. One
-- sender has at most `maxOfSender` in the rule's count: its flood is a storm of its own.
-- keys: begunBySender, stormOfSender, begun, storm
-- args: id, now, windowMs, max, lastsMs, maxOfSender
local function note(key, stormKey)
  redis.call('ZADD', key, now, id)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', tonumber(now) - tonumber(windowMs))
  redis.call('ZREMRANGEBYRANK', key, 0, -2 - tonumber(max))
  redis.call('PEXPIRE', key, windowMs)
  local count = redis.call('ZCARD', key)
  if count > tonumber(max) then redis.call('SET', stormKey, '1', 'PX', lastsMs) end
  return count
end
if note(begunBySender, stormOfSender) <= tonumber(maxOfSender) then note(begun, storm) end
return math.min(1, redis.call('EXISTS', stormOfSender, storm))
