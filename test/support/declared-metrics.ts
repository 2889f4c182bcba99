// All metrics that are declared anywhere, with their labels: what rules, dashboards and pages may
// name.
import { declareCollectorMetrics } from '../../services/collector/metrics.ts';
import { declareConsoleMetrics } from '../../services/console/metrics.ts';
import { declareEnricherMetrics } from '../../services/enricher/metrics.ts';
import { declareIndexerMetrics } from '../../services/indexer/metrics.ts';
import { declareNotifierMetrics } from '../../services/notifier/metrics.ts';
import { declareStageMetrics } from '../../shared/kafka/stage-metrics.ts';
import { createProcessRegistry, createRegistry, declareMetrics, type Registry } from '../../shared/runtime/metrics.ts';
import { SERVICE_METRICS } from '../../shared/runtime/service.ts';

const TABLES: readonly ((registry: Registry) => unknown)[] = [
  declareCollectorMetrics,
  declareConsoleMetrics,
  declareEnricherMetrics,
  declareIndexerMetrics,
  declareNotifierMetrics,
  declareStageMetrics,
  (registry) => declareMetrics(registry, SERVICE_METRICS),
];

/**
 * Name → labels of our own metrics; of a histogram its series `_bucket`, `_sum` and `_count` too.
 */
export async function declaredMetrics(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const declare of TABLES) {
    const registry = createRegistry('test');
    declare(registry);
    await addSeries(registry, found);
  }
  return found;
}

/** The same with Node's metrics of the process, such as `process_resident_memory_bytes`. */
export async function exposedMetrics(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map(await declaredMetrics());
  await addSeries(createProcessRegistry('test'), found);
  return found;
}

async function addSeries(registry: Registry, found: Map<string, ReadonlySet<string>>): Promise<void> {
  for (const { name, type } of await registry.getMetricsAsJSON()) {
    const { labelNames } = registry.getSingleMetric(name) as unknown as { readonly labelNames: readonly string[] };
    const labels = [...labelNames, 'service'];
    found.set(name, new Set(labels));
    if (String(type) !== 'histogram') continue;
    for (const suffix of ['_sum', '_count']) found.set(`${name}${suffix}`, new Set(labels));
    found.set(`${name}_bucket`, new Set([...labels, 'le']));
  }
}
