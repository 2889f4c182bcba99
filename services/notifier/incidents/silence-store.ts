// Silences in Redis: changed one revision at a time, each command once; read whenever something is
// about to be sent.
import type { Silence } from '../../../shared/contracts/incident.ts';
import { type ActiveSilence, MAX_SILENCE_MS, readSilence } from '../policy/silence.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScript, runScripts } from '../redis/scripts.ts';
import { assertVerified, StateLost } from '../redis/state-lost.ts';

/**
 * The outcome of a change: `repeated`, the command was done before; `conflict`, somebody else
 * changed the silence meanwhile.
 */
export type SilenceChange = 'done' | 'repeated' | 'conflict';

/** The silences. Calls may throw Unavailable, `find` and `put` also StateLost. */
export interface SilenceStore {
  /** All that have not ended, ready to match. */
  current(): Promise<readonly ActiveSilence[]>;
  /** One, and the command its last revision comes from. */
  find(id: string): Promise<StoredSilence | undefined>;
  /** Writes a revision, which follows the one that is there. */
  put(stored: StoredSilence, nowMs: number): Promise<SilenceChange>;
  /** Restores silences from Kafka unless later revisions are there. */
  restore(stored: readonly StoredSilence[], nowMs: number): Promise<void>;
  /** Removes those that ended long ago. */
  prune(nowMs: number): Promise<void>;
}

/** A silence and the command of its last revision. */
export interface StoredSilence {
  readonly silence: Silence;
  readonly commandId: string;
}

const PUT = defineScript('put-silence', {
  keys: ['complete', 'silences', 'version', 'commands'],
  args: ['id', 'before', 'text', 'commandId', 'now', 'keepCommandsMs'],
});
const RESTORE = defineScript('restore-silence', {
  keys: ['silences', 'version', 'commands'],
  args: ['id', 'revision', 'text', 'commandId', 'now'],
});

const KEEP_ENDED_MS = 5 * 24 * 60 * 60 * 1000;

/** Whether a silence ended so long ago that it may be removed. */
export function isEndedLongAgo({ endsAtMs }: Pick<Silence, 'endsAtMs'>, nowMs: number): boolean {
  return endsAtMs < nowMs - KEEP_ENDED_MS;
}

const lost = (): StateLost => new StateLost('Redis lost the silences.');

/** The store on a connection. */
export function createSilenceStore(client: RedisClient, keys: Keys): SilenceStore {
  let known: { readonly version: string | null; readonly silences: readonly ActiveSilence[] } | undefined;
  const { complete, silences, silencesVersion: version, silenceCommands: commands } = keys;
  const common = ({ silence, commandId }: StoredSilence, now: number) => {
    const text = JSON.stringify({ silence, commandId });
    return { silences, version, commands, id: silence.id, text, commandId, now };
  };
  return {
    current: async () => {
      const latest = await client.run(async (redis) => await redis.get(keys.silencesVersion));
      if (known !== undefined && known.version === latest) return known.silences;
      const texts = await client.run(async (redis) => await redis.hvals(keys.silences));
      const read = texts.flatMap((text) => readSilence((JSON.parse(text) as StoredSilence).silence) ?? []);
      known = { version: latest, silences: read };
      return read;
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
      const before = stored.silence.revision - 1;
      const call = { ...common(stored, nowMs), complete, before, keepCommandsMs: MAX_SILENCE_MS };
      return (await runScript(client, PUT, call)) as SilenceChange;
    },
    restore: async (stored, nowMs) => {
      const calls = stored.map((each) => ({ ...common(each, nowMs), revision: each.silence.revision }));
      await runScripts(client, RESTORE, calls);
    },
    prune: async (nowMs) => {
      const texts = await client.run(async (redis) => await redis.hvals(keys.silences));
      const ended = texts
        .map((text) => (JSON.parse(text) as StoredSilence).silence)
        .filter((silence) => isEndedLongAgo(silence, nowMs));
      if (ended.length === 0) return;
      await pipeline(client, (commands) => {
        commands.hdel(keys.silences, ...ended.map(({ id }) => id));
        commands.incr(keys.silencesVersion);
      });
    },
  };
}
