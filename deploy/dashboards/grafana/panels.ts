// The panels of the Grafana dashboard: the pipeline's own health.

/** One curve of a panel, or several by their labels. */
interface Query {
  /** PromQL; `$__rate_interval` is Grafana's own. */
  readonly expr: string;
  /** How a curve is named; `{{stage}}` is the value of a label. */
  readonly legend: string;
}

/** One panel: what it shows, and how to read it. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  /** A unit of Grafana's, e.g. `s`, `short`, `bytes`, `reqps`. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

/** Panels under one heading. */
interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const RATE = '[$__rate_interval]';
/** All members of a group show each partition, so that a maximum over them counts it once. */
const perPartition = (metric: string): string => `max by (stage, topic, partition) (${metric})`;
const quantile = (share: number, metric: string, by: string): string =>
  `histogram_quantile(${share}, sum by (le, ${by}) (rate(${metric}_bucket${RATE})))`;

/** All panels, in the order of the dashboard. */
export const ROWS: readonly Row[] = [
  {
    title: 'Flow',
    panels: [
      {
        title: 'Events received',
        description: 'By outcome. unavailable and overloaded are sent again by the agents.',
        unit: 'eps',
        queries: [{ expr: `sum by (outcome) (rate(foghorn_events_received_total${RATE}))`, legend: '{{outcome}}' }],
      },
      {
        title: 'Records read by each stage',
        description: 'All stages should follow the events received.',
        unit: 'short',
        queries: [{ expr: `sum by (stage, topic) (rate(foghorn_records_read_total${RATE}))`, legend: '{{stage}}' }],
      },
      {
        title: 'Lag',
        description: 'Records that wait for a stage. Growing: start another service of this kind.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (stage, topic) (${perPartition('foghorn_lag_records')})`,
            legend: '{{stage}} {{topic}}',
          },
        ],
      },
      {
        title: 'From received to enriched and to indexed, 95 %',
        description: 'Includes the time in Kafka.',
        unit: 's',
        queries: [
          { expr: quantile(0.95, 'foghorn_enrich_latency_seconds', 'service'), legend: 'enriched' },
          { expr: quantile(0.95, 'foghorn_index_latency_seconds', 'service'), legend: 'indexed' },
        ],
      },
    ],
  },
  {
    title: 'Trouble',
    panels: [
      {
        title: 'Stalled stages',
        description:
          'Seconds since the last commit while records wait. /readyz and the log name what the stage waits for.',
        unit: 's',
        queries: [
          {
            expr: `max by (stage, topic) (foghorn_stage_stalled_seconds) > 0`,
            legend: '{{stage}} {{topic}}',
          },
        ],
      },
      {
        title: 'Dead letters',
        description: 'Records that could not be processed, by reason: foghorn deadletters list.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (stage, reason) (increase(foghorn_dead_letters_total${RATE}))`,
            legend: '{{stage}} {{reason}}',
          },
        ],
      },
      {
        title: 'Retries of a dependency',
        description: 'Batches that were retried because Kafka, Elasticsearch or Redis was unavailable.',
        unit: 'short',
        queries: [{ expr: `sum by (stage) (increase(foghorn_dependency_retries_total${RATE}))`, legend: '{{stage}}' }],
      },
      {
        title: 'Settings and catalogue in force are old',
        description: '1: the last change has a mistake, and what was before stays in force.',
        unit: 'short',
        queries: [
          {
            expr: `max by (service) (1 - foghorn_config_last_reload_successful)`,
            legend: 'settings of the {{service}}',
          },
          { expr: `max(foghorn_catalog_is_refused)`, legend: 'catalogue' },
        ],
      },
    ],
  },
  {
    title: 'Elasticsearch',
    panels: [
      {
        title: 'Documents by outcome',
        description: 'exists: it was there, a repeat. conflict: another document of its id. refused: a dead letter.',
        unit: 'short',
        queries: [{ expr: `sum by (outcome) (rate(foghorn_indexed_documents_total${RATE}))`, legend: '{{outcome}}' }],
      },
      {
        title: 'Time of a bulk request, 95 %',
        description: 'Requests become smaller when this exceeds indexer.bulkTargetMs.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'foghorn_bulk_seconds', 'target'), legend: '{{target}}' }],
      },
      {
        title: 'Size of a bulk request',
        description: 'What the indexer cuts requests to now.',
        unit: 'bytes',
        queries: [{ expr: `min(foghorn_bulk_size_bytes)`, legend: 'smallest' }],
      },
      {
        title: 'Documents put off',
        description: 'Sent again because Elasticsearch was busy (429).',
        unit: 'short',
        queries: [{ expr: `sum by (target) (rate(foghorn_bulk_retries_total${RATE}))`, legend: '{{target}}' }],
      },
    ],
  },
  {
    title: 'Notifications',
    panels: [
      {
        title: 'Time to alert',
        description: 'From the collector to the receiver. Groups wait for their group_wait.',
        unit: 's',
        queries: [
          { expr: quantile(0.5, 'foghorn_time_to_alert_seconds', 'receiver'), legend: '{{receiver}} 50 %' },
          { expr: quantile(0.99, 'foghorn_time_to_alert_seconds', 'receiver'), legend: '{{receiver}} 99 %' },
        ],
      },
      {
        title: 'Deliveries by receiver and outcome',
        description: 'What is not sent is retried for days: foghorn deliveries list.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (receiver, outcome) (increase(foghorn_deliveries_total${RATE}))`,
            legend: '{{receiver}} {{outcome}}',
          },
        ],
      },
      {
        title: 'Oldest notification that waits',
        description: 'A receiver that takes nothing.',
        unit: 's',
        queries: [{ expr: `max by (receiver) (foghorn_oldest_job_seconds)`, legend: '{{receiver}}' }],
      },
      {
        title: 'Incidents by state',
        description: 'As the notifier has them in Redis.',
        unit: 'short',
        queries: [{ expr: `max by (state) (foghorn_incidents)`, legend: '{{state}}' }],
      },
      {
        title: 'Held back, and notified to nobody',
        description: 'Suppressed by silences, inhibition, intervals or flapping; and incidents without a receiver.',
        unit: 'short',
        queries: [
          { expr: `sum by (by) (increase(foghorn_suppressed_total${RATE}))`, legend: '{{by}}' },
          { expr: `sum(increase(foghorn_unrouted_total${RATE}))`, legend: 'no receiver' },
        ],
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'CPU',
        description: 'Cores in use.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (service) (rate(process_cpu_seconds_total{service=~"$service"}${RATE}))`,
            legend: '{{service}}',
          },
        ],
      },
      {
        title: 'Memory',
        description: 'Resident.',
        unit: 'bytes',
        queries: [
          { expr: `max by (service) (process_resident_memory_bytes{service=~"$service"})`, legend: '{{service}}' },
        ],
      },
      {
        title: 'Event loop',
        description: 'How busy the one thread of a service is. Where it stays near 100 %, start another of it.',
        unit: 'percentunit',
        queries: [
          {
            expr: `max by (service) (rate(foghorn_event_loop_busy_seconds_total{service=~"$service"}${RATE}))`,
            legend: '{{service}}',
          },
        ],
      },
    ],
  },
];
