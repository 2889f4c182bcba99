-- Answers 1 when a sender may begin an incident, and counts it; asked again, the answer is the
-- same.
-- keys: begun, begunOfRule
-- args: id, now, keepMs, maxOfRule, max
if not redis.call('ZSCORE', begun, id) then
  for _, key in ipairs({begun, begunOfRule}) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', tonumber(now) - tonumber(keepMs))
  end
  if redis.call('ZCARD', begun) >= tonumber(max) or redis.call('ZCARD', begunOfRule) >= tonumber(maxOfRule) then return 0 end
end
for _, key in ipairs({begun, begunOfRule}) do
  redis.call('ZADD', key, now, id)
  redis.call('PEXPIRE', key, keepMs)
end
return 1
