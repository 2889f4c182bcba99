// The delivery ledger: who may send, and what came of it, for each incident, episode and receiver. The queue may run a job twice; the ledger does not let it send twice.
import { randomUUID } from 'node:crypto';
import type { Keys } from '../redis/keys.ts';
import { StateLost } from '../redis/state-lost.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';
import type { Delivery } from './plan.ts';

/**
 * The answer to a claim. `claimed`: send it. `sent`: this revision or a later one was sent. `busy`: somebody else is sending; ask again after `waitMs`.
 */
export type Claim =
  | Claimed
  | { readonly kind: 'sent'; readonly revision: number; readonly reference: string; readonly atMs: number }
  | { readonly kind: 'in_progress'; readonly waitMs: number };

/** The right to send. */
export interface Claimed {
  readonly kind: 'claimed';
  readonly token: string;
  /** Nothing of the episode was sent before. */
  readonly isFirst: boolean;
  /** The revision of the last message of the episode; 0 before the first. */
  readonly sentRevision: number;
  /** The last note that this message could include: empty when there was none, missing when that is unknown. */
  readonly sentNoteId?: string;
  /** The revision of an earlier try that may have arrived, so that it has to be looked for first. */
  readonly unconfirmedRevision?: number;
  /** What the receiver gave for the last message of the episode. */
  readonly previousReference?: string;
  /** What holds the episode back since nothing of it was sent. */
  readonly suppressedBy?: string;
}

/**
 * How a claim ends: `sent` for good, `failed` for good, `unknown` (look for it, or for `revision`, before the next try), `open` (nothing arrived, try
 * again), `held` (by policy; `detail` says by what).
 */
export type Settlement =
  | {
      readonly kind: 'sent';
      readonly reference: string;
      readonly atMs: number;
      /** The revision that was notified of, when it is not the delivery's own: a silent edit notifies of nothing. */
      readonly revision?: number;
      /** The last note that the message could include, empty for none; missing for a silent edit. */
      readonly noteId?: string;
    }
  | {
      readonly kind: 'failed' | 'unknown' | 'open' | 'suppressed';
      readonly detail: string;
      readonly atMs: number;
      readonly revision?: number;
    };

/** The ledger. Calls may throw Unavailable, `claim` also StateLost. */
export interface NotificationLog {
  /** The lease runs by the clock of Redis: those of two notifiers may differ. */
  claim(delivery: Delivery, options: { readonly leaseMs: number }): Promise<Claim>;
  /** False when the claim was lost meanwhile: another may have sent too, or Redis forgot. */
  settle(delivery: Delivery, token: string, settlement: Settlement): Promise<boolean>;
  /** Takes over what Kafka knows was sent, after Redis was lost. */
  restoreSent(sent: readonly KnownDelivery[]): Promise<void>;
  /** Marks those of whose episode nothing is known, so that each is looked for before it is sent. One answer each: false, and no change, when something is known. */
  restoreUnknown(deliveries: readonly Delivery[]): Promise<readonly boolean[]>;
  /** The last revision of each one's episode that its receiver was sent; 0 for none. */
  sentRevisions(deliveries: readonly LogKey[]): Promise<readonly number[]>;
}

/** What the ledger knows deliveries by. */
export type LogKey = Pick<Delivery, 'incidentId' | 'episode' | 'receiver'>;

/** What Kafka knows of a delivery that was sent. */
export interface KnownDelivery {
  readonly delivery: Delivery;
  readonly reference: string;
  readonly atMs: number;
}

/** After the end of an episode; until then its record does not expire. */
const KEEP_MS = 90 * 24 * 60 * 60 * 1000;

/** Keys: complete, delivery. Arguments: revision, token, lease in ms, reason. */
const CLAIM = `
if redis.call('EXISTS', KEYS[1]) == 0 then return {'lost'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = redis.call('HMGET', KEYS[2], 'state', 'lease', 'sentRevision', 'reference', 'sentAt', 'revision', 'suppressed', 'sentNote')
local sent = tonumber(found[3] or '0')
if ARGV[4] == 'resolved' then redis.call('PEXPIRE', KEYS[2], ${KEEP_MS}) end
if sent >= tonumber(ARGV[1]) then return {'sent', found[3], found[4] or '', found[5] or '0'} end
local lease = tonumber(found[2] or '0')
if found[1] == 'claimed' and lease > now then return {'busy', tostring(lease - now)} end
redis.call('HSET', KEYS[2], 'state', 'claimed', 'revision', ARGV[1], 'token', ARGV[2], 'lease', now + tonumber(ARGV[3]))
if ARGV[4] == 'resolved' then redis.call('PEXPIRE', KEYS[2], ${KEEP_MS}) else redis.call('PERSIST', KEYS[2]) end
local uncertain = ''
if found[1] == 'claimed' or found[1] == 'unknown' then uncertain = found[6] or ARGV[1] end
return {'claimed', uncertain, found[4] or '', found[7] or '', found[3] or '0', found[8] or ''}`;

