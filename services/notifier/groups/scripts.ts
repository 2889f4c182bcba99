// What Redis does in one piece with a group. Keys of all: complete, group, members, told, owed, timers. First argument of all: the group's id.

/** How long the episode of a group that is over is known: longer than the ledger remembers its messages. */
const KEEP_MS = 91 * 24 * 60 * 60 * 1000;
const KEEP_TOLD_MS = 24 * 60 * 60 * 1000;

const GUARD = `
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end`;

/** `pairs` or items at a place of the arguments: gives the place behind them. */
const LISTS = `
local function each(at, step, work)
  local count = tonumber(ARGV[at])
  for i = at + 1, at + count, step do work(ARGV[i], ARGV[i + 1]) end
  return at + count + 1
end`;

/** A group without members is over: its episode is kept, so that the next one has another number. */
const END = `
local function endIfEmpty()
  if redis.call('SCARD', KEYS[3]) > 0 then return false end
  redis.call('HSET', KEYS[2], 'state', 'off')
  redis.call('PEXPIRE', KEYS[2], ${KEEP_MS})
  redis.call('PEXPIRE', KEYS[4], ${KEEP_TOLD_MS})
  redis.call('PEXPIRE', KEYS[5], ${KEEP_TOLD_MS})
  redis.call('ZREM', KEYS[6], ARGV[1])
  return true
end`;

/** Arguments: kind, incident, group, first due, interval, now, time between looks, received, the incident's revision. A leave or a touch of a group that is not on changes nothing. */
export const REJOIN = `
local state = redis.call('HGET', KEYS[2], 'state')
if ARGV[2] == 'join' then
  if state ~= 'on' then
    redis.call('HINCRBY', KEYS[2], 'episode', 1)
    redis.call('HSET', KEYS[2], 'state', 'on', 'revision', 0, 'lastNotifiedMs', 0, 'lookedMs', 0, 'resolved', 0, 'acknowledged', 0,
      'touched', 0, 'shown', 0)
    for i = 2, 5 do redis.call('PERSIST', KEYS[i]) end
  end
  redis.call('HSET', KEYS[2], 'group', ARGV[4], 'receivedAtMs', ARGV[9])
  redis.call('SADD', KEYS[3], ARGV[3])
elseif state ~= 'on' or redis.call('SISMEMBER', KEYS[3], ARGV[3]) == 0 then
  return 0
end
redis.call('HINCRBY', KEYS[2], 'version', 1)
if ARGV[2] == 'touch' and tonumber(ARGV[10]) > tonumber(redis.call('HGET', KEYS[2], 'touched') or 0) then
  redis.call('HSET', KEYS[2], 'touched', ARGV[10])
end
local due = tonumber(ARGV[5])
if tonumber(redis.call('HGET', KEYS[2], 'revision')) > 0 then
  local now = tonumber(ARGV[7])
  if ARGV[2] == 'join' then
    due = math.max(now, tonumber(redis.call('HGET', KEYS[2], 'lastNotifiedMs')) + tonumber(ARGV[6]))
  else
    due = math.max(now, tonumber(redis.call('HGET', KEYS[2], 'lookedMs')) + tonumber(ARGV[8]))
  end
end
local before = redis.call('ZSCORE', KEYS[6], ARGV[1])
if not before or tonumber(before) > due then redis.call('ZADD', KEYS[6], due, ARGV[1]) end
return 1`;

/** The same, and refuses when Redis is not complete. */
export const CHANGE = `${GUARD}${REJOIN}`;

/** Arguments: version, revision, pending, now, due while pending, counts (resolved, acknowledged), incident that stands for it, last told, marks, owed, gone, marks to forget. */
export const STAGE_MESSAGE = `${GUARD}${LISTS}
if redis.call('HGET', KEYS[2], 'version') ~= ARGV[2] or redis.call('HEXISTS', KEYS[2], 'pending') == 1 then return 0 end
redis.call('HSET', KEYS[2], 'revision', ARGV[3], 'pending', ARGV[4], 'lastNotifiedMs', ARGV[10], 'lookedMs', ARGV[5],
  'resolved', ARGV[7], 'acknowledged', ARGV[8], 'lastIncidentId', ARGV[9], 'shown', redis.call('HGET', KEYS[2], 'touched') or 0)
redis.call('HSET', KEYS[2], 'pendingVersion', redis.call('HINCRBY', KEYS[2], 'version', 1))
redis.call('ZADD', KEYS[6], ARGV[6], ARGV[1])
local at = each(11, 2, function(id, mark) redis.call('HSET', KEYS[4], id, mark) end)
at = each(at, 1, function(id) redis.call('SADD', KEYS[5], id) end)
at = each(at, 1, function(id) redis.call('SREM', KEYS[3], id) end)
each(at, 1, function(id) redis.call('HDEL', KEYS[4], id) end)
return 1`;

