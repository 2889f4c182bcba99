// What an event takes on disk, and how long writing takes, in each index mode: the same documents
// through the same template, merged to one segment.
import { createEnrich } from '../../services/enricher/enrich.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { type BulkItem, bulkBody } from '../../services/indexer/bulk-request.ts';
import { installTemplates } from '../../services/indexer/template-installer.ts';
import { eventStreamTemplate, type IndexMode } from '../../services/indexer/templates/event-stream.ts';
import type { IndexTemplate } from '../../services/indexer/templates/field-types.ts';
import { eventsTopic } from '../../shared/contracts/enriched-event.ts';
import { createElasticsearch, type Elasticsearch, elasticsearchSettings } from '../../shared/elasticsearch/client.ts';
import { dataFolder, realXmlEvents } from '../support/data-folder.ts';
import { quietLog } from '../support/log.ts';
import { makeDocuments } from '../support/made-documents.ts';
import type { Bench } from './corner.ts';
import type { Result } from './report.ts';
import { elasticsearchCpuSeconds } from './usage.ts';

const BATCH = 1000;
const HOSTS = 40;
const DAY_MS = 86_400_000;

/**
 * `logsdb` and `best_compression` are left out: their codec needs a native library that a server
 * put together from jars does not have. Deflate stands in for it.
 */
const VARIANTS: readonly Variant[] = [
  { mode: 'standard' },
  { mode: 'standard', codec: 'legacy_best_compression' },
  { mode: 'synthetic_source' },
  { mode: 'synthetic_source', codec: 'legacy_best_compression' },
];

/** A mode, and a codec other than the default. */
interface Variant {
  readonly mode: IndexMode;
  readonly codec?: string;
}

/** One measurement of a mode. */
interface Measured {
  readonly name: string;
  readonly serverCpuSeconds: number;
  readonly seconds: number;
  readonly bytesPerEvent: number;
}

/** Real events where somebody put them, else made ones, which have more text that repeats. */
export async function benchIndexModes(bench: Bench): Promise<Result> {
  const settings = { ...elasticsearchSettings.parse({}), nodes: [bench.elasticsearchUrl] };
  const elasticsearch = createElasticsearch(settings);
  const { documents, what } = await enrichedDocuments();
  const cpuBefore = process.cpuUsage();
  const measured: Measured[] = [];
  // The first documents pay for what the server compiles and loads.
  await measureVariant(elasticsearch, { mode: 'standard', codec: 'default' }, { bench, documents });
  for (const variant of VARIANTS) measured.push(await measureVariant(elasticsearch, variant, { bench, documents }));
  await elasticsearch.close();
  const cpu = process.cpuUsage(cpuBefore);
  const notes = measured.map(
    ({ name, seconds, bytesPerEvent, serverCpuSeconds }) =>
      `${name}: ${Math.round(bytesPerEvent)} bytes an event, ${Math.round(bench.events / seconds)} events/s, ${((1_000_000 * serverCpuSeconds) / bench.events).toFixed(0)} CPU s per million`,
  );
  const size = documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / documents.length;
  return {
    name: 'index modes',
    events: bench.events * measured.length,
    seconds: measured.reduce((sum, { seconds }) => sum + seconds, 0),
    cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
    peakMegabytes: process.memoryUsage().rss / 1_048_576,
    note: `${what} of ${Math.round(size)} bytes as JSON; ${notes.join('; ')}`,
  };
}

async function enrichedDocuments(): Promise<{ readonly documents: readonly string[]; readonly what: string }> {
  const folder = dataFolder();
  const texts = folder === undefined ? makeDocuments('modes', BATCH) : realXmlEvents(folder).map(({ xml }) => xml);
  const enrich = createEnrich({
    catalog: await loadCatalogFolders([]),
    now: Date.now,
    keepOriginal: false,
    maxDocumentBytes: 1_000_000,
  });
  const documents = texts.flatMap((text) => {
    const verdict = enrich({
      bytes: Buffer.from(text),
      encoding: 'utf-8',
      format: 'xml',
      input: 'bench',
      sender: '127.0.0.1',
      receivedAtMs: Date.now(),
    });
    const record = verdict.kind === 'emit' ? verdict.records.find(({ topic }) => topic === eventsTopic.key) : undefined;
    return record === undefined ? [] : [String(record.value)];
  });
  return { documents, what: folder === undefined ? 'made events' : 'real events' };
}

