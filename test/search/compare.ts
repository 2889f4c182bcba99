// `npm run search:compare -- RULES`: what Elasticsearch finds for detection rules beside what a
// plain scan of the same documents finds. WINDOWS_EVENTS_DATA names the real events,
// ELASTICSEARCH_URL a server; RULES is a folder with rules (`rules.ts`).
import { randomBytes } from 'node:crypto';
import { bulkBody } from '../../services/indexer/bulk-request.ts';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import { eventStreamTemplate } from '../../services/indexer/templates/event-stream.ts';
import { createElasticsearch, type Elasticsearch, elasticsearchSettings } from '../../shared/elasticsearch/client.ts';
import { dataFolder, NO_DATA } from '../support/data-folder.ts';
import { quietLog } from '../support/log.ts';
import { type Columns, columnsOf } from './columns.ts';
import { type Expression, fieldsOf, scan, toDsl } from './expression.ts';
import { realDocuments } from './real-events.ts';
import { type Rule, rulesIn } from './rules.ts';

const BATCH = 500;
/** `index.max_result_window`: of more hits only the number is compared. */
const MAX_HITS = 10_000;
const EVERY = 250;
/** Documents that differ, of which the longest value is reported. */
const MAX_EXAMPLES = 20;
/** Fields that Elasticsearch searches by words, where a scan of texts has nothing to say. */
const BY_WORDS = /(?:^|\.)(?:message|text)$/u;

type Json = Readonly<Record<string, unknown>>;

/** What came of one rule. */
interface Outcome {
  readonly rule: Rule;
  readonly found: number;
  readonly scanned: number;
  /** Why it could not be compared, or how the two differ. */
  readonly leftOut?: string;
  readonly difference?: string;
}

const [rulesFolder] = process.argv.slice(2);
const folder = dataFolder();
const url = process.env['ELASTICSEARCH_URL'];
if (rulesFolder === undefined || url === undefined || folder === undefined) {
  const what = folder === undefined ? NO_DATA : 'ELASTICSEARCH_URL=… npm run search:compare -- FOLDER_OF_RULES';
  process.stderr.write(`foghorn  ${what}\n`);
  process.exitCode = 1;
} else await compareAll(folder, rulesFolder, url);

async function compareAll(data: string, rulesPath: string, address: string): Promise<void> {
  const elasticsearch = createElasticsearch({ ...elasticsearchSettings.parse({}), nodes: [address] });
  const dataset = `search.t${randomBytes(4).toString('hex')}`;
  const stream = `logs-${dataset}-default`;
  try {
    const texts = await realDocuments(data);
    await write(elasticsearch, { dataset, stream }, texts);
    const documents = texts.map((text) => JSON.parse(text) as Json);
    const columns = columnsOf(documents);
    const outcomes: Outcome[] = [];
    for (const rule of rulesIn(rulesPath)) {
      outcomes.push(await compare(rule, columns, (query) => idsOf(elasticsearch, stream, query)));
      if (outcomes.length % EVERY === 0) process.stderr.write(`foghorn  ${outcomes.length} rules\n`);
    }
    report(outcomes, texts.length);
  } finally {
    await elasticsearch.request({ method: 'DELETE', path: `/_data_stream/${stream}` });
    await elasticsearch.close();
  }
}

/** Under the product's own template; the number of a document is its id. */
async function write(
  elasticsearch: Elasticsearch,
  { dataset, stream }: { readonly dataset: string; readonly stream: string },
  texts: readonly string[],
): Promise<void> {
  const template = eventStreamTemplate(dataset);
  await installTemplates(elasticsearch, [{ template, kind: 'data stream', index: stream }], quietLog);
  for (let from = 0; from < texts.length; from += BATCH) {
    const items = texts
      .slice(from, from + BATCH)
      .map((text, place) => ({ id: String(from + place), document: Buffer.from(text) }));
    const body = bulkBody('create', items);
    const answer = await elasticsearch.request({ method: 'POST', path: `/${stream}/_bulk`, body });
    if ((answer.body as { readonly errors?: boolean }).errors !== false)
      throw new Error(`documents were refused: ${JSON.stringify(answer.body).slice(0, 2000)}`);
  }
  await elasticsearch.request({ method: 'POST', path: `/${stream}/_refresh` });
}

interface Hits {
  readonly total: number;
  readonly ids: ReadonlySet<number>;
}

