// One attempt at one delivery: claim it, check whether it may be sent now, reconcile an earlier
// attempt of unknown outcome, send, settle, report.
import { encodeActivityEntry } from '../../../shared/contracts/activity.ts';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import { errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Channel } from '../channels/channel.ts';
import { StateLost } from '../redis/state-lost.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { brokenEntry, partlyRefusedEntry, skippedEntry, settledEntries } from './activity-entries.ts';
import type { NotificationLinks } from './links.ts';
import type { Claimed, LogState, NotificationLog, Settlement } from './notification-log.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Delivery } from './plan.ts';
import { type NotifySubject, settlementOf, type Subject, type SubjectOf } from './notification.ts';
import { sendOnce, type Sent } from './send-once.ts';

/**
 * The result of an attempt. `in_progress`: another process makes one. `rate_limited`: the receiver
 * has had its messages for now. `suppressed`: by policy, for now. `obsolete`: superseded, or there
 * is nothing to send.
 */
export type Try =
  | SendOutcome
  | { readonly kind: 'in_progress'; readonly waitMs: number }
  | { readonly kind: 'rate_limited'; readonly waitMs: number }
  | { readonly kind: 'suppressed'; readonly againAtMs: number }
  | { readonly kind: 'obsolete' };

/** Dependencies of `deliver`. `leaseMs` has to be longer than the longest send. */
export interface DeliverParts {
  readonly channel: Channel;
  readonly notificationLog: NotificationLog;
  readonly producer: RecordProducer;
  readonly metrics: Pick<
    NotifierMetrics,
    'deliveries' | 'timeToAlertSeconds' | 'suppressed' | 'superseded' | 'leasesExpired'
  >;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly rateLimit: RateLimit;
  readonly subjectOf: SubjectOf;
  linksOf(subject: NotifySubject, delivery: Delivery): NotificationLinks;
  readonly leaseMs: number;
  readonly now: () => number;
}

