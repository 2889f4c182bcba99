-- Records, while Redis is rebuilt, the last revision that Kafka knows was sent, 0 for none. With
-- `isWanted` 1 the record does not expire, and one that nothing is known of is in doubt; so is one
-- that an earlier rebuild marked and could not queue. Answers whether it is, and the last revision
-- sent.
-- keys: record
-- args: revision, sentRevision, reference, sentAt, isWanted, keepMs
local found = redis.call('HMGET', record, 'state', 'sentRevision')
local last = tonumber(found[2] or '0')
if tonumber(sentRevision) > last then
  last = tonumber(sentRevision)
  redis.call('HSET', record, 'state', 'sent', 'sentRevision', sentRevision, 'sentAt', sentAt)
  if reference ~= '' then redis.call('HSET', record, 'reference', reference) end
  redis.call('PEXPIRE', record, keepMs)
end
if isWanted == '0' then return {0, last} end
redis.call('PERSIST', record)
if last > 0 or (found[1] and found[1] ~= 'unknown') then return {0, last} end
if not found[1] then redis.call('HSET', record, 'state', 'unknown', 'revision', revision) end
return {1, 0}
