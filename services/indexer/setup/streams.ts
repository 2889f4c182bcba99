// The data streams and the incident index: created if missing, and updated to a newer template.
import { type Elasticsearch, type ElasticsearchResponse, reasonText } from '../../../shared/elasticsearch/client.ts';
import { lacksApi } from '../../../shared/elasticsearch/lacks-api.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import { type PlacedTemplate, templateMark } from '../templates/all.ts';
import { differences } from './differences.ts';
import { asObject, type Json } from './resource.ts';
import { compare, noteOn, type Step } from './step.ts';

/**
 * The step for the stream or index of a template. `isInPlace`: the template itself needs no change,
 * so that the cluster knows now whether it is in effect; otherwise that is checked when the step
 * runs. Throws Unavailable.
 */
export async function planIndex(
  elasticsearch: Elasticsearch,
  placed: PlacedTemplate,
  isInPlace: boolean,
): Promise<Step> {
  const { kind, index } = placed;
  const title = `${kind} ${index}`;
  const mapping = await writtenMapping(elasticsearch, index);
  if (mapping === undefined) return await planNew(elasticsearch, placed, title);
  const mark = templateMark(placed.template);
  const meta = asObject(mapping['_meta']);
  // Templates of the first version left no mark in the mapping.
  const finding = compare(meta['managed_by'] === undefined ? { ...meta, managed_by: mark.managed_by } : meta, mark);
  if (finding !== 'update') return { title, finding, changes: [], ...noteOn(finding, meta) };
  if (isInPlace && (await ownMappings(elasticsearch, placed)) === undefined)
    return { title, finding: 'foreign', changes: [], note: OTHER_TEMPLATE };
  const changes = differences(withoutMeta(mapping), withoutMeta(mappingsOf(placed)));
  const apply = async (): Promise<readonly string[]> => {
    const mappings = await ownMappings(elasticsearch, placed);
    if (mappings === undefined) return [OTHER_TEMPLATE];
    return kind === 'index'
      ? await updateMapping(elasticsearch, index, mappings)
      : await rollOver(elasticsearch, index);
  };
  return { title, finding, changes, apply, ...(kind === 'index' ? {} : { note: ROLLED_OVER }) };
}

const OTHER_TEMPLATE = 'another template is in effect for it: it is left as it is';
const ROLLED_OVER =
  'rolled over, so that new documents come under the new template; those that are there stay as they are';

/**
 * The simulated settings, mappings and lifecycle of a new index of this name, by all templates
 * together. Empty where there is none. Throws Unavailable.
 */
export async function effectiveTemplate(elasticsearch: Elasticsearch, index: string): Promise<Json> {
  const path = `/_index_template/_simulate_index/${index}`;
  return asObject(asObject((await elasticsearch.request({ method: 'POST', path })).body)['template']);
}

/**
 * The mappings that a new index would get; undefined when a template of higher priority replaces
 * ours.
 */
async function ownMappings(elasticsearch: Elasticsearch, placed: PlacedTemplate): Promise<Json | undefined> {
  const mappings = asObject((await effectiveTemplate(elasticsearch, placed.index))['mappings']);
  return asObject(mappings['_meta'])['digest'] === templateMark(placed.template).digest ? mappings : undefined;
}

async function planNew(elasticsearch: Elasticsearch, { kind, index }: PlacedTemplate, title: string): Promise<Step> {
  if (kind === 'index')
    return { title, finding: 'create', changes: [], apply: () => create(elasticsearch, `/${index}`) };
  const path = `/_data_stream/${index}`;
  if (lacksApi(await elasticsearch.request({ method: 'GET', path }))) {
    const note = 'the cluster has no API to make data streams: the first document makes it';
    return { title, finding: 'unsupported', changes: [], note };
  }
  return { title, finding: 'create', changes: [], apply: () => create(elasticsearch, path) };
}

/** The mapping for new documents; undefined when there is no such index. */
async function writtenMapping(elasticsearch: Elasticsearch, index: string): Promise<Json | undefined> {
  const { status, body } = await elasticsearch.request({ method: 'GET', path: `/${index}/_mapping` });
  if (status !== 200) return undefined;
  // Backing indices carry date and generation in their names; the last is the one written to.
  const last = Object.keys(body as Json)
    .sort((left, right) => left.slice(-6).localeCompare(right.slice(-6)))
    .at(-1);
  return last === undefined ? undefined : asObject(asObject((body as Json)[last])['mappings']);
}

async function create(elasticsearch: Elasticsearch, path: string): Promise<readonly string[]> {
  const answer = await elasticsearch.request({ method: 'PUT', path });
  if (!answer.status.toString().startsWith('2') && !isAlreadyThere(answer)) throw refused(`make ${path}`, answer);
  return [];
}

function isAlreadyThere({ body }: ElasticsearchResponse): boolean {
  return JSON.stringify(body).includes('resource_already_exists_exception');
}

/**
 * At once, not with the next document: the lookup of repeats in older indices comes before the
 * write.
 */
async function rollOver(elasticsearch: Elasticsearch, index: string): Promise<readonly string[]> {
  const answer = await elasticsearch.request({ method: 'POST', path: `/${index}/_rollover` });
  if (answer.status !== 200) throw refused(`roll over ${index}`, answer);
  return [];
}

/** New fields can be added to an index; types of old ones cannot be changed. */
async function updateMapping(elasticsearch: Elasticsearch, index: string, mappings: Json): Promise<readonly string[]> {
  const answer = await elasticsearch.request({ method: 'PUT', path: `/${index}/_mapping`, body: mappings });
  if (answer.status === 200) return [];
  throw refused(
    `change the mapping of ${index} (reindex it under another elasticsearch.incidentIndex; Kafka has all incidents)`,
    answer,
  );
}

function refused(what: string, { body }: ElasticsearchResponse): ConfigError {
  return new ConfigError(`Elasticsearch refuses to ${what}: ${reasonText(body)}.`);
}

function mappingsOf({ template }: PlacedTemplate): Json {
  return asObject(template.body.template['mappings']);
}

function withoutMeta(mapping: Json): Json {
  return Object.fromEntries(Object.entries(mapping).filter(([name]) => name !== '_meta'));
}
