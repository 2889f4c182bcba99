// The notification log: who may send, and what was sent, for each receiver, incident or group, and episode. The queue may run a job twice; the log does not let it send twice.
import { randomUUID } from 'node:crypto';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScript, runScripts } from '../redis/scripts.ts';
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
  /** The revision of an earlier attempt that may have arrived, so that it has to be reconciled first. */
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
  /** Marks deliveries without a record, so that each is reconciled before it is sent. One answer each: false, and no change, when there is a record. */
  restoreUnknown(deliveries: readonly Delivery[]): Promise<readonly boolean[]>;
  /** The last revision of each one's episode that its receiver was sent; 0 for none. */
  sentRevisions(deliveries: readonly LogKey[]): Promise<readonly number[]>;
}

/** What the ledger knows deliveries by. */
export type LogKey = Pick<Delivery, 'subjectId' | 'episode' | 'receiver'>;

/** What Kafka knows of a delivery that was sent. */
export interface KnownDelivery {
  readonly delivery: Delivery;
  readonly reference: string;
  readonly atMs: number;
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
  args: ['state', 'revision', 'reference', 'sentAt', 'keepMs'],
});

/** The ledger on a connection. */
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
    settle: async (delivery, token, settlement) => {
      const { kind: state, atMs: now, revision = delivery.revision } = settlement;
      const text = settlement.kind === 'sent' ? settlement.reference : settlement.detail;
      const note = settlement.kind === 'sent' && settlement.noteId !== undefined ? `=${settlement.noteId}` : '';
      const call = { record: recordOf(delivery), token, state, revision, text, now, note };
      return (await runScript(client, SETTLE, call)) === 'done';
    },
    restoreSent: async (sent) => {
      const calls = sent.map(({ delivery, reference, atMs }) => {
        const { revision } = delivery;
        return { record: recordOf(delivery), state: 'sent', revision, reference, sentAt: atMs, keepMs: KEEP_MS };
      });
      await runScripts(client, RESTORE, calls);
    },
    restoreUnknown: async (deliveries) => {
      const calls = deliveries.map((delivery) => {
        const { revision } = delivery;
        return { record: recordOf(delivery), state: 'unknown', revision, reference: '', sentAt: '', keepMs: KEEP_MS };
      });
      return (await runScripts(client, RESTORE, calls)).map((answer) => answer === 'done');
    },
    sentRevisions: async (deliveries) => {
      const answers = await pipeline(client, (commands) => {
        for (const delivery of deliveries) commands.hget(recordOf(delivery), 'sentRevision');
      });
      return answers.map((answer) => Number(answer ?? 0));
    },
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
