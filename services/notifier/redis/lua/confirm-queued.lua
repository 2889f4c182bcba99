-- Records that the message is in the queue: the group is due next at `due` ('' for not before it
-- changes), or at `changedDueMs` when it changed since the message was written.
-- keys: complete, group, members, notified, unrecorded, timers
-- args: id, pending, due, changedDueMs, keepMs, keepNotifiedMs
-- include: end-if-empty
if redis.call('EXISTS', complete) == 0 then return 'lost' end
if redis.call('HGET', group, 'pending') ~= pending then return 'changed' end
redis.call('HDEL', group, 'pending')
if redis.call('HGET', group, 'version') ~= redis.call('HGET', group, 'pendingVersion') then schedule(changedDueMs)
elseif not endIfEmpty() then schedule(due) end
return 'done'
