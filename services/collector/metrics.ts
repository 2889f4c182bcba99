// What the collector counts.
import { declareMetrics, type Metrics, type Registry } from '../../shared/runtime/metrics.ts';

const TABLE = {
  eventsReceived: {
    kind: 'counter',
    help: 'Events received, by input and outcome: stored, unavailable or overloaded (to be sent again), or the reason of the refusal.',
    labels: ['input', 'outcome'],
  },
  eventBytes: { kind: 'counter', help: 'Bytes of events that were stored.', labels: ['input'] },
  requests: { kind: 'counter', help: 'Requests, by input and answer.', labels: ['input', 'status'] },
  acceptSeconds: { kind: 'histogram', help: 'From the whole request to the answer of Kafka.', labels: ['input'] },
  connections: { kind: 'gauge', help: 'Connections that are open.', labels: ['input'] },
  connectionsEnded: {
    kind: 'counter',
    help: 'Connections that were turned away (full, address_limit), closed for others (made_room), or silent.',
    labels: ['input', 'reason'],
  },
  logInFailures: { kind: 'counter', help: 'Requests without a token or certificate that may send.', labels: ['input'] },
  inFlightBytes: { kind: 'gauge', help: 'Bytes that were taken in and that Kafka has not yet.' },
} as const;

/** The collector's metrics. */
export type CollectorMetrics = Metrics<typeof TABLE>;

/** Declares them. */
export function declareCollectorMetrics(registry: Registry): CollectorMetrics {
  return declareMetrics(registry, TABLE);
}
