// The delivery ledger: who may send, and what came of it, for each incident, episode and receiver. The queue may run a job twice; the ledger does not let it send twice.
import { randomUUID } from 'node:crypto';
import type { Keys } from '../incidents/keys.ts';
import { StateLost } from '../incidents/store.ts';
import type { RedisClient } from '../redis.ts';
import type { Delivery } from './plan.ts';

/**
 * The answer to a claim. `claimed`: send it. `sent`: this revision or a later one was sent. `busy`: somebody else is sending; ask again after `waitMs`.
 */
export type Claim =
  | Claimed
  | { readonly kind: 'sent'; readonly revision: number; readonly reference: string; readonly atMs: number }
  | { readonly kind: 'busy'; readonly waitMs: number };

/** The right to send. */
export interface Claimed {
  readonly kind: 'claimed';
  readonly token: string;
  /** Nothing of the episode was sent before. */
  readonly isFirst: boolean;
  /** Of the last message of the episode, 0 before the first, and the last note that it could tell of: empty when there was none, missing when nobody knows. */
  readonly sentRevision: number;
  readonly sentNoteId?: string;
  /** The revision of an earlier try that may have arrived, so that it has to be looked for first. */
  readonly uncertainRevision?: number;
  /** What the receiver gave for the last message of the episode. */
  readonly previousReference?: string;
  /** What holds the episode back since nothing of it was sent. */
  readonly heldBy?: string;
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
      /** What was told up to, when it is not the delivery's own revision: an edit without a word tells nothing. */
      readonly revision?: number;
      /** The last note that it could tell of, empty for none; missing when it tells nothing. */
      readonly noteId?: string;
    }
  | {
      readonly kind: 'failed' | 'unknown' | 'open' | 'held';
      readonly detail: string;
      readonly atMs: number;
      readonly revision?: number;
    };

/** The ledger. Calls may throw Unavailable, `claim` also StateLost. */
export interface Ledger {
  claim(delivery: Delivery, options: { readonly nowMs: number; readonly leaseMs: number }): Promise<Claim>;
  /** False when the claim was lost meanwhile: another may have sent too, or Redis forgot. */
  settle(delivery: Delivery, token: string, settlement: Settlement): Promise<boolean>;
  /** Takes over what Kafka knows was sent, after Redis was lost. */
  restoreSent(delivery: Delivery, reference: string, atMs: number): Promise<void>;
  /** Marks a delivery of an episode that is on and of which nothing is known, so that it is looked for before it is sent. False, and no change, when something is known. */
  restoreUnknown(delivery: Delivery): Promise<boolean>;
  /** Whether the receiver was told of the episode, and not of this revision yet. */
  isBehind(delivery: Pick<Delivery, 'incidentId' | 'episode' | 'receiver' | 'revision'>): Promise<boolean>;
  /** The last revision of the episode that the receiver took; 0 for none. */
  sentRevision(delivery: Pick<Delivery, 'incidentId' | 'episode' | 'receiver'>): Promise<number>;
}

/** After the end of an episode: until then what was told of it is known however long it lasts. */
const KEEP_MS = 90 * 24 * 60 * 60 * 1000;

const CLAIM = `
if redis.call('EXISTS', KEYS[1]) == 0 then return {'lost'} end
local found = redis.call('HMGET', KEYS[2], 'state', 'lease', 'sentRevision', 'reference', 'sentAt', 'revision', 'held', 'sentNote')
local sent = tonumber(found[3] or '0')
if ARGV[5] == 'resolved' then redis.call('PEXPIRE', KEYS[2], ${KEEP_MS}) end
if sent >= tonumber(ARGV[1]) then return {'sent', found[3], found[4] or '', found[5] or '0'} end
local lease = tonumber(found[2] or '0')
if found[1] == 'claimed' and lease > tonumber(ARGV[3]) then return {'busy', tostring(lease - tonumber(ARGV[3]))} end
redis.call('HSET', KEYS[2], 'state', 'claimed', 'revision', ARGV[1], 'token', ARGV[2], 'lease', tonumber(ARGV[3]) + tonumber(ARGV[4]))
if ARGV[5] == 'resolved' then redis.call('PEXPIRE', KEYS[2], ${KEEP_MS}) else redis.call('PERSIST', KEYS[2]) end
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
  redis.call('HDEL', KEYS[1], 'held')
else
  redis.call('HSET', KEYS[1], 'revision', ARGV[3])
  if ARGV[2] == 'held' then redis.call('HSET', KEYS[1], 'held', ARGV[4]) end
end
return 1`;

const RESTORE_SENT = `
if tonumber(redis.call('HGET', KEYS[1], 'sentRevision') or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'state', 'sent', 'sentRevision', ARGV[1], 'reference', ARGV[2], 'sentAt', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ${KEEP_MS})
return 1`;

const RESTORE_UNKNOWN = `
redis.call('PERSIST', KEYS[1])
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'unknown', 'revision', ARGV[1])
return 1`;

/** The ledger on a connection. */
export function createLedger(client: RedisClient, keys: Keys): Ledger {
  const keyOf = ({ incidentId, episode, receiver }: Pick<Delivery, 'incidentId' | 'episode' | 'receiver'>): string =>
    keys.delivery(incidentId, episode, receiver);
  const run = async (script: string, names: readonly string[], args: readonly (string | number)[]): Promise<unknown> =>
    await client.run(async (redis) => await redis.eval(script, names.length, ...names, ...args));
  const sentRevision: Ledger['sentRevision'] = async (delivery) =>
    Number((await client.run(async (redis) => await redis.hget(keyOf(delivery), 'sentRevision'))) ?? 0);
  return {
    claim: async (delivery, { nowMs, leaseMs }) => {
      const token = randomUUID();
      const names = [keys.complete, keyOf(delivery)];
      const args = [delivery.revision, token, nowMs, leaseMs, delivery.reason];
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
    restoreSent: async (delivery, reference, atMs) => {
      await run(RESTORE_SENT, [keyOf(delivery)], [delivery.revision, reference, atMs]);
    },
    isBehind: async (delivery) => {
      const sent = await sentRevision(delivery);
      return sent > 0 && sent < delivery.revision;
    },
    sentRevision,
    restoreUnknown: async (delivery) => (await run(RESTORE_UNKNOWN, [keyOf(delivery)], [delivery.revision])) === 1,
  };
}

function claimOf([word, ...facts]: readonly string[], token: string): Claim {
  const [first = '', second = '', third = ''] = facts;
  if (word === 'lost') throw new StateLost('Redis lost the deliveries.');
  if (word === 'busy') return { kind: 'busy', waitMs: Number(first) };
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
    ...(uncertain === '' ? {} : { uncertainRevision: Number(uncertain) }),
    ...(reference === '' ? {} : { previousReference: reference }),
    ...(held === '' ? {} : { heldBy: held }),
  } as const;
}