/** Throws with Elasticsearch's reason when it refuses the query. */
async function idsOf(elasticsearch: Elasticsearch, stream: string, query: Json): Promise<Hits> {
  const body = { query, size: MAX_HITS, _source: false, track_total_hits: true, sort: ['_doc'] };
  const answer = await elasticsearch.request({ method: 'POST', path: `/${stream}/_search`, body });
  if (answer.status !== 200) throw new Error(`refused: ${JSON.stringify(answer.body).slice(0, 300)}`);
  const { hits } = answer.body as {
    readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly { readonly _id: string }[] };
  };
  return { total: hits.total.value, ids: new Set(hits.hits.map(({ _id }) => Number(_id))) };
}

/** All events of a sequence together are one outcome. */
async function compare(rule: Rule, columns: Columns, search: (query: Json) => Promise<Hits>): Promise<Outcome> {
  const byWords = rule.events.flatMap(fieldsOf).find((field) => BY_WORDS.test(field));
  const leftOut = rule.leftOut ?? (byWords === undefined ? undefined : `${byWords} is searched by words`);
  if (leftOut !== undefined) return { rule, found: 0, scanned: 0, leftOut };
  let [found, scanned] = [0, 0];
  const differences: string[] = [];
  for (const event of rule.events) {
    const ids = numbersOf(scan(event, columns));
    const hits = await search(toDsl(event)).catch((error: unknown) => String(error));
    scanned += ids.size;
    if (typeof hits === 'string') differences.push(hits);
    else {
      found += hits.total;
      differences.push(...differenceOf(event, hits, ids, columns));
    }
  }
  return { rule, found, scanned, ...(differences.length === 0 ? {} : { difference: differences.join('; ') }) };
}

function numbersOf(bits: Uint8Array): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const [at, bit] of bits.entries()) if (bit === 1) numbers.add(at);
  return numbers;
}

function differenceOf(event: Expression, hits: Hits, ids: ReadonlySet<number>, columns: Columns): readonly string[] {
  if (hits.total === ids.size && (hits.total > MAX_HITS || [...ids].every((id) => hits.ids.has(id)))) return [];
  const missed = [...ids].filter((id) => !hits.ids.has(id));
  const more = [...hits.ids].filter((id) => !ids.has(id));
  const longest = Math.max(
    0,
    ...[...missed, ...more].slice(0, MAX_EXAMPLES).map((id) => longestIn(event, id, columns)),
  );
  return [
    `${hits.total} found, ${ids.size} scanned; longest value asked of in those that differ: ${longest} characters`,
  ];
}

function longestIn(event: Expression, id: number, columns: Columns): number {
  const cells = [...new Set(fieldsOf(event))].flatMap((field) => columns.of(field));
  return Math.max(0, ...cells.filter(({ documents }) => documents.includes(id)).map(({ value }) => value.length));
}

function report(outcomes: readonly Outcome[], count: number): void {
  const lines = [
    `${count} documents`,
    '',
    '| rules | read | left out | with hits | found | scanned | differ |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const kind of new Set(outcomes.map(kindOf))) {
    const own = outcomes.filter((one) => kindOf(one) === kind);
    const compared = own.filter(({ leftOut }) => leftOut === undefined);
    const sum = (part: 'found' | 'scanned'): number => compared.reduce((total, one) => total + one[part], 0);
    const withHits = compared.filter(({ scanned }) => scanned > 0).length;
    const differing = compared.filter(({ difference }) => difference !== undefined).length;
    lines.push(
      `| ${kind} | ${compared.length} | ${own.length - compared.length} | ${withHits} | ${sum('found')} | ${sum('scanned')} | ${differing} |`,
    );
  }
  lines.push('', 'Left out:');
  for (const [reason, times] of counted(outcomes.flatMap(({ leftOut }) => leftOut ?? [])))
    lines.push(`- ${times} × ${reason}`);
  lines.push('', 'Rules that differ:');
  for (const { rule, difference } of outcomes)
    if (difference !== undefined) lines.push(`- ${rule.source} ${rule.language} ${rule.name}: ${difference}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function kindOf({ rule }: Outcome): string {
  return `${rule.source}, ${rule.language}`;
}

function counted(reasons: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) {
    const kind = reason.replace(/ of \S+$|: .*$/u, '');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}
