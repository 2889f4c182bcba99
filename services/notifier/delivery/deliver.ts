// One try at one delivery: claim it, see whether it may be told now, look for an earlier try whose end nobody saw, send, settle, report.
import { deliveryIdOf } from '../../../shared/contracts/ids.ts';
import { encodeAction } from '../../../shared/contracts/incident.ts';
import type { Notification, SendOutcome } from '../../../shared/contracts/notification.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Channel } from '../channels/channel.ts';
import type { NotifierMetrics } from '../metrics.ts';
import { passedRow, settledRows } from './delivery-rows.ts';
import type { Claim, Claimed, Ledger, Settlement } from './ledger.ts';
import type { Delivery } from './plan.ts';
import type { Subject, SubjectOf } from './subject.ts';

/** What a try came to. `busy`: another process is at it. `held`: policy holds it back. `needless`: overtaken, or there is nothing to tell. */
export type Try =
  | SendOutcome
  | { readonly kind: 'busy'; readonly waitMs: number }
  | { readonly kind: 'held'; readonly againAtMs: number }
  | { readonly kind: 'needless' };

/** What delivering works with. `leaseMs` has to be longer than the longest send. */
export interface DeliverParts {
  readonly channel: Channel;
  readonly ledger: Ledger;
  readonly producer: RecordProducer;
  readonly metrics: Pick<NotifierMetrics, 'deliveries' | 'timeToAlertSeconds' | 'suppressed' | 'overtaken'>;
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
  readonly signal: AbortSignal;
}

/** Tries once. Throws Unavailable when Redis or Kafka is, and StateLost when the incidents are not in Redis; either way the delivery has to be tried again. */
export async function deliver(parts: DeliverParts, delivery: Delivery, options: TryOptions): Promise<Try> {
  const { ledger, leaseMs, now } = parts;
  const claim = await ledger.claim(delivery, { nowMs: now(), leaseMs });
  if (claim.kind === 'busy') return claim;
  const subject = await parts.subjectOf(delivery, claim, now());
  if (claim.kind === 'sent') return await confirm(parts, { delivery, subject, claim });
  if (subject.kind === 'tell') return await send(parts, { delivery, subject, claim, options });
  return await pass(parts, { delivery, subject, claim });
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
  const { metrics, ledger } = parts;
  const atMs = parts.now();
  const isHeld = subject.kind === 'held';
  const isNews = !isHeld || claim.heldBy !== subject.by;
  if (isNews && isHeld) metrics.suppressed.inc({ by: subject.by });
  if (!isHeld) metrics.overtaken.inc();
  if (isNews && delivery.isGroup === undefined) await report(parts, [passedRow(delivery, subject, atMs)]);
  const { uncertainRevision: revision } = claim;
  const state = { detail: isHeld ? subject.by : subject.reason, atMs };
  if (revision !== undefined) await ledger.settle(delivery, claim.token, { kind: 'unknown', revision, ...state });
  else await ledger.settle(delivery, claim.token, { kind: isHeld ? 'held' : 'open', ...state });
  return isHeld ? { kind: 'held', againAtMs: subject.againAtMs } : { kind: 'needless' };
}

interface Attempt {
  readonly delivery: Delivery;
  readonly subject: Told;
  readonly claim: Claimed;
  readonly options: TryOptions;
}

async function send(parts: DeliverParts, attempt: Attempt): Promise<Try> {
  const { delivery, subject, claim, options } = attempt;
  const { ledger, metrics, now } = parts;
  const { outcome, unknownRevision } = await sendOnce(parts, attempt);
  const settlement = settlementOf(outcome, { isLast: options.isLast, atMs: now(), unknownRevision });
  metrics.deliveries.inc({ receiver: delivery.receiver, outcome: outcome.kind });
  // Kafka first: should Redis be lost between the two, the rebuild knows that it was sent.
  if (settlement.kind === 'sent') await reportSent(parts, delivery, subject, settlement);
  else if (settlement.kind !== 'open') await report(parts, settledRows(delivery, [subject.incident], settlement));
  await ledger.settle(delivery, claim.token, settlement);
  if (settlement.kind === 'sent')
    metrics.timeToAlertSeconds.observe(
      { receiver: delivery.receiver },
      Math.max(0, settlement.atMs - delivery.receivedAtMs) / 1000,
    );
  return outcome;
}

interface Sent {
  readonly outcome: SendOutcome;
  /** The revision of which nothing is known, when it is not this one. */
  readonly unknownRevision?: number;
}

/** What may have arrived is looked for first, also when it was an earlier revision: its reference is the one to edit. */
async function sendOnce(
  { channel, linksOf }: DeliverParts,
  { delivery, subject, claim, options }: Attempt,
): Promise<Sent> {
  const { id, receiver, reason, incidentId, episode } = delivery;
  const { incident, digest, namedCauses } = subject;
  const notification: Notification = {
    id,
    channel: receiver,
    reason,
    incident,
    ...(digest === undefined ? {} : { digest }),
    ...(namedCauses === undefined ? {} : { namedCauses }),
    ...(claim.previousReference === undefined ? {} : { previousReference: claim.previousReference }),
    links: linksOf(subject),
  };
  const { uncertainRevision } = claim;
  if (uncertainRevision === undefined)
    return { outcome: await channel.send(channel.render(notification), options.signal) };
  const isThis = uncertainRevision === delivery.revision;
  const earlierId = isThis ? id : deliveryIdOf(incidentId, episode, uncertainRevision, receiver);
  const found = await channel.reconcile(channel.render({ ...notification, id: earlierId }));
  if (found.kind === 'unknown') return { outcome: found, ...(isThis ? {} : { unknownRevision: uncertainRevision }) };
  if (found.kind === 'sent' && isThis) return { outcome: found };
  const known = found.kind === 'sent' ? { ...notification, previousReference: found.reference } : notification;
  return { outcome: await channel.send(channel.render(known), options.signal) };
}

function settlementOf(
  outcome: SendOutcome,
  {
    isLast,
    atMs,
    unknownRevision,
  }: { readonly isLast: boolean; readonly atMs: number; readonly unknownRevision: number | undefined },
): Settlement {
  if (outcome.kind === 'sent') return { kind: 'sent', reference: outcome.reference, atMs };
  const { detail } = outcome;
  if (outcome.kind === 'unknown')
    return { kind: 'unknown', detail, atMs, ...(unknownRevision === undefined ? {} : { revision: unknownRevision }) };
  return { kind: outcome.kind === 'refused' || isLast ? 'failed' : 'open', detail, atMs };
}

async function reportSent(
  parts: DeliverParts,
  delivery: Delivery,
  { told, incident }: Told,
  settlement: Settlement & { readonly kind: 'sent' },
): Promise<void> {
  const incidents = told.some(({ id }) => id === incident.id) ? told : [incident, ...told];
  await report(parts, settledRows(delivery, incidents, settlement));
  if (delivery.isGroup === true)
    await parts.onGroupTold(
      delivery,
      told.map(({ id }) => id),
    );
}

async function report({ producer }: DeliverParts, actions: Parameters<typeof encodeAction>[0][]): Promise<void> {
  await producer.send(actions.map(encodeAction));
}
