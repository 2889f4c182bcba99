-- Records, while Redis is rebuilt, that a revision was sent, or that it is unknown whether it was.
-- An unknown one is marked again that an earlier rebuild marked and could not queue.
-- keys: record
-- args: state, revision, reference, sentAt, keepMs
local found = redis.call('HMGET', record, 'state', 'sentRevision')
if state == 'sent' then
  if tonumber(found[2] or '0') >= tonumber(revision) then return 'kept' end
  redis.call('HSET', record, 'state', 'sent', 'sentRevision', revision, 'reference', reference, 'sentAt', sentAt)
  redis.call('PEXPIRE', record, keepMs)
  return 'done'
end
redis.call('PERSIST', record)
if found[1] == 'unknown' and not found[2] then return 'done' end
if redis.call('EXISTS', record) == 1 then return 'kept' end
redis.call('HSET', record, 'state', 'unknown', 'revision', revision)
return 'done'