/** Arguments: pending, due, due should it have changed since the message was written. */
export const CONFIRM_QUEUED = `${GUARD}${END}
if redis.call('HGET', KEYS[2], 'pending') ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], 'pending')
if redis.call('HGET', KEYS[2], 'version') ~= redis.call('HGET', KEYS[2], 'pendingVersion') then
  redis.call('ZADD', KEYS[6], ARGV[4], ARGV[1])
elseif not endIfEmpty() then
  if ARGV[3] == '' then redis.call('ZREM', KEYS[6], ARGV[1]) else redis.call('ZADD', KEYS[6], ARGV[3], ARGV[1]) end
end
return 1`;

/** Arguments: version, due, now, marks, gone, marks to forget. */
export const SETTLE = `${GUARD}${LISTS}${END}
if redis.call('HGET', KEYS[2], 'version') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], 'lookedMs', ARGV[4])
local at = each(5, 2, function(id, mark) redis.call('HSET', KEYS[4], id, mark) end)
at = each(at, 1, function(id) redis.call('SREM', KEYS[3], id) end)
each(at, 1, function(id) redis.call('HDEL', KEYS[4], id) end)
if endIfEmpty() then return 1 end
if ARGV[3] == '' then redis.call('ZREM', KEYS[6], ARGV[1]) else redis.call('ZADD', KEYS[6], ARGV[3], ARGV[1]) end
return 1`;

/** Arguments: due, then incidents. */
export const REVERT_NOTIFIED = `${GUARD}
for i = 3, #ARGV do
  redis.call('HDEL', KEYS[4], ARGV[i])
  redis.call('SREM', KEYS[5], ARGV[i])
end
redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('ZADD', KEYS[6], ARGV[2], ARGV[1])
return 1`;

/** Argument: due. */
export const REQUIRE_RERENDER = `${GUARD}
redis.call('HSET', KEYS[2], 'shown', 0)
redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('ZADD', KEYS[6], ARGV[2], ARGV[1])
return 1`;

/** Arguments: episode, then incidents. The next episode owes entries of its own. */
export const MARK_RECORDED = `
if redis.call('HGET', KEYS[2], 'episode') ~= ARGV[2] then return 0 end
for i = 3, #ARGV do redis.call('SREM', KEYS[5], ARGV[i]) end
return 1`;

/** The configuration has no such group any more. */
export const DROP = `
redis.call('DEL', KEYS[3], KEYS[4], KEYS[5])
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[2], 'state', 'off')
  redis.call('HDEL', KEYS[2], 'pending')
  redis.call('PEXPIRE', KEYS[2], ${KEEP_MS})
end
redis.call('ZREM', KEYS[6], ARGV[1])
return 1`;

/** Arguments: group, episode, revision, last told, then incidents and what was told of them. What is there already counts more. */
export const RESTORE = `
if redis.call('HGET', KEYS[2], 'state') ~= 'on' then
  local state = 'on'
  if #ARGV < 6 then state = 'off' end
  if state == 'off' then redis.call('PEXPIRE', KEYS[2], ${KEEP_MS}) end
  local episode = math.max(tonumber(ARGV[3]), tonumber(redis.call('HGET', KEYS[2], 'episode') or '0') + 1)
  redis.call('HSET', KEYS[2], 'state', state, 'group', ARGV[2], 'episode', episode, 'revision', ARGV[4], 'lastNotifiedMs', ARGV[5],
    'lookedMs', 0, 'resolved', 0, 'acknowledged', 0, 'touched', 0, 'shown', 0, 'receivedAtMs', ARGV[5])
  redis.call('HINCRBY', KEYS[2], 'version', 1)
end
for i = 6, #ARGV, 2 do
  if redis.call('SADD', KEYS[3], ARGV[i]) == 1 then redis.call('HSETNX', KEYS[4], ARGV[i], ARGV[i + 1]) end
end
if #ARGV >= 6 then redis.call('ZADD', KEYS[6], 'NX', ARGV[5], ARGV[1]) end
return 1`;
