// The lifecycle of an existing data stream: a changed template applies to new streams and new
// backing indices only.
import { type Elasticsearch, type ElasticsearchRequest, reasonText } from '../../../shared/elasticsearch/client.ts';
import { lacksApi } from '../../../shared/elasticsearch/lacks-api.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import type { PlacedTemplate } from '../templates/all.ts';
import { differences } from './differences.ts';
import { type LifecycleWay, policyName, streamLifecycle } from './lifecycle.ts';
import { asObject, type Json } from './resource.ts';
import { effectiveTemplate } from './streams.ts';
import type { Step } from './step.ts';

/** The stream to plan for; `isInPlace` as with `planIndex`. */
interface StreamLifecycle {
  readonly placed: PlacedTemplate;
  readonly way: LifecycleWay;
  readonly isInPlace: boolean;
}

/** Where the lifecycle of a stream is read and written, and what it should be. */
interface Place {
  readonly path: string;
  /** The lifecycles in the answer to a `GET`, by index or stream. */
  readonly read: (answer: Json) => Json;
  /** The same in a template. */
  readonly ofTemplate: (template: Json) => Json;
  readonly wanted: Json;
  readonly body: Json;
}

/**
 * The step for an existing stream of our own; undefined where there is none. Throws Unavailable.
 */
export async function planStreamLifecycle(
  elasticsearch: Elasticsearch,
  { placed, way, isInPlace }: StreamLifecycle,
): Promise<Step | undefined> {
  const { index, template, keptDays } = placed;
  if (keptDays === undefined) return undefined;
  const title = `lifecycle of ${index}`;
  const place = way === 'policy' ? policyPlace(index, policyName(template.name)) : ownPlace(index, keptDays);
  const answer = await elasticsearch.request({ method: 'GET', path: place.path });
  if (lacksApi(answer)) return { title, finding: 'unsupported', changes: [], note: 'its documents are kept for good' };
  if (answer.status !== 200) return undefined;
  const found = place.read(asObject(answer.body));
  const changes = Object.entries(found).flatMap(([of, lifecycle]) =>
    differences({ [of]: lifecycle }, { [of]: place.wanted }),
  );
  if (isInPlace && !(await isInEffect(elasticsearch, index, place)))
    return { title, finding: 'foreign', changes: [], note: OTHER_LIFECYCLE };
  if (changes.length === 0) return { title, finding: 'same', changes };
  const apply = async (): Promise<readonly string[]> => {
    if (!(await isInEffect(elasticsearch, index, place))) return [OTHER_LIFECYCLE];
    return await put(elasticsearch, { method: 'PUT', path: place.path, body: place.body });
  };
  return { title, finding: 'update', changes, apply };
}

const OTHER_LIFECYCLE = 'another template says how long its documents are kept: it is left as it is';

/** By policy: a setting of each backing index. */
function policyPlace(index: string, policy: string): Place {
  const nameOf = (settings: unknown): Json => {
    const { name } = asObject(asObject(asObject(settings)['index'])['lifecycle']);
    return name === undefined ? {} : { 'index.lifecycle.name': name };
  };
  return {
    path: `/${index}/_settings`,
    read: (answer) =>
      Object.fromEntries(Object.entries(answer).map(([name, body]) => [name, nameOf(asObject(body)['settings'])])),
    ofTemplate: (template) => nameOf(template['settings']),
    wanted: { 'index.lifecycle.name': policy },
    body: { index: { lifecycle: { name: policy } } },
  };
}

/**
 * The stream's own:
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-put-data-lifecycle.
 */
function ownPlace(index: string, days: number): Place {
  const lifecycleOf = (holder: unknown): Json => {
    const { enabled, data_retention: retention } = asObject(asObject(holder)['lifecycle']);
    return { is_managed: asObject(holder)['lifecycle'] !== undefined && enabled !== false, data_retention: retention };
  };
  const body = streamLifecycle(days);
  return {
    path: `/_data_stream/${index}/_lifecycle`,
    read: ({ data_streams: streams }) =>
      Object.fromEntries((streams as readonly Json[]).map((stream) => [String(stream['name']), lifecycleOf(stream)])),
    ofTemplate: lifecycleOf,
    wanted: { is_managed: true, data_retention: body['data_retention'] },
    body,
  };
}

/**
 * False when the operator's own component, or a template of higher priority, has another lifecycle.
 */
async function isInEffect(
  elasticsearch: Elasticsearch,
  index: string,
  { ofTemplate, wanted }: Place,
): Promise<boolean> {
  return differences(ofTemplate(await effectiveTemplate(elasticsearch, index)), wanted).length === 0;
}

async function put(elasticsearch: Elasticsearch, request: ElasticsearchRequest): Promise<readonly string[]> {
  const answer = await elasticsearch.request(request);
  if (answer.status === 200) return [];
  throw new ConfigError(`Elasticsearch refuses ${request.method} ${request.path}: ${reasonText(answer.body)}.`);
}
