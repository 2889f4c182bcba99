// The metrics of all services as documentation: the table of docs/metrics.md, made from their
// declarations.
import { COLLECTOR_METRICS } from '../../services/collector/metrics.ts';
import { CONSOLE_METRICS } from '../../services/console/metrics.ts';
import { ENRICHER_METRICS } from '../../services/enricher/metrics.ts';
import { INDEXER_METRICS } from '../../services/indexer/metrics.ts';
import { NOTIFIER_METRICS } from '../../services/notifier/metrics.ts';
import { STAGE_METRICS } from '../../shared/kafka/stage-metrics.ts';
import type { MetricDeclaration } from '../../shared/runtime/metrics.ts';
import { SERVICE_METRICS } from '../../shared/runtime/service.ts';

/** The program with the metrics, and their declarations. */
const PARTS: readonly (readonly [string, Readonly<Record<string, MetricDeclaration>>])[] = [
  ['Every service', SERVICE_METRICS],
  ['Every stage: enricher, indexer, notifier', STAGE_METRICS],
  ['Collector', COLLECTOR_METRICS],
  ['Enricher', ENRICHER_METRICS],
  ['Indexer', INDEXER_METRICS],
  ['Notifier', NOTIFIER_METRICS],
  ['Console', CONSOLE_METRICS],
];

/** The tables, one for each part. */
export function metricsTables(): string {
  return PARTS.map(([title, table]) => `## ${title}\n\n${tableOf(Object.values(table))}`).join('\n\n');
}

function tableOf(declarations: readonly MetricDeclaration[]): string {
  const rows = declarations
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map(
      ({ name, kind, labels = [], help }) =>
        `| \`${name}\` | ${kind} | ${labels.join(', ')} | ${help.replaceAll('|', '\\|')} |`,
    );
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