/** The template with another codec. */
function templateOf(dataset: string, { mode, codec }: Variant): IndexTemplate {
  const template = eventStreamTemplate(dataset, mode);
  if (codec === undefined) return template;
  const { settings, ...rest } = template.body.template;
  const { index } = settings as { readonly index: object };
  return { ...template, body: { ...template.body, template: { ...rest, settings: { index: { ...index, codec } } } } };
}

async function measureVariant(
  elasticsearch: Elasticsearch,
  variant: Variant,
  { bench, documents }: { readonly bench: Bench; readonly documents: readonly string[] },
): Promise<Measured> {
  const name = [variant.mode, variant.codec].filter((part) => part !== undefined).join(' ');
  const dataset = `${bench.settings.topicPrefix}.${name.replaceAll(' ', '.')}`;
  const index = `logs-${dataset}-default`;
  await installTemplates(
    elasticsearch,
    [{ template: templateOf(dataset, variant), kind: 'data stream', index }],
    quietLog,
  );
  const before = await elasticsearchCpuSeconds(bench.elasticsearch);
  let milliseconds = 0;
  for (let from = 0; from < bench.events; from += BATCH) {
    const items = Array.from({ length: Math.min(BATCH, bench.events - from) }, (_, place) =>
      item(documents, from + place, bench.settings.topicPrefix),
    );
    const started = performance.now();
    const query = { filter_path: 'errors' };
    const body = bulkBody('create', items);
    const answer = await elasticsearch.request({ method: 'POST', path: `/${index}/_bulk`, query, body });
    milliseconds += performance.now() - started;
    if ((answer.body as { readonly errors?: boolean }).errors !== false)
      throw new Error(`the documents were refused: ${JSON.stringify(answer.body)}`);
  }
  await elasticsearch.request({ method: 'POST', path: `/${index}/_refresh` });
  await elasticsearch.request({ method: 'POST', path: `/${index}/_forcemerge`, query: { max_num_segments: '1' } });
  await elasticsearch.request({ method: 'POST', path: `/${index}/_flush` });
  const serverCpuSeconds = (await elasticsearchCpuSeconds(bench.elasticsearch)) - before;
  const stats = await elasticsearch.request({ method: 'GET', path: `/${index}/_stats/store,docs` });
  const { _all: all } = stats.body as {
    readonly _all: {
      readonly primaries: {
        readonly store: { readonly size_in_bytes: number };
        readonly docs: { readonly count: number };
      };
    };
  };
  const { store, docs } = all.primaries;
  return { name, serverCpuSeconds, seconds: milliseconds / 1000, bytesPerEvent: store.size_in_bytes / docs.count };
}

/**
 * The documents over and over, each time of other hosts, another day and with other record ids, as
 * a fleet would have them.
 */
function item(documents: readonly string[], index: number, prefix: string): BulkItem {
  const round = Math.floor(index / documents.length);
  const document = JSON.parse(documents[index % documents.length] ?? '{}') as {
    '@timestamp': string;
    winlog: Record<string, unknown>;
    host?: { name: string };
  };
  const time = new Date(Date.UTC(2026, 2, 1) + ((index * 7919) % DAY_MS)).toISOString();
  const host = `host-${(index * 31 + round) % HOSTS}.example.org`;
  const moved = {
    ...document,
    '@timestamp': time,
    host: { ...document.host, name: host },
    winlog: { ...document.winlog, computer_name: host, record_id: index },
  };
  return { id: `${prefix}-${index}-aaaaaaaaaa`, document: Buffer.from(JSON.stringify(moved)) };
}
