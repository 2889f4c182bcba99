// The lookup index of the catalogue: created if missing, with its documents made equal to the
// catalogue.
import { type Elasticsearch, reasonText } from '../../../shared/elasticsearch/client.ts';
import { ConfigError } from '../../../shared/runtime/errors.ts';
import { KEYWORD, keywords, object, PROSE } from '../templates/field-types.ts';
import { fallbackMapping } from './fallback-mapping.ts';
import { asObject, type Json, markOf } from './resource.ts';
import { type Cluster, compare, unsupportedMark, noteOn, type Step } from './step.ts';

/** A document of the catalogue. */
export interface CatalogDocument {
  readonly id: string;
  readonly document: object;
}

/** Grows with every change of the mapping. */
const VERSION = 1;
const MAX_DOCUMENTS = 10_000;

const TEXTS = { type: 'text', index_options: 'docs', norms: false };

/**
 * Joined on event.provider and event.code; a column of the events' own would be replaced, with null
 * where nothing matches:
 * https://www.elastic.co/docs/reference/query-languages/esql/esql-lookup-join.
 */
const DEFINITION = {
  settings: { index: { mode: 'lookup', auto_expand_replicas: '0-1' } },
  mappings: {
    dynamic: true,
    date_detection: false,
    numeric_detection: false,
    dynamic_templates: [{ strings: { match_mapping_type: 'string', mapping: KEYWORD } }],
    properties: {
      event: object(keywords('provider', 'code', 'reference')),
      rule: object({ ...keywords('id', 'name', 'version', 'ruleset', 'reference') }),
      foghorn: object({
        remediation: object({
          ...keywords('id', 'version', 'class', 'severity', 'kind'),
          title: { ...KEYWORD, fields: { text: PROSE } },
          summary: TEXTS,
          explanation: TEXTS,
          causes: TEXTS,
          steps: TEXTS,
          verification: TEXTS,
        }),
      }),
    },
  },
};

/** The body of `PUT` for the index. */
export function catalogIndexBody(): Json {
  return withMark(DEFINITION, {});
}

function withMark(body: Json, unsupported: Json): Json {
  const mark = { ...markOf(VERSION, DEFINITION), ...unsupported };
  return { ...body, mappings: { ...asObject(body['mappings']), _meta: mark } };
}

/** The steps for the index and its documents. Throws Unavailable. */
export async function planCatalogIndex(
  cluster: Cluster,
  index: string,
  wanted: readonly CatalogDocument[],
): Promise<readonly Step[]> {
  const { elasticsearch } = cluster;
  const title = `lookup index ${index}`;
  const mark = markOf(VERSION, DEFINITION);
  const { status, body } = await elasticsearch.request({ method: 'GET', path: `/${index}` });
  const found = status === 200 ? asObject(Object.values(asObject(body))[0]) : undefined;
  const meta = asObject(asObject(found?.['mappings'])['_meta']);
  const finding = found === undefined ? 'create' : compare(meta, mark, cluster.version);
  if (finding === 'foreign' || finding === 'newer') return [{ title, finding, changes: [], ...noteOn(finding, meta) }];
  const make: Step = {
    title,
    finding,
    changes: [],
    // A lookup index has no data but the catalogue: one with another mapping is created anew.
    ...(finding === 'same' ? {} : { apply: () => makeAnew(cluster, index, found !== undefined) }),
  };
  return [make, await planDocuments(elasticsearch, { index, wanted, isEmpty: finding !== 'same' })];
}

async function makeAnew(cluster: Cluster, index: string, isThere: boolean): Promise<readonly string[]> {
  const { elasticsearch } = cluster;
  if (isThere) await elasticsearch.request({ method: 'DELETE', path: `/${index}` });
  const notes: string[] = [];
  const unsupported: string[] = [];
  let body = catalogIndexBody();
  for (;;) {
    const answer = await elasticsearch.request({ method: 'PUT', path: `/${index}`, body });
    if (answer.status === 200) return notes;
    const next = fallbackMapping(body, JSON.stringify(answer.body));
    if (next === undefined)
      throw new ConfigError(`Elasticsearch refuses to make the index ${index}: ${reasonText(answer.body)}.`);
    notes.push(`the cluster does not know ${next.unsupported}: ${next.instead} instead`);
    unsupported.push(next.unsupported);
    body = withMark(next.body, unsupportedMark(unsupported, cluster));
  }
}

interface DocumentPlan {
  readonly index: string;
  readonly wanted: readonly CatalogDocument[];
  readonly isEmpty: boolean;
}

async function planDocuments(elasticsearch: Elasticsearch, plan: DocumentPlan): Promise<Step> {
  const there = plan.isEmpty ? new Map<string, string>() : await documentsOf(elasticsearch, plan.index);
  const ids = new Set(plan.wanted.map(({ id }) => id));
  const changed = plan.wanted.filter(({ id, document }) => there.get(id) !== canonical(document));
  const gone = [...there.keys()].filter((id) => !ids.has(id));
  const title = `catalogue in ${plan.index}`;
  if (changed.length + gone.length === 0) return { title, finding: 'same', changes: [] };
  return {
    title,
    finding: there.size === 0 ? 'create' : 'update',
    changes: [...changed.map(({ id }) => `+ ${id}`), ...gone.map((id) => `- ${id}`)],
    note: `${changed.length} documents to write, ${gone.length} to take away`,
    apply: () => writeDocuments(elasticsearch, plan.index, { changed, gone }),
  };
}

async function documentsOf(elasticsearch: Elasticsearch, index: string): Promise<Map<string, string>> {
  await elasticsearch.request({ method: 'POST', path: `/${index}/_refresh` });
  const body = { size: MAX_DOCUMENTS, query: { match_all: {} } };
  const answer = await elasticsearch.request({ method: 'POST', path: `/${index}/_search`, body });
  const { hits } = asObject(asObject(answer.body)['hits']) as {
    readonly hits?: readonly { readonly _id: string; readonly _source: unknown }[];
  };
  if (answer.status !== 200 || hits === undefined)
    throw new ConfigError(`The index ${index} cannot be read: ${reasonText(answer.body)}.`);
  return new Map(hits.map(({ _id, _source }) => [_id, canonical(_source)]));
}

async function writeDocuments(
  elasticsearch: Elasticsearch,
  index: string,
  { changed, gone }: { readonly changed: readonly CatalogDocument[]; readonly gone: readonly string[] },
): Promise<readonly string[]> {
  const lines = [
    ...changed.flatMap(({ id, document }) => [{ index: { _id: id } }, document]),
    ...gone.map((id) => ({ delete: { _id: id } })),
  ];
  const body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8');
  const query = { refresh: 'true', filter_path: 'errors,items.*.error' };
  const answer = await elasticsearch.request({ method: 'POST', path: `/${index}/_bulk`, query, body });
  const { errors, items } = asObject(answer.body) as { readonly errors?: boolean; readonly items?: readonly Json[] };
  if (answer.status !== 200 || errors !== false) {
    const failed = items?.flatMap((item) => Object.values(item)).find((item) => asObject(item)['error'] !== undefined);
    throw new ConfigError(`Elasticsearch refuses the catalogue: ${reasonText(failed ?? answer.body)}.`);
  }
  return [];
}

/** JSON with sorted keys, so that the order in which a cluster gives them back does not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}
