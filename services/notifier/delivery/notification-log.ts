// The notification log: who may send, and what was sent, for each receiver, incident or group, and
// episode. The queue may run a job twice; the log does not let it send twice.
import { randomUUID } from 'node:crypto';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScript, runScripts } from '../redis/scripts.ts';
import type { RedisClient } from '../redis/client.ts';
import type { Delivery } from './plan.ts';

/** The answer to a claim; `in_progress`: somebody else is sending, ask again after `waitMs`. */
export type Claim = LogState | { readonly kind: 'in_progress'; readonly waitMs: number };

/**
 * What the log says of a delivery. `claimed`: send it. `sent`: this revision or a later one was
 * sent.
 */
export type LogState =
  | Claimed
  | { readonly kind: 'sent'; readonly revision: number; readonly reference: string; readonly atMs: number };

/** The right to send. */
export interface Claimed {
  readonly kind: 'claimed';
  readonly token: string;
  /** Nothing of the episode was sent before. */
  readonly isFirst: boolean;
  /** The revision of the last message of the episode; 0 before the first. */
  readonly sentRevision: number;
  /**
   * The last note that this message could include: empty when there was none, missing when that is
   * unknown.
   */
  readonly sentNoteId?: string;
  /**
   * The revision of an earlier attempt that may have arrived, so that it has to be reconciled
   * first.
   */
  readonly unconfirmedRevision?: number;
  /** The receiver's reference of the last message of the episode. */
  readonly previousReference?: string;
  /** The suppression of the episode, if nothing of it was sent yet. */
  readonly suppressedBy?: string;
}

/**
 * How a claim ends: `sent` for good, `failed` for good, `unknown` (reconcile it, or `revision`,
 * before the next attempt), `open` (nothing arrived, try again), `held` (by policy; `detail` says
 * by what).
 */
export type Settlement =
  | {
      readonly kind: 'sent';
      readonly reference: string;
      readonly atMs: number;
      /**
       * The revision that was notified of, when it is not the delivery's own: a silent edit
       * notifies of nothing.
       */
      readonly revision?: number;
      /**
       * The last note that the message could include, empty for none; missing for a silent edit.
       */
      readonly noteId?: string;
    }
  | {
      readonly kind: 'failed' | 'unknown' | 'open' | 'suppressed';
      readonly detail: string;
      readonly atMs: number;
      readonly revision?: number;
    };

/** The log. Calls may throw Unavailable, `claim` also StateLost. */
export interface NotificationLog {
  /** The lease runs by the clock of Redis: those of two notifiers may differ. */
  claim(delivery: Delivery, options: { readonly leaseMs: number }): Promise<Claim>;
  /** False when the claim was lost meanwhile: another attempt has begun, or Redis lost it. */
  isHeld(key: LogKey, token: string): Promise<boolean>;
  /** False when the claim was lost meanwhile: another may have sent too, or Redis lost it. */
  settle(delivery: Delivery, token: string, settlement: Settlement): Promise<boolean>;
  /**
   * Takes over what Kafka knows, after Redis was lost; what the log has is kept. One answer each.
   */
  restore(known: readonly KnownDelivery[]): Promise<readonly Restored[]>;
  /** The last revision of the episode that the receiver was sent; 0 for none. */
  sentRevision(key: LogKey): Promise<number>;
}

/** What the log knows deliveries by. */
export type LogKey = Pick<Delivery, 'subjectId' | 'episode' | 'receiver'>;

/** What Kafka knows of a delivery. */
export interface KnownDelivery {
  readonly delivery: Delivery;
  /**
   * The message that the receiver took, of this or an earlier revision; missing when Kafka knows of
   * none.
   */
  readonly sent?: { readonly revision: number; readonly atMs: number; readonly reference: string };
  /** The receiver has to be notified of the episode, which goes on. */
  readonly isWanted?: boolean;
}

/** The log after a delivery was restored. */
export interface Restored {
  /** The last revision of the episode that the receiver was sent; 0 for none. */
  readonly sentRevision: number;
  /**
   * It is wanted, and nothing is known of it: it has to be queued, and is reconciled before it is
   * sent.
   */
  readonly isInDoubt: boolean;
}

/** After the end of an episode; until then its record does not expire. */
const KEEP_MS = 90 * 24 * 60 * 60 * 1000;

const CLAIM = defineScript('claim-delivery', {
  keys: ['complete', 'record'],
  args: ['revision', 'token', 'leaseMs', 'reason', 'keepMs'],
});
const SETTLE = defineScript('settle-delivery', {
  keys: ['record'],
  args: ['token', 'state', 'revision', 'text', 'now', 'note'],
});
const RESTORE = defineScript('restore-delivery', {
  keys: ['record'],
  args: ['revision', 'sentRevision', 'reference', 'sentAt', 'isWanted', 'keepMs'],
});

/** The log on a connection. */
export function createNotificationLog(client: RedisClient, keys: Keys): NotificationLog {
  const recordOf = ({ subjectId, episode, receiver }: LogKey): string => keys.delivery(subjectId, episode, receiver);
  return {
    claim: async (delivery, { leaseMs }) => {
      const { revision, reason } = delivery;
      const token = randomUUID();
      const call = { complete: keys.complete, record: recordOf(delivery), revision, token, leaseMs, reason };
      const answer = await runScript(client, CLAIM, { ...call, keepMs: KEEP_MS });
      return claimOf(answer as readonly string[], token);
    },
    isHeld: async (key, token) =>
      (await client.run(async (redis) => await redis.hget(recordOf(key), 'token'))) === token,
    settle: async (delivery, token, settlement) => {
      const { kind: state, atMs: now, revision = delivery.revision } = settlement;
      const text = settlement.kind === 'sent' ? settlement.reference : settlement.detail;
      const note = settlement.kind === 'sent' && settlement.noteId !== undefined ? `=${settlement.noteId}` : '';
      const call = { record: recordOf(delivery), token, state, revision, text, now, note };
      return (await runScript(client, SETTLE, call)) === 'done';
    },
    restore: async (known) => {
      const calls = known.map(({ delivery, sent, isWanted = false }) => {
        const { revision: sentRevision = 0, reference = '', atMs: sentAt = '' } = sent ?? {};
        const own = { record: recordOf(delivery), revision: delivery.revision, isWanted: isWanted ? 1 : 0 };
        return { ...own, sentRevision, reference, sentAt, keepMs: KEEP_MS };
      });
      const answers = (await runScripts(client, RESTORE, calls)) as readonly (readonly [number, number])[];
      return answers.map(([isInDoubt, sentRevision]) => ({ isInDoubt: isInDoubt === 1, sentRevision }));
    },
    sentRevision: async (key) =>
      Number((await client.run(async (redis) => await redis.hget(recordOf(key), 'sentRevision'))) ?? 0),
  };
}

function claimOf([word, ...facts]: readonly string[], token: string): Claim {
  const [first = '', second = '', third = ''] = facts;
  if (word === 'in_progress') return { kind: 'in_progress', waitMs: Number(first) };
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
