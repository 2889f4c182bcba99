-- Writes a group as its last message left it. Incident and mark in turn; without any the group is
-- over. What is there already is kept.
-- keys: group, members, notified, timers
-- args: id, description, episode, revision, lastNotifiedMs, keepMs, marks[]
if redis.call('HGET', group, 'state') ~= 'on' then
  local state = 'on'
  if #marks == 0 then state = 'off' end
  local nextEpisode = math.max(tonumber(episode), tonumber(redis.call('HGET', group, 'episode') or '0') + 1)
  redis.call('HSET', group, 'state', state, 'group', description, 'episode', nextEpisode, 'revision', revision, 'lastNotifiedMs', lastNotifiedMs,
    'lookedMs', 0, 'resolved', 0, 'acknowledged', 0, 'changed', 0, 'rendered', 0, 'receivedAtMs', lastNotifiedMs)
  redis.call('HINCRBY', group, 'version', 1)
  if state == 'off' then redis.call('PEXPIRE', group, keepMs) end
end
for index = 1, #marks, 2 do
  if redis.call('SADD', members, marks[index]) == 1 then redis.call('HSETNX', notified, marks[index], marks[index + 1]) end
end
if #marks > 0 then redis.call('ZADD', timers, 'NX', lastNotifiedMs, id) end
return 'done'
