-- Takes one of the messages of the period under way: 0, or how long it lasts yet, in milliseconds,
-- when all are taken.
-- keys: count
-- args: max, periodMs
if tonumber(redis.call('GET', count) or '0') >= tonumber(max) then return math.max(1, redis.call('PTTL', count)) end
if redis.call('INCR', count) == 1 then redis.call('PEXPIRE', count, periodMs) end
return 0
