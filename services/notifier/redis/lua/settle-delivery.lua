-- Ends a claim. Nothing when it was lost meanwhile. `note` is empty for a message that notified of
-- nothing, else `=` and the note's id.
-- keys: record
-- args: token, state, revision, text, now, note
if redis.call('HGET', record, 'token') ~= token then return 'lost_claim' end
redis.call('HSET', record, 'state', state, 'detail', text, 'at', now)
redis.call('HDEL', record, 'token', 'lease')
if state == 'sent' then
  redis.call('HSET', record, 'sentRevision', revision, 'reference', text, 'sentAt', now)
  if note ~= '' then redis.call('HSET', record, 'sentNote', note) end
  redis.call('HDEL', record, 'suppressedBy')
else
  redis.call('HSET', record, 'revision', revision)
  if state == 'suppressed' then redis.call('HSET', record, 'suppressedBy', text) end
end
return 'done'
