// Prometheus metrics: each service declares its own in one table; prom-client is imported here
// alone.
import { createRequire } from 'node:module';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One metric as declared. */
export interface MetricDeclaration {
  /** As it is scraped, in Prometheus' conventions: base units, `_total` for counters. */
  readonly name: `foghorn_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  readonly buckets?: readonly number[];
}

type MetricOf<D extends MetricDeclaration> = D['kind'] extends 'counter'
  ? Counter
  : D['kind'] extends 'gauge'
    ? Gauge
    : Histogram;

/** The metrics of a table, by the table's own keys. */
export type Metrics<T extends Readonly<Record<string, MetricDeclaration>>> = {
  readonly [K in keyof T]: MetricOf<T[K]>;
};

/** Buckets in seconds for what should be fast and may take hours after an outage. */
const LATENCY_BUCKETS_SECONDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200,
];

/**
 * The modules of prom-client with Node's metrics of the process. Of its default ones those are left
 * out that take CPU time between two scrapes: the durations of garbage collections, and the lag of
 * the event loop, which is read a hundred times a second.
 */
const PROCESS_MODULES = [
  'processCpuTotal',
  'processStartTime',
  'osMemoryHeap',
  'processOpenFileDescriptors',
  'processMaxFileDescriptors',
  'processResources',
  'heapSizeAndUsed',
  'heapSpacesSizeAndUsed',
  'version',
] as const;

/** The content type of what registries print: Prometheus' text format. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** A registry for what a service counts from its start to its end. */
export function createRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  return registry;
}

/** A registry with Node's own process metrics; one for each process. */
export function createProcessRegistry(service: string): Registry {
  const registry = createRegistry(service);
  const require = createRequire(import.meta.url);
  for (const name of PROCESS_MODULES)
    (require(`prom-client/lib/metrics/${name}`) as (registry: Registry) => void)(registry);
  return registry;
}

/** Makes the metrics of a table. */
export function declareMetrics<const T extends Readonly<Record<string, MetricDeclaration>>>(
  registry: Registry,
  table: T,
): Metrics<T> {
  const made = Object.entries(table).map(([key, declaration]) => [key, declare(registry, declaration)] as const);
  return Object.fromEntries(made) as Metrics<T>;
}

function declare(registry: Registry, declaration: MetricDeclaration): Counter | Gauge | Histogram {
  const { name, kind, help, labels = [], buckets = LATENCY_BUCKETS_SECONDS } = declaration;
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (kind === 'counter') return new Counter(options);
  if (kind === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, buckets: [...buckets] });
}
