// One try at one delivery: claim it, see whether it may be told now, look for an earlier try whose end nobody saw, send, settle, report.
import { deliveryIdOf } from '../../../shared/contracts/ids.ts';
import { encodeAction } from '../../../shared/contracts/incident.ts';
import type { Notification, SendOutcome } from '../../../shared/contracts/notification.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import { errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Channel } from '../channels/channel.ts';
import { StateLost } from '../incidents/store.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { brokenRow, partlyRefusedRow, passedRow, settledRows } from './delivery-rows.ts';
import type { Claim, Claimed, Ledger, Settlement } from './ledger.ts';
import type { Pace } from './pace.ts';
import type { Delivery } from './plan.ts';
import { notificationOf, settlementOf } from './notification.ts';
import type { Subject, SubjectOf } from './subject.ts';

/** What a try came to. `busy`: another process is at it. `paced`: the receiver has had its messages for now. `held`: policy holds it back. `needless`: overtaken, or there is nothing to tell. */
export type Try =
  | SendOutcome
  | { readonly kind: 'busy'; readonly waitMs: number }
  | { readonly kind: 'paced'; readonly waitMs: number }
  | { readonly kind: 'held'; readonly againAtMs: number }
  | { readonly kind: 'needless' };

/** What delivering works with. `leaseMs` has to be longer than the longest send. */
export interface DeliverParts {
  readonly channel: Channel;
  readonly ledger: Ledger;
  readonly producer: RecordProducer;
  readonly metrics: Pick<
    NotifierMetrics,
    'deliveries' | 'timeToAlertSeconds' | 'suppressed' | 'overtaken' | 'lostClaims'
  >;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly pace: Pace;
  readonly subjectOf: SubjectOf;
  /** After a delivery of a group was sent and its rows are written. */
  onGroupTold(delivery: Delivery, incidentIds: readonly string[]): Promise<void>;
  linksOf(subject: Told): Notification['links'];
  readonly leaseMs: number;
  readonly now: () => number;
}

/** A subject that is told. */
export type Told = Subject & { readonly kind: 'tell' };

/** Whether this is the last try; its failure is final. */
export interface TryOptions {
  readonly isLast: boolean;
  /** The receiver may not ask for more time any more: that counts as a failed try, too. */
  readonly isWaitOver?: boolean;
  readonly signal: AbortSignal;
}

/** Tries once. Throws Unavailable when Redis or Kafka is, and StateLost when the incidents are not in Redis; either way the delivery has to be tried again. */
export async function deliver(parts: DeliverParts, delivery: Delivery, options: TryOptions): Promise<Try> {
  const { ledger, leaseMs, now } = parts;
  const claim = await ledger.claim(delivery, { leaseMs });
  if (claim.kind === 'busy') return claim;
  const subject = await subjectFor(parts, delivery, claim);
  if (subject.kind === 'broken') return await giveUp(parts, { delivery, claim, detail: subject.detail });
  if (claim.kind === 'sent') return await confirm(parts, { delivery, subject, claim });
  if (subject.kind !== 'tell') return await pass(parts, { delivery, subject, claim });
  const waitMs = await parts.pace();
  if (waitMs === 0) return await send(parts, { delivery, subject, claim, options });
  await release(parts, { delivery, claim }, { kind: 'open', detail: 'maxPerMinute', atMs: now() });
  return { kind: 'paced', waitMs };
}

/** A bug that shows with one delivery: it has failed and is seen, while the others go on. Tried again it would be the same. */
interface Broken {
  readonly kind: 'broken';
  readonly detail: string;
}

