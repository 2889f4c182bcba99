// The collector's metrics.
import { TLS_METRICS } from '../../shared/http/tls-files.ts';
import { LAG_METRICS } from '../../shared/kafka/stage-metrics.ts';
import { declareMetrics, type Metrics, type Registry } from '../../shared/runtime/metrics.ts';

/** The declarations of the metrics. */
export const COLLECTOR_METRICS = {
  eventsReceived: {
    name: 'foghorn_events_received_total',
    kind: 'counter',
    help: 'Events received, by input and outcome: stored, unavailable or overloaded (to be sent again), dropped (a datagram without room, or not allowed), or the reason of the refusal.',
    labels: ['input', 'outcome'],
  },
  eventBytes: {
    name: 'foghorn_event_bytes_total',
    kind: 'counter',
    help: 'Bytes of events that were stored.',
    labels: ['input'],
  },
  requests: {
    name: 'foghorn_requests_total',
    kind: 'counter',
    help: 'Requests, by input and answer; windows of the Lumberjack input that were acknowledged.',
    labels: ['input', 'status'],
  },
  acceptSeconds: {
    name: 'foghorn_accept_seconds',
    kind: 'histogram',
    help: 'From the whole request or window to the answer of Kafka.',
    labels: ['input'],
  },
  connections: { name: 'foghorn_connections', kind: 'gauge', help: 'Connections that are open.', labels: ['input'] },
  connectionsEnded: {
    name: 'foghorn_connections_ended_total',
    kind: 'counter',
    help: 'Connections that were turned away (not_allowed, full, address_limit), closed for others (made_room), silent, or broke the protocol of their input.',
    labels: ['input', 'reason'],
  },
  logInFailures: {
    name: 'foghorn_log_in_failures_total',
    kind: 'counter',
    help: 'Requests without a token or certificate that may send.',
    labels: ['input'],
  },
  datagramsDropped: {
    name: 'foghorn_datagrams_dropped',
    kind: 'gauge',
    help: 'Datagrams that the kernel dropped because the socket of the input was full, since the start; read on Linux every 10 s.',
    labels: ['input'],
  },
  inFlightBytes: {
    name: 'foghorn_in_flight_bytes',
    kind: 'gauge',
    help: 'Bytes that were taken in and that Kafka has not yet.',
  },
  ...LAG_METRICS,
  ...TLS_METRICS,
} as const;

/** The collector's metrics. */
export type CollectorMetrics = Metrics<typeof COLLECTOR_METRICS>;

/** Declares them. */
export function declareCollectorMetrics(registry: Registry): CollectorMetrics {
  return declareMetrics(registry, COLLECTOR_METRICS);
}
