-- Gives the right to send a revision to one process at a time; the record of an ended episode
-- expires.
-- keys: complete, record
-- args: revision, token, leaseMs, reason, keepMs
-- include: redis-time
if redis.call('EXISTS', complete) == 0 then return 'lost' end
local found = redis.call('HMGET', record, 'state', 'lease', 'sentRevision', 'reference', 'sentAt', 'revision', 'suppressedBy', 'sentNote')
local isEnd = reason == 'resolved'
if isEnd then redis.call('PEXPIRE', record, keepMs) end
if tonumber(found[3] or '0') >= tonumber(revision) then return {'sent', found[3], found[4] or '', found[5] or '0'} end
local lease = tonumber(found[2] or '0')
if found[1] == 'claimed' and lease > now then return {'in_progress', tostring(lease - now)} end
redis.call('HSET', record, 'state', 'claimed', 'revision', revision, 'token', token, 'lease', now + tonumber(leaseMs))
if isEnd then redis.call('PEXPIRE', record, keepMs) else redis.call('PERSIST', record) end
local unconfirmed = ''
if found[1] == 'claimed' or found[1] == 'unknown' then unconfirmed = found[6] or revision end
return {'claimed', unconfirmed, found[4] or '', found[7] or '', found[3] or '0', found[8] or ''}
