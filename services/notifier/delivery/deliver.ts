// One try at one delivery: claim it, look for an earlier try whose end nobody saw, send, settle, report.
import { digestId } from '../../../shared/contracts/ids.ts';
import { type Action, encodeAction, type Incident } from '../../../shared/contracts/incident.ts';
import type { Rendered, SendOutcome } from '../../../shared/contracts/notification.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Channel } from '../channels/channel.ts';
import { type IncidentStore, StateLost } from '../incidents/store.ts';
import type { NotifierMetrics } from '../metrics.ts';
import type { Ledger, Settlement } from './ledger.ts';
import type { Delivery } from './plan.ts';

/** What a try came to. `busy`: another process is at it. */
export type Try = SendOutcome | { readonly kind: 'busy'; readonly waitMs: number };

/** What delivering works with. `leaseMs` has to be longer than the longest send. */
export interface DeliverParts {
  readonly channel: Channel;
  readonly store: IncidentStore;
  readonly ledger: Ledger;
  readonly producer: RecordProducer;
  readonly metrics: Pick<NotifierMetrics, 'deliveries' | 'timeToAlertSeconds'>;
  readonly leaseMs: number;
  readonly now: () => number;
}

/** Whether this is the last try; its failure is final. */
export interface TryOptions {
  readonly isLast: boolean;
  readonly signal: AbortSignal;
}

/** Tries once. Throws Unavailable when Redis or Kafka is, and StateLost when the incidents are not in Redis; either way the delivery has to be tried again. */
export async function deliver(parts: DeliverParts, delivery: Delivery, options: TryOptions): Promise<Try> {
  const { ledger, leaseMs, now, metrics } = parts;
  const claim = await ledger.claim(delivery, { nowMs: now(), leaseMs });
  if (claim.kind === 'busy') return claim;
  const incident = await readIncident(parts, delivery);
  if (claim.kind === 'sent') {
    const { reference, atMs } = claim;
    await report(parts, rowOf(delivery, incident, { kind: 'sent', reference, atMs }));
    return { kind: 'sent', reference };
  }
  const rendered = parts.channel.render({
    id: delivery.id,
    channel: delivery.receiver,
    reason: delivery.reason,
    incident,
    links: [],
  });
  const outcome = await sendOnce(parts.channel, rendered, { isUncertain: claim.isUncertain, signal: options.signal });
  const settlement = settlementOf(outcome, { isLast: options.isLast, atMs: now() });
  metrics.deliveries.inc({ receiver: delivery.receiver, outcome: outcome.kind });
  // Kafka first: should Redis be lost between the two, the rebuild knows that it was sent.
  if (settlement.kind !== 'open') await report(parts, rowOf(delivery, incident, settlement));
  await ledger.settle(delivery, claim.token, settlement);
  if (settlement.kind === 'sent')
    metrics.timeToAlertSeconds.observe(
      { receiver: delivery.receiver },
      Math.max(0, settlement.atMs - delivery.receivedAtMs) / 1000,
    );
  return outcome;
}

async function readIncident({ store }: DeliverParts, { incidentId }: Delivery): Promise<Incident> {
  const [incident] = await store.snapshots([incidentId]);
  if (incident === undefined) throw new StateLost(`Redis does not hold incident ${incidentId}.`);
  return incident;
}

async function sendOnce(
  channel: Channel,
  rendered: Rendered,
  { isUncertain, signal }: { readonly isUncertain: boolean; readonly signal: AbortSignal },
): Promise<SendOutcome> {
  if (isUncertain) {
    const found = await channel.reconcile(rendered);
    if (found.kind !== 'absent') return found;
  }
  return await channel.send(rendered, signal);
}

function settlementOf(
  outcome: SendOutcome,
  { isLast, atMs }: { readonly isLast: boolean; readonly atMs: number },
): Settlement {
  if (outcome.kind === 'sent') return { kind: 'sent', reference: outcome.reference, atMs };
  const { detail } = outcome;
  if (outcome.kind === 'unknown') return { kind: 'unknown', detail, atMs };
  return { kind: outcome.kind === 'refused' || isLast ? 'failed' : 'open', detail, atMs };
}

async function report({ producer }: DeliverParts, action: Action): Promise<void> {
  await producer.send([encodeAction(action)]);
}

function rowOf(delivery: Delivery, incident: Incident, settlement: Settlement): Action {
  const type =
    settlement.kind === 'sent' ? 'notified' : settlement.kind === 'unknown' ? 'delivery_unknown' : 'delivery_failed';
  return {
    id: digestId([type, delivery.id]),
    at: settlement.atMs,
    incidentId: delivery.incidentId,
    episode: delivery.episode,
    revision: delivery.revision,
    type,
    actor: 'system',
    reason: delivery.reason,
    host: incident.entity.host,
    ruleId: incident.entity.ruleId,
    severity: incident.severity,
    channel: delivery.receiver,
    ...(settlement.kind === 'sent'
      ? {
          providerReference: settlement.reference,
          timeToAlertMs: Math.max(0, settlement.atMs - delivery.receivedAtMs),
        }
      : { error: settlement.detail }),
  };
}
