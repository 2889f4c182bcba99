// The notifier's metrics besides those of its stages.
import { declareMetrics, type Metrics, type Registry } from '../../shared/runtime/metrics.ts';

/** The declarations of the metrics. */
export const NOTIFIER_METRICS = {
  alerts: {
    name: 'foghorn_alerts_total',
    kind: 'counter',
    help: 'Alerts by what they did: opened, reopened, repeated, duplicate; folded: counted by the incident of a sender that begins more than it may; conflict beside them: one that claims the identity of another and states something else.',
    labels: ['effect'],
  },
  incidents: { name: 'foghorn_incidents', kind: 'gauge', help: 'Incidents by state.', labels: ['state'] },
  outboxEntries: {
    name: 'foghorn_outbox_entries',
    kind: 'gauge',
    help: 'Transitions that wait for Kafka or the queues.',
  },
  unrouted: {
    name: 'foghorn_unrouted_total',
    kind: 'counter',
    help: 'Incidents without notification, because no receiver takes them.',
  },
  suppressed: {
    name: 'foghorn_suppressed_total',
    kind: 'counter',
    help: 'Suppressed notifications, by cause.',
    labels: ['by'],
  },
  superseded: {
    name: 'foghorn_superseded_total',
    kind: 'counter',
    help: 'Deliveries that a later change made unnecessary.',
  },
  commands: {
    name: 'foghorn_commands_total',
    kind: 'counter',
    help: 'Commands by kind and outcome.',
    labels: ['kind', 'outcome'],
  },
  clearings: {
    name: 'foghorn_clearings_total',
    kind: 'counter',
    help: 'Evidence that a fault is gone, by what it did.',
    labels: ['effect'],
  },
  probes: {
    name: 'foghorn_probes_total',
    kind: 'counter',
    help: 'Probed ports, by answer: served (by the service that the catalogue entry declares), other, silent, closed, outside (not allowed), unresolved.',
    labels: ['outcome'],
  },
  incidentTimers: {
    name: 'foghorn_incident_timers_total',
    kind: 'counter',
    help: 'Changes of incidents by timers, by kind.',
    labels: ['kind'],
  },
  digests: {
    name: 'foghorn_digests_total',
    kind: 'counter',
    help: 'Digests queued, by reason.',
    labels: ['reason'],
  },
  deliveries: {
    name: 'foghorn_deliveries_total',
    kind: 'counter',
    help: 'Delivery attempts, by receiver and outcome; partly_refused: sent, but not to every recipient.',
    labels: ['receiver', 'outcome'],
  },
  leasesExpired: {
    name: 'foghorn_leases_expired_total',
    kind: 'counter',
    help: 'Attempts at a delivery that lost their claim, by their lease or with Redis, so that another attempt may have sent it too.',
    labels: ['receiver'],
  },
  queueJobs: {
    name: 'foghorn_queue_jobs',
    kind: 'gauge',
    help: 'Deliveries in a queue, by state.',
    labels: ['receiver', 'state'],
  },
  oldestJobSeconds: {
    name: 'foghorn_oldest_job_seconds',
    kind: 'gauge',
    help: 'Age of the oldest waiting delivery.',
    labels: ['receiver'],
  },
  timeToAlertSeconds: {
    name: 'foghorn_time_to_alert_seconds',
    kind: 'histogram',
    help: 'Time from acceptance at the collector to delivery.',
    labels: ['receiver'],
  },
  rebuilds: { name: 'foghorn_rebuilds_total', kind: 'counter', help: 'Times the incidents were rebuilt from Kafka.' },
  skippedRecords: {
    name: 'foghorn_skipped_records_total',
    kind: 'counter',
    help: 'Records that a rebuild skipped, because they do not follow the schema of their topic or a bug was met with them.',
    labels: ['topic'],
  },
} as const;

/** The notifier's own metrics. */
export type NotifierMetrics = Metrics<typeof NOTIFIER_METRICS>;

/** Declares them. */
export function declareNotifierMetrics(registry: Registry): NotifierMetrics {
  return declareMetrics(registry, NOTIFIER_METRICS);
}
