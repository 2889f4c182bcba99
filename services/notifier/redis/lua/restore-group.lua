-- Writes a group as its last message left it. Incident and mark in turn; without any the group is
-- over. What is there already is kept, unless Redis was set back to before that message: with
-- `isMessage` 1 Kafka has it.
-- keys: group, members, notified, timers
-- args: id, description, episode, revision, isMessage, lastNotifiedMs, keepMs, marks[]
local found = redis.call('HMGET', group, 'state', 'episode', 'revision')
local nextEpisode = math.max(tonumber(episode), tonumber(found[2] or '0') + 1)
if isMessage == '1' and found[1] == 'on' then
  local before = tonumber(found[2])
  if before < tonumber(episode) or (before == tonumber(episode) and tonumber(found[3]) < tonumber(revision)) then
    redis.call('DEL', members, notified)
    redis.call('HDEL', group, 'pending')
    found[1] = 'off'
    nextEpisode = tonumber(episode)
  end
end
if found[1] ~= 'on' then
  local state = 'on'
  if #marks == 0 then state = 'off' end
  redis.call('HSET', group, 'state', state, 'group', description, 'episode', nextEpisode, 'revision', revision, 'lastNotifiedMs', lastNotifiedMs,
    'lookedMs', 0, 'resolved', 0, 'acknowledged', 0, 'changed', 0, 'rendered', 0, 'receivedAtMs', lastNotifiedMs)
  redis.call('HINCRBY', group, 'version', 1)
  if state == 'off' then redis.call('PEXPIRE', group, keepMs) end
end
for index = 1, #marks, 2 do
  if redis.call('SADD', members, marks[index]) == 1 then redis.call('HSETNX', notified, marks[index], marks[index + 1]) end
end
if #marks > 0 then redis.call('ZADD', timers, 'LT', lastNotifiedMs, id) end
return 'done'
