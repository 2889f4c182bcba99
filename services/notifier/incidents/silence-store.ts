// Silences in Redis: changed one revision at a time, each command once; read whenever something is about to be sent.
import type { Silence } from '../../../shared/contracts/incident.ts';
import { type ActiveSilence, MAX_SILENCE_MS, readSilence } from '../policy/silence.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { assertVerified, StateLost } from '../redis/state-lost.ts';

/** What became of a change: `repeated`, the command was done before; `conflict`, somebody else changed the silence meanwhile. */
export type SilenceChange = 'done' | 'repeated' | 'conflict';

/** The silences. Calls may throw Unavailable, `find` and `put` also StateLost. */
export interface SilenceStore {
  /** All that have not ended, ready to match. */
  current(): Promise<readonly ActiveSilence[]>;
  /** One, and the command its last revision comes from. */
  find(id: string): Promise<StoredSilence | undefined>;
  /** Writes a revision, which follows the one that is there. */
  put(stored: StoredSilence, nowMs: number): Promise<SilenceChange>;
  /** Takes what Kafka knows unless a later revision is there. */
  restore(stored: StoredSilence, nowMs: number): Promise<void>;
  /** Forgets those that ended long ago. */
  prune(nowMs: number): Promise<void>;
}

/** A silence and the command that made it what it is. */
export interface StoredSilence {
  readonly silence: Silence;
  readonly commandId: string;
}

/** Keys: silences, version, commands, complete. Arguments: id, revision before, text, command, now, time commands are kept. */
const PUT = `
if redis.call('EXISTS', KEYS[4]) == 0 then return 'lost' end
if redis.call('ZSCORE', KEYS[3], ARGV[4]) then return 'repeated' end
local found = redis.call('HGET', KEYS[1], ARGV[1])
local revision = 0
if found then revision = cjson.decode(found).silence.revision end
if revision ~= tonumber(ARGV[2]) then return 'conflict' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('INCR', KEYS[2])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', tonumber(ARGV[5]) - tonumber(ARGV[6]))
return 'done'`;

/** The same, while Redis is being rebuilt too; revision before is the new one. */
const RESTORE = `
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[4])
local found = redis.call('HGET', KEYS[1], ARGV[1])
if found and cjson.decode(found).silence.revision >= tonumber(ARGV[2]) then return 'repeated' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('INCR', KEYS[2])
return 'done'`;

const KEEP_ENDED_MS = 5 * 24 * 60 * 60 * 1000;

const lost = (): StateLost => new StateLost('Redis lost the silences.');

/** The store on a connection. */
export function createSilenceStore(client: RedisClient, keys: Keys): SilenceStore {
  let known: { readonly version: string | null; readonly silences: readonly ActiveSilence[] } | undefined;
  const names = [keys.silences, keys.silencesVersion, keys.silenceCommands, keys.complete];
  const run = async (script: string, { silence, commandId }: StoredSilence, revision: number, nowMs: number) => {
    const text = JSON.stringify({ silence, commandId });
    const args = [silence.id, revision, text, commandId, nowMs, MAX_SILENCE_MS];
    const answer = await client.run(async (redis) => await redis.eval(script, names.length, ...names, ...args));
    if (answer === 'lost') throw lost();
    return answer as SilenceChange;
  };
  return {
    current: async () => {
      const version = await client.run(async (redis) => await redis.get(keys.silencesVersion));
      if (known !== undefined && known.version === version) return known.silences;
      const texts = await client.run(async (redis) => await redis.hvals(keys.silences));
      const silences = texts.flatMap((text) => readSilence((JSON.parse(text) as StoredSilence).silence) ?? []);
      known = { version, silences };
      return silences;
    },
    find: async (id) => {
      assertVerified(client);
      const [complete, text] = await pipeline(client, (commands) => {
        commands.exists(keys.complete);
        commands.hget(keys.silences, id);
      });
      if (complete === 0) throw lost();
      return typeof text === 'string' ? (JSON.parse(text) as StoredSilence) : undefined;
    },
    put: async (stored, nowMs) => {
      assertVerified(client);
      return await run(PUT, stored, stored.silence.revision - 1, nowMs);
    },
    restore: async (stored, nowMs) => {
      await run(RESTORE, stored, stored.silence.revision, nowMs);
    },
    prune: async (nowMs) => {
      const texts = await client.run(async (redis) => await redis.hvals(keys.silences));
      const ended = texts
        .map((text) => (JSON.parse(text) as StoredSilence).silence)
        .filter(({ endsAtMs }) => endsAtMs < nowMs - KEEP_ENDED_MS);
      if (ended.length === 0) return;
      await pipeline(client, (commands) => {
        commands.hdel(keys.silences, ...ended.map(({ id }) => id));
        commands.incr(keys.silencesVersion);
      });
    },
  };
}