/** Whether this is the last try; its failure is final. */
export interface TryOptions {
  readonly isLast: boolean;
  /** The receiver may not ask for more time any more: that counts as a failed try, too. */
  readonly isWaitOver?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Tries once. Throws Unavailable when Redis or Kafka is, and StateLost when the incidents are not
 * in Redis; either way the delivery has to be tried again.
 */
export async function deliver(parts: DeliverParts, delivery: Delivery, options: TryOptions): Promise<Try> {
  const { notificationLog, leaseMs, now } = parts;
  const claim = await notificationLog.claim(delivery, { leaseMs });
  if (claim.kind === 'in_progress') return claim;
  const subject = await subjectFor(parts, delivery, claim);
  if (subject.kind === 'broken') return await giveUp(parts, { delivery, claim, detail: subject.detail });
  if (claim.kind === 'sent') return await confirm(parts, { delivery, subject, claim });
  if (subject.kind !== 'notify') return await pass(parts, { delivery, subject, claim });
  const waitMs = await parts.rateLimit();
  if (waitMs === 0) return await send(parts, { delivery, subject, claim, options });
  await release(parts, { delivery, claim }, { kind: 'open', detail: 'maxPerMinute', atMs: now() });
  return { kind: 'rate_limited', waitMs };
}

/** A bug that one delivery causes fails this delivery alone; a retry would be the same. */
interface Broken {
  readonly kind: 'broken';
  readonly detail: string;
}

async function subjectFor(parts: DeliverParts, delivery: Delivery, claim: LogState): Promise<Subject | Broken> {
  try {
    return await parts.subjectOf(delivery, claim, parts.now());
  } catch (error) {
    if (error instanceof Unavailable || error instanceof StateLost) throw error;
    return broken(parts, delivery, error);
  }
}

function broken({ log }: DeliverParts, { id, receiver }: Delivery, error: unknown): Broken {
  log.error({ err: error, receiver, delivery: id }, 'a bug: a delivery could not be made, the others go on');
  return { kind: 'broken', detail: `a bug kept it from being made: ${errorText(error)}` };
}

/** An entry made of the delivery alone, when nothing else is known. */
async function giveUp(
  parts: DeliverParts,
  {
    delivery,
    claim,
    detail,
  }: {
    readonly delivery: Delivery;
    readonly claim: LogState;
    readonly detail: string;
  },
): Promise<Try> {
  const atMs = parts.now();
  parts.metrics.deliveries.inc({ receiver: delivery.receiver, outcome: 'refused' });
  await report(parts, [brokenEntry(delivery, { detail, atMs })]);
  if (claim.kind === 'claimed') await settle(parts, { delivery, claim }, { kind: 'failed', detail, atMs });
  return { kind: 'refused', detail };
}

/** Whether the delivery is over. A requested wait is no failed attempt while it is allowed. */
export function isFinal(outcome: SendOutcome, options: Pick<TryOptions, 'isLast' | 'isWaitOver'>): boolean {
  if (outcome.kind === 'sent' || outcome.kind === 'refused') return true;
  return options.isLast && !isAskedToWait(outcome, options);
}

/** Whether the receiver asked for time and gets it; otherwise the ordinary back-off applies. */
export function isAskedToWait(
  outcome: SendOutcome,
  { isWaitOver = false }: Pick<TryOptions, 'isWaitOver'>,
): outcome is SendOutcome & { readonly afterMs: number } {
  return !isWaitOver && 'afterMs' in outcome && outcome.afterMs > 0;
}

/** Sent before: by an earlier run, whose entries may be missing, or in a later revision. */
async function confirm(
  parts: DeliverParts,
  attempt: {
    readonly delivery: Delivery;
    readonly subject: Subject;
    readonly claim: LogState & { readonly kind: 'sent' };
  },
): Promise<Try> {
  const { delivery, subject, claim } = attempt;
  const { revision, reference, atMs } = claim;
  if (revision > delivery.revision) {
    const later = {
      kind: 'superseded',
      incident: subject.incident,
      reason: `revision ${revision} was notified`,
    } as const;
    await report(parts, [skippedEntry(delivery, later, parts.now())]);
    return { kind: 'obsolete' };
  }
  // The entries of a message that was sent go with the later one that superseded it.
  if (subject.kind !== 'notify') return { kind: 'obsolete' };
  await reportSent(parts, delivery, subject, { kind: 'sent', reference, atMs });
  return { kind: 'sent', reference };
}

/** It is not sent, now or ever; each reason is reported once. */
async function pass(
  parts: DeliverParts,
  attempt: { readonly delivery: Delivery; readonly subject: Exclude<Subject, NotifySubject>; readonly claim: Claimed },
): Promise<Try> {
  const { delivery, subject, claim } = attempt;
  const { metrics } = parts;
  const atMs = parts.now();
  const isSuppressed = subject.kind === 'suppressed';
  const isNews = !isSuppressed || claim.suppressedBy !== subject.by;
  if (isNews && isSuppressed) metrics.suppressed.inc({ by: subject.by });
  if (!isSuppressed) metrics.superseded.inc();
  if (isNews) await report(parts, [skippedEntry(delivery, subject, atMs)]);
  const detail = isSuppressed ? subject.by : subject.reason;
  await release(parts, { delivery, claim }, { kind: isSuppressed ? 'suppressed' : 'open', detail, atMs });
  return isSuppressed ? { kind: 'suppressed', againAtMs: subject.againAtMs } : { kind: 'obsolete' };
}

/** Gives the claim back without having sent anything; what was uncertain before stays so. */
async function release(
  parts: DeliverParts,
  { delivery, claim }: Pick<Attempt, 'delivery' | 'claim'>,
  settlement: Exclude<Settlement, { readonly kind: 'sent' }>,
): Promise<void> {
  const { unconfirmedRevision: revision } = claim;
  await settle(
    parts,
    { delivery, claim },
    revision === undefined ? settlement : { ...settlement, kind: 'unknown', revision },
  );
}

/** A lost claim does not fail the delivery; another process may have sent, too: it is logged. */
async function settle(
  { notificationLog, metrics, log }: DeliverParts,
  { delivery, claim }: Pick<Attempt, 'delivery' | 'claim'>,
  settlement: Settlement,
): Promise<void> {
  if (await notificationLog.settle(delivery, claim.token, settlement)) return;
  const { id, receiver } = delivery;
  metrics.leasesExpired.inc({ receiver });
  log.warn({ receiver, delivery: id, outcome: settlement.kind }, 'a delivery took longer than its lease');
}

interface Attempt {
  readonly delivery: Delivery;
  readonly subject: NotifySubject;
  readonly claim: Claimed;
  readonly options: TryOptions;
}

async function send(parts: DeliverParts, attempt: Attempt): Promise<Try> {
  const sent = await sendSafely(parts, attempt);
  return sent === undefined ? claimLost(parts, attempt) : await conclude(parts, attempt, sent);
}

/** Settles what came of sending, and reports it. */
async function conclude(parts: DeliverParts, attempt: Attempt, sent: Sent): Promise<Try> {
  const { delivery, subject, claim, options } = attempt;
  const { metrics, now } = parts;
  const { receiver } = delivery;
  const { outcome, unknownRevision, foundRevision } = sent;
  const isOver = isFinal(outcome, options);
  const settlement = settlementOf(outcome, { isOver, atMs: now(), unknownRevision });
  metrics.deliveries.inc({ receiver, outcome: outcome.kind });
  if (settlement.kind !== 'sent') {
    if (isOver || outcome.kind === 'unknown') await reportUnsent(parts, attempt, { ...settlement, isOver });
    await settle(parts, { delivery, claim }, settlement);
    return outcome;
  }
  metrics.timeToAlertSeconds.observe({ receiver }, Math.max(0, settlement.atMs - delivery.receivedAtMs) / 1000);
  try {
    // Kafka first: should Redis be lost between the two, the rebuild knows that it was sent.
    await reportSent(parts, delivery, subject, settlement);
    if (outcome.kind === 'sent' && outcome.refused !== undefined)
      await reportPartlyRefused(parts, attempt, outcome.refused);
  } finally {
    // Also when Kafka is away: the next try finds it sent and writes the entries.
    const isSilentEdit = delivery.notBeforeMs !== undefined && !claim.isFirst;
    // A message that waits is not superseded by an update of the counts.
    const upTo = isSilentEdit
      ? { revision: foundRevision ?? claim.sentRevision }
      : { noteId: subject.incident.notes?.at(-1)?.id ?? '' };
    await settle(parts, { delivery, claim }, { ...settlement, ...upTo });
  }
  return outcome;
}

/** Of a group that failed for good each incident has its entry: nobody was notified of it. */
async function reportUnsent(
  parts: DeliverParts,
  { delivery, subject }: Attempt,
  settlement: Settlement & { readonly isOver: boolean },
): Promise<void> {
  const incidents = settlement.isOver ? notifiedOf(subject) : [subject.incident];
  await report(parts, settledEntries(delivery, incidents, settlement));
}

/** Some recipients refused for good: the delivery is done, and an entry names them. */
async function reportPartlyRefused(parts: DeliverParts, { delivery, subject }: Attempt, detail: string): Promise<void> {
  parts.metrics.deliveries.inc({ receiver: delivery.receiver, outcome: 'partly_refused' });
  await report(parts, [partlyRefusedEntry(delivery, subject.incident, { detail, atMs: parts.now() })]);
}

/** Nothing was sent by this attempt; the one that has the claim now goes on. */
function claimLost({ metrics, log, leaseMs }: DeliverParts, { delivery: { id, receiver } }: Attempt): Try {
  metrics.leasesExpired.inc({ receiver });
  log.warn({ receiver, delivery: id }, 'another attempt at a delivery has begun: this one sends nothing');
  return { kind: 'in_progress', waitMs: leaseMs };
}

/**
 * Links and renders before it sends: what throws there has sent nothing. Undefined when the claim
 * was lost before anything was sent. Throws Unavailable and StateLost.
 */
async function sendSafely(parts: DeliverParts, attempt: Attempt): Promise<Sent | undefined> {
  const { signal } = attempt.options;
  return await sendOnce(parts, { ...attempt, signal }).catch((error: unknown) => {
    if (error instanceof Unavailable || error instanceof StateLost) throw error;
    const { detail } = broken(parts, attempt.delivery, error);
    return { outcome: { kind: 'refused' as const, detail } };
  });
}

async function reportSent(
  parts: DeliverParts,
  delivery: Delivery,
  subject: NotifySubject,
  settlement: Settlement & { readonly kind: 'sent' },
): Promise<void> {
  await report(parts, settledEntries(delivery, notifiedOf(subject), { ...settlement, isOver: true }));
  await subject.onRecorded?.();
}

/** The incidents that a message is about, each of which gets its entry. */
function notifiedOf({ notified, incident }: NotifySubject): NotifySubject['notified'] {
  return notified.some(({ id }) => id === incident.id) ? notified : [incident, ...notified];
}

async function report({ producer }: DeliverParts, actions: Parameters<typeof encodeActivityEntry>[0][]): Promise<void> {
  await producer.send(actions.map(encodeActivityEntry));
}
