// What the notifier counts beside its loop.
import { declareMetrics, type Metrics, type Registry } from '../../shared/runtime/metrics.ts';

const TABLE = {
  alerts: {
    kind: 'counter',
    help: 'Alerts by what they did: opened, reopened, repeated, duplicate; folded: counted by the incident of a sender that begins more than it may; conflict beside them: one that claims the identity of another and states something else.',
    labels: ['effect'],
  },
  incidents: { kind: 'gauge', help: 'Incidents by state.', labels: ['state'] },
  outboxEntries: { kind: 'gauge', help: 'Transitions that wait for Kafka or the queues.' },
  unrouted: { kind: 'counter', help: 'Incidents nobody was told about, because no receiver takes them.' },
  suppressed: { kind: 'counter', help: 'Times something was held back, by what.', labels: ['by'] },
  overtaken: { kind: 'counter', help: 'Deliveries that a later change made needless.' },
  commands: { kind: 'counter', help: 'Commands by kind and outcome.', labels: ['kind', 'outcome'] },
  clearings: { kind: 'counter', help: 'Evidence that a fault is gone, by what it did.', labels: ['effect'] },
  probes: {
    kind: 'counter',
    help: 'Ports asked, by what answered: served (Windows Media Services), other, silent, closed, outside (not allowed), unresolved.',
    labels: ['outcome'],
  },
  timersFired: { kind: 'counter', help: 'What incidents did of themselves as time went by.', labels: ['kind'] },
  digests: { kind: 'counter', help: 'Digests given to the queues, by why.', labels: ['reason'] },
  deliveries: {
    kind: 'counter',
    help: 'Tries to deliver, by receiver and outcome; partly_refused beside sent: some recipients never get it.',
    labels: ['receiver', 'outcome'],
  },
  lostClaims: {
    kind: 'counter',
    help: 'Deliveries that took longer than their lease, so that another process may have sent them too.',
    labels: ['receiver'],
  },
  queueJobs: { kind: 'gauge', help: 'Deliveries in a queue, by state.', labels: ['receiver', 'state'] },
  oldestJobSeconds: { kind: 'gauge', help: 'Age of the oldest delivery that waits.', labels: ['receiver'] },
  timeToAlertSeconds: {
    kind: 'histogram',
    help: 'From acceptance at the collector to delivered.',
    labels: ['receiver'],
  },
  rebuilds: { kind: 'counter', help: 'Times the incidents were rebuilt from Kafka.' },
  skippedRecords: {
    kind: 'counter',
    help: 'Records that a rebuild skipped, because they do not follow the schema of their topic or a bug was met with them.',
    labels: ['topic'],
  },
} as const;

/** The notifier's own metrics. */
export type NotifierMetrics = Metrics<typeof TABLE>;

/** Declares them. */
export function declareNotifierMetrics(registry: Registry): NotifierMetrics {
  return declareMetrics(registry, TABLE);
}
