// How long documents are kept: by a lifecycle policy where the cluster has them, otherwise by the data streams' own lifecycle.
import type { Elasticsearch, ElasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { lacksApi } from '../../../shared/elasticsearch/lacking.ts';
import { type PlacedTemplate, placedTemplates } from '../templates/all.ts';
import { COMPONENT_TEMPLATE, type Json, LIFECYCLE_POLICY, markedResource, type Resource } from './resource.ts';

/** Grows with every change of the definitions. */
const VERSION = 1;
/** What a backing index grows to, and for how long, before the next one begins. */
const ROLLOVER = { max_primary_shard_size: '50gb', max_age: '30d' };

/** Which of the two ways a cluster has. */
export type LifecycleWay = 'policy' | 'data stream';

/** Asks the cluster. Throws Unavailable. */
export async function lifecycleWay(elasticsearch: Elasticsearch): Promise<LifecycleWay> {
  // What has a policy API answers 404 for a name that is not there, in words of its own.
  const answer = await elasticsearch.request({ method: 'GET', path: LIFECYCLE_POLICY.path('foghorn') });
  return lacksApi(answer) ? 'data stream' : 'policy';
}

/** The policies and the component templates that apply them, for each data stream. */
export function lifecycleResources(settings: ElasticsearchSettings, way: LifecycleWay): readonly Resource[] {
  const streams = placedTemplates(settings).filter(({ kind }) => kind === 'data stream');
  return streams.flatMap((placed) => resourcesOf(placed, { way, days: retentionDays(settings, placed) }));
}

function retentionDays(settings: ElasticsearchSettings, { template: { name } }: PlacedTemplate): number {
  if (name.endsWith('.actions')) return settings.actionsRetentionDays;
  return name.endsWith('.dead_letters') ? settings.deadLettersRetentionDays : settings.eventsRetentionDays;
}

function resourcesOf(
  { template: { name } }: PlacedTemplate,
  { way, days }: { readonly way: LifecycleWay; readonly days: number },
): readonly Resource[] {
  const policy = `${name}@foghorn`;
  const component = (template: Json): Resource =>
    markedResource(COMPONENT_TEMPLATE, `${name}@lifecycle`, VERSION, { template });
  if (way === 'data stream') return [component({ lifecycle: days === 0 ? {} : { data_retention: `${days}d` } })];
  return [
    markedResource(LIFECYCLE_POLICY, policy, VERSION, { policy: { phases: phasesOf(days) } }),
    component({ settings: { index: { lifecycle: { name: policy } } } }),
  ];
}

function phasesOf(days: number): Json {
  const hot = { min_age: '0ms', actions: { rollover: ROLLOVER } };
  return days === 0 ? { hot } : { hot, delete: { min_age: `${days}d`, actions: { delete: {} } } };
}