async function subjectFor(
  parts: DeliverParts,
  delivery: Delivery,
  claim: Exclude<Claim, { readonly kind: 'busy' }>,
): Promise<Subject | Broken> {
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

/** Of what nothing is known but the delivery itself, its own numbers make the row. */
async function giveUp(
  parts: DeliverParts,
  {
    delivery,
    claim,
    detail,
  }: {
    readonly delivery: Delivery;
    readonly claim: Exclude<Claim, { readonly kind: 'busy' }>;
    readonly detail: string;
  },
): Promise<Try> {
  const atMs = parts.now();
  parts.metrics.deliveries.inc({ receiver: delivery.receiver, outcome: 'refused' });
  await report(parts, [brokenRow(delivery, { detail, atMs })]);
  if (claim.kind === 'claimed') await settle(parts, { delivery, claim }, { kind: 'failed', detail, atMs });
  return { kind: 'refused', detail };
}

/** Whether a delivery is over with this outcome. Being asked to wait is no failed try, as long as it may wait. */
export function isFinal(outcome: SendOutcome, options: Pick<TryOptions, 'isLast' | 'isWaitOver'>): boolean {
  if (outcome.kind === 'sent' || outcome.kind === 'refused') return true;
  return options.isLast && !isAskedToWait(outcome, options);
}

/** Whether the receiver asked for time, and gets it. Asked for none, with a zero or a time that is past, the ordinary back-off counts. */
export function isAskedToWait(
  outcome: SendOutcome,
  { isWaitOver = false }: Pick<TryOptions, 'isWaitOver'>,
): outcome is SendOutcome & { readonly afterMs: number } {
  return !isWaitOver && 'afterMs' in outcome && outcome.afterMs > 0;
}

/** It was sent before: by an earlier run of this job, whose rows may be missing, or in a later revision. */
async function confirm(
  parts: DeliverParts,
  attempt: {
    readonly delivery: Delivery;
    readonly subject: Subject;
    readonly claim: Claim & { readonly kind: 'sent' };
  },
): Promise<Try> {
  const { delivery, subject, claim } = attempt;
  const { revision, reference, atMs } = claim;
  if (revision > delivery.revision || subject.kind !== 'tell') {
    const reason = `revision ${revision} was told`;
    if (delivery.isGroup === undefined)
      await report(parts, [
        passedRow(delivery, { kind: 'overtaken', incident: subject.incident, reason }, parts.now()),
      ]);
    return { kind: 'needless' };
  }
  await reportSent(parts, delivery, subject, { kind: 'sent', reference, atMs });
  return { kind: 'sent', reference };
}

/** It is not told, now or ever; once for each reason that is said. */
async function pass(
  parts: DeliverParts,
  attempt: { readonly delivery: Delivery; readonly subject: Exclude<Subject, Told>; readonly claim: Claimed },
): Promise<Try> {
  const { delivery, subject, claim } = attempt;
  const { metrics } = parts;
  const atMs = parts.now();
  const isHeld = subject.kind === 'held';
  const isNews = !isHeld || claim.heldBy !== subject.by;
  if (isNews && isHeld) metrics.suppressed.inc({ by: subject.by });
  if (!isHeld) metrics.overtaken.inc();
  if (isNews && delivery.isGroup === undefined) await report(parts, [passedRow(delivery, subject, atMs)]);
  const detail = isHeld ? subject.by : subject.reason;
  await release(parts, { delivery, claim }, { kind: isHeld ? 'held' : 'open', detail, atMs });
  return isHeld ? { kind: 'held', againAtMs: subject.againAtMs } : { kind: 'needless' };
}

/** Gives the claim back without having sent anything; what was uncertain before stays so. */
async function release(
  parts: DeliverParts,
  { delivery, claim }: Pick<Attempt, 'delivery' | 'claim'>,
  settlement: Exclude<Settlement, { readonly kind: 'sent' }>,
): Promise<void> {
  const { uncertainRevision: revision } = claim;
  await settle(
    parts,
    { delivery, claim },
    revision === undefined ? settlement : { ...settlement, kind: 'unknown', revision },
  );
}

/** That a claim was lost meanwhile is no fault of this delivery: another may have sent, too, and whoever reads the log should know. */
async function settle(
  { ledger, metrics, log }: DeliverParts,
  { delivery, claim }: Pick<Attempt, 'delivery' | 'claim'>,
  settlement: Settlement,
): Promise<void> {
  if (await ledger.settle(delivery, claim.token, settlement)) return;
  const { id, receiver } = delivery;
  metrics.lostClaims.inc({ receiver });
  log.warn({ receiver, delivery: id, outcome: settlement.kind }, 'a delivery took longer than its lease');
}

interface Attempt {
  readonly delivery: Delivery;
  readonly subject: Told;
  readonly claim: Claimed;
  readonly options: TryOptions;
}

async function send(parts: DeliverParts, attempt: Attempt): Promise<Try> {
  const { delivery, subject, claim, options } = attempt;
  const { metrics, now } = parts;
  const { receiver } = delivery;
  const { outcome, unknownRevision, foundRevision } = await sendSafely(parts, attempt);
  const isOver = isFinal(outcome, options);
  const settlement = settlementOf(outcome, { isOver, atMs: now(), unknownRevision });
  metrics.deliveries.inc({ receiver, outcome: outcome.kind });
  if (settlement.kind !== 'sent') {
    // Of a group that failed for good each incident has its row: nobody was told of any of them.
    const incidents = isOver ? toldOf(subject) : [subject.incident];
    if (settlement.kind !== 'open') await report(parts, settledRows(delivery, incidents, { ...settlement, isOver }));
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
    // Also when Kafka is away: the next try finds it sent and writes the rows.
    const isWordless = delivery.notBeforeMs !== undefined && !claim.isFirst;
    // What waits with something to say is not overtaken by counts that were brought up to date.
    const upTo = isWordless
      ? { revision: foundRevision ?? claim.sentRevision }
      : { noteId: subject.incident.notes?.at(-1)?.id ?? '' };
    await settle(parts, { delivery, claim }, { ...settlement, ...upTo });
  }
  return outcome;
}

/** Some have it, some will never have it: the delivery is done, and that nobody told these is to be seen. */
async function reportPartlyRefused(parts: DeliverParts, { delivery, subject }: Attempt, detail: string): Promise<void> {
  parts.metrics.deliveries.inc({ receiver: delivery.receiver, outcome: 'partly_refused' });
  await report(parts, [partlyRefusedRow(delivery, subject.incident, { detail, atMs: parts.now() })]);
}

interface Sent {
  readonly outcome: SendOutcome;
  /** The revision of which nothing is known, when it is not this one. */
  readonly unknownRevision?: number;
  /** The earlier revision that had arrived after all. */
  readonly foundRevision?: number;
}

/** Links and renders before it sends: what throws there has sent nothing. */
async function sendSafely(parts: DeliverParts, attempt: Attempt): Promise<Sent> {
  return await sendOnce(parts, attempt).catch((error: unknown) => {
    const { detail } = broken(parts, attempt.delivery, error);
    return { outcome: { kind: 'refused' as const, detail } };
  });
}

/** What may have arrived is looked for first, also when it was an earlier revision: its reference is the one to edit. */
async function sendOnce(
  { channel, linksOf }: DeliverParts,
  { delivery, subject, claim, options }: Attempt,
): Promise<Sent> {
  const { id, receiver, incidentId, episode } = delivery;
  const notification = notificationOf(delivery, subject, { claim, links: linksOf(subject) });
  const { uncertainRevision } = claim;
  if (uncertainRevision === undefined)
    return { outcome: await channel.send(channel.render(notification), options.signal) };
  const isThis = uncertainRevision === delivery.revision;
  const earlierId = isThis ? id : deliveryIdOf(incidentId, episode, uncertainRevision, receiver);
  const found = await channel.reconcile(channel.render({ ...notification, id: earlierId }));
  if (found.kind === 'unknown') return { outcome: found, ...(isThis ? {} : { unknownRevision: uncertainRevision }) };
  if (found.kind === 'sent' && isThis) return { outcome: found };
  if (found.kind !== 'sent') return { outcome: await channel.send(channel.render(notification), options.signal) };
  const known = { ...notification, previousReference: found.reference };
  return { outcome: await channel.send(channel.render(known), options.signal), foundRevision: uncertainRevision };
}

async function reportSent(
  parts: DeliverParts,
  delivery: Delivery,
  subject: Told,
  settlement: Settlement & { readonly kind: 'sent' },
): Promise<void> {
  await report(parts, settledRows(delivery, toldOf(subject), { ...settlement, isOver: true }));
  if (delivery.isGroup === true)
    await parts.onGroupTold(
      delivery,
      subject.told.map(({ id }) => id),
    );
}

/** The incidents that a message is about, each of which gets its row. */
function toldOf({ told, incident }: Told): Told['told'] {
  return told.some(({ id }) => id === incident.id) ? told : [incident, ...told];
}

async function report({ producer }: DeliverParts, actions: Parameters<typeof encodeAction>[0][]): Promise<void> {
  await producer.send(actions.map(encodeAction));
}
