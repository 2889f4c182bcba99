// What Redis does in one piece with an incident, so that no crash and no other process comes in between.
import type { RedisClient } from '../redis/client.ts';

/** The answers of `foghornCommit` beside 1 (done). */
export const CONFLICT = 0;
/** The marker of completeness is gone. */
export const LOST = -1;

/** The scripts as commands of a connection or a pipeline; keys and arguments as in the texts below. */
export interface IncidentScripts {
  foghornCommit(...args: readonly (string | number)[]): unknown;
  foghornRestore(...args: readonly (string | number)[]): unknown;
  foghornRearm(...args: readonly (string | number)[]): unknown;
}

/** `state`, `due` ('' for none) and `id` into the counts, the timers and the sets of what is on. */
const INDEX = `
local function index(key, states, timers, active, host, id, state, due)
  local before = redis.call('HGET', key, 'state')
  if before ~= state then
    if before then redis.call('HINCRBY', states, before, -1) end
    redis.call('HINCRBY', states, state, 1)
  end
  if due == '' then redis.call('ZREM', timers, id) else redis.call('ZADD', timers, due, id) end
  if state == 'resolved' then
    redis.call('SREM', active, id)
    redis.call('SREM', host, id)
  else
    redis.call('SADD', active, id)
    redis.call('SADD', host, id)
  end
end`;

/**
 * Keys: complete, incident, states, timers, active, host, seen, outbox. Arguments: revision before, revision, state, snapshot, id, due,
 * now, events kept, time they are kept, number of event ids, brief, the ids, then fields and values for the outbox.
 */
const COMMIT = `${INDEX}
if redis.call('EXISTS', KEYS[1]) == 0 then return ${LOST} end
local revision = redis.call('HGET', KEYS[2], 'revision') or '0'
if revision ~= ARGV[1] then return ${CONFLICT} end
local events = tonumber(ARGV[10])
for i = 1, events do
  if redis.call('ZSCORE', KEYS[7], ARGV[11 + i]) then return ${CONFLICT} end
end
index(KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], ARGV[5], ARGV[3], ARGV[6])
redis.call('HSET', KEYS[2], 'revision', ARGV[2], 'state', ARGV[3], 'snapshot', ARGV[4], 'brief', ARGV[11])
for i = 1, events do redis.call('ZADD', KEYS[7], ARGV[7], ARGV[11 + i]) end
redis.call('ZREMRANGEBYRANK', KEYS[7], 0, -1 - tonumber(ARGV[8]))
redis.call('ZREMRANGEBYSCORE', KEYS[7], '-inf', tonumber(ARGV[7]) - tonumber(ARGV[9]))
redis.call('PEXPIRE', KEYS[7], ARGV[9])
for i = 12 + events, #ARGV, 2 do redis.call('HSET', KEYS[8], ARGV[i], ARGV[i + 1]) end
return 1`;

/** Keys as above without the outbox. Arguments: revision, state, snapshot, id, due, now, time event ids are kept, brief, the ids. */
const RESTORE = `${INDEX}
local revision = tonumber(redis.call('HGET', KEYS[2], 'revision') or '0')
if revision >= tonumber(ARGV[1]) then return 0 end
index(KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], ARGV[4], ARGV[2], ARGV[5])
redis.call('HSET', KEYS[2], 'revision', ARGV[1], 'state', ARGV[2], 'snapshot', ARGV[3], 'brief', ARGV[8])
for i = 9, #ARGV do redis.call('ZADD', KEYS[7], ARGV[6], ARGV[i]) end
redis.call('PEXPIRE', KEYS[7], ARGV[7])
return 1`;

/** Keys: incident, timers. Arguments: revision, id, due. Nothing when the incident has changed: that has set its timer. */
const REARM = `
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('ZREM', KEYS[2], ARGV[2]) else redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2]) end
return 1`;

/** Makes the scripts commands of the connection. */
export function defineIncidentScripts(redis: RedisClient['redis']): void {
  redis.defineCommand('foghornCommit', { numberOfKeys: 8, lua: COMMIT });
  redis.defineCommand('foghornRestore', { numberOfKeys: 7, lua: RESTORE });
  redis.defineCommand('foghornRearm', { numberOfKeys: 2, lua: REARM });
}
