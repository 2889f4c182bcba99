-- Writes a new marker of completeness if the one that was seen is still there.
-- keys: complete
-- args: seen, marker
if redis.call('GET', complete) ~= seen then return 'changed' end
redis.call('SET', complete, marker)
return 'done'
