// How long documents are kept: by a lifecycle policy where the cluster has them, otherwise by the
// data streams' own lifecycle.
import type { Elasticsearch, ElasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { lacksApi } from '../../../shared/elasticsearch/lacks-api.ts';
import { placedTemplates } from '../templates/all.ts';
import type { IndexTemplate } from '../templates/field-types.ts';
import { COMPONENT_TEMPLATE, type Json, LIFECYCLE_POLICY, markedResource, type Resource } from './resource.ts';

/** Grows with every change of the definitions. */
const VERSION = 2;
/** The size and the age at which a backing index is rolled over. */
const MAX_SHARD_SIZE = '50gb';
const MAX_AGE_DAYS = 30;
/** At least so many indices cover the time that documents are kept. */
const INDICES_KEPT = 7;

/** The kind of lifecycle that a cluster has. */
export type LifecycleWay = 'policy' | 'data stream';

/** Asks the cluster. Throws Unavailable. */
export async function lifecycleWay(elasticsearch: Elasticsearch): Promise<LifecycleWay> {
  // A cluster with the policy API answers 404 with its own error for a missing name.
  const answer = await elasticsearch.request({ method: 'GET', path: LIFECYCLE_POLICY.path('foghorn') });
  return lacksApi(answer) ? 'data stream' : 'policy';
}

/** The policies and the component templates that apply them, for each data stream. */
export function lifecycleResources(settings: ElasticsearchSettings, way: LifecycleWay): readonly Resource[] {
  return placedTemplates(settings).flatMap(({ template, keptDays }) =>
    keptDays === undefined ? [] : resourcesOf(template, keptDays, way),
  );
}

function resourcesOf({ name }: IndexTemplate, days: number, way: LifecycleWay): readonly Resource[] {
  const component = (template: Json): Resource =>
    markedResource(COMPONENT_TEMPLATE, lifecycleComponent(name), VERSION, { template });
  if (way === 'data stream') return [component({ lifecycle: streamLifecycle(days) })];
  const policy = policyName(name);
  return [
    markedResource(LIFECYCLE_POLICY, policy, VERSION, { policy: { phases: phasesOf(days) } }),
    // The distribution with policies has the codec's native library, too; one without it accepts
    // the setting and then no document.
    component({ settings: { index: { codec: 'best_compression', lifecycle: { name: policy } } } }),
  ];
}

/** The name of the component template that brings a template its lifecycle. */
export function lifecycleComponent(template: string): string {
  return `${template}@lifecycle`;
}

/** The name of the policy for the streams of a template. */
export function policyName(template: string): string {
  return `${template}@foghorn`;
}

/** A data stream's own lifecycle, as `PUT _data_stream/<name>/_lifecycle` takes it. */
export function streamLifecycle(days: number): Json {
  return days === 0 ? {} : { data_retention: `${days}d` };
}

/**
 * A whole index is deleted when its youngest document is old enough; its oldest document stays
 * longer by `max_age`.
 */
function phasesOf(days: number): Json {
  const maxAge = days === 0 ? MAX_AGE_DAYS : Math.min(MAX_AGE_DAYS, Math.ceil(days / INDICES_KEPT));
  const rollover = { max_primary_shard_size: MAX_SHARD_SIZE, max_age: `${maxAge}d` };
  const hot = { min_age: '0ms', actions: { rollover } };
  return days === 0 ? { hot } : { hot, delete: { min_age: `${days}d`, actions: { delete: {} } } };
}