const SETTLE = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'detail', ARGV[4], 'at', ARGV[5])
redis.call('HDEL', KEYS[1], 'token', 'lease')
if ARGV[2] == 'sent' then
  redis.call('HSET', KEYS[1], 'sentRevision', ARGV[3], 'reference', ARGV[4], 'sentAt', ARGV[5])
  if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'sentNote', ARGV[6]) end
  redis.call('HDEL', KEYS[1], 'suppressed')
else
  redis.call('HSET', KEYS[1], 'revision', ARGV[3])
  if ARGV[2] == 'suppressed' then redis.call('HSET', KEYS[1], 'suppressed', ARGV[4]) end
end
return 1`;

const RESTORE_SENT = `
if tonumber(redis.call('HGET', KEYS[1], 'sentRevision') or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'state', 'sent', 'sentRevision', ARGV[1], 'reference', ARGV[2], 'sentAt', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ${KEEP_MS})
return 1`;

/** What an earlier rebuild marked, and was ended before it could queue it, is marked again. */
const RESTORE_UNKNOWN = `
redis.call('PERSIST', KEYS[1])
local found = redis.call('HMGET', KEYS[1], 'state', 'sentRevision')
if found[1] == 'unknown' and not found[2] then return 1 end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'unknown', 'revision', ARGV[1])
return 1`;

/** The ledger on a connection. */
export function createNotificationLog(client: RedisClient, keys: Keys): NotificationLog {
  const keyOf = ({ incidentId, episode, receiver }: LogKey): string => keys.delivery(incidentId, episode, receiver);
  const run = async (script: string, names: readonly string[], args: readonly (string | number)[]): Promise<unknown> =>
    await client.run(async (redis) => await redis.eval(script, names.length, ...names, ...args));
  return {
    claim: async (delivery, { leaseMs }) => {
      const token = randomUUID();
      const names = [keys.complete, keyOf(delivery)];
      const args = [delivery.revision, token, leaseMs, delivery.reason];
      const answer = (await run(CLAIM, names, args)) as readonly string[];
      return claimOf(answer, token);
    },
    settle: async (delivery, token, settlement) => {
      const text = settlement.kind === 'sent' ? settlement.reference : settlement.detail;
      const revision = settlement.revision ?? delivery.revision;
      const noteId = settlement.kind === 'sent' && settlement.noteId !== undefined ? `=${settlement.noteId}` : '';
      const args = [token, settlement.kind, revision, text, settlement.atMs, noteId];
      return (await run(SETTLE, [keyOf(delivery)], args)) === 1;
    },
    restoreSent: async (sent) => {
      await pipeline(client, (commands) => {
        for (const { delivery, reference, atMs } of sent)
          commands.eval(RESTORE_SENT, 1, keyOf(delivery), delivery.revision, reference, atMs);
      });
    },
    restoreUnknown: async (deliveries) => {
      const answers = await pipeline(client, (commands) => {
        for (const delivery of deliveries) commands.eval(RESTORE_UNKNOWN, 1, keyOf(delivery), delivery.revision);
      });
      return answers.map((answer) => answer === 1);
    },
    sentRevisions: async (deliveries) => {
      const answers = await pipeline(client, (commands) => {
        for (const delivery of deliveries) commands.hget(keyOf(delivery), 'sentRevision');
      });
      return answers.map((answer) => Number(answer ?? 0));
    },
  };
}

function claimOf([word, ...facts]: readonly string[], token: string): Claim {
  const [first = '', second = '', third = ''] = facts;
  if (word === 'lost') throw new StateLost('Redis lost the deliveries.');
  if (word === 'busy') return { kind: 'in_progress', waitMs: Number(first) };
  if (word === 'sent') return { kind: 'sent', revision: Number(first), reference: second, atMs: Number(third) };
  return claimedOf(facts, token);
}

function claimedOf([uncertain = '', reference = '', held = '', sent, note = '']: readonly string[], token: string) {
  const sentRevision = Number(sent ?? 0);
  return {
    kind: 'claimed',
    token,
    isFirst: sentRevision === 0,
    sentRevision,
    ...(note === '' ? {} : { sentNoteId: note.slice(1) }),
    ...(uncertain === '' ? {} : { unconfirmedRevision: Number(uncertain) }),
    ...(reference === '' ? {} : { previousReference: reference }),
    ...(held === '' ? {} : { suppressedBy: held }),
  } as const;
}
