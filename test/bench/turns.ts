// The indexer and a bare bulk loop in turns. Elasticsearch takes twice as long for its first documents as for the millionth, so one after the other would compare its warmth.
import { digestId } from '../../shared/contracts/ids.ts';
import { fillEvents, numberedDocuments, type Place } from './fill.ts';
import { metricSum, type ServiceProcess } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { measure } from './ceilings.ts';
import { type Bench, elasticsearchCpuSeconds, usageOf } from './corner.ts';
import { setApart } from './processors.ts';
import type { Result } from './report.ts';

/** The ceiling that the indexer and the whole way are compared with. */
export const BULK_CEILING = 'Elasticsearch, bulk only';

const TURN = 150_000;
const BATCH = 1000;
const IN_FLIGHT = 2;
const LIMIT_MS = 900_000;
/** What counts of an indexer's turn: not its start, nor its end, where it lets Kafka wait whether more comes. A loop has neither. */
const FROM = 0.15;
const TO = 0.9;

/** Both on all processors, which they share with Kafka and with Elasticsearch. */
export async function benchTurns(bench: Bench): Promise<readonly Result[]> {
  return await takeTurns(bench, '');
}

/** Both while Elasticsearch has processors of its own, as on machines of its own. */
export async function benchTurnsApart(bench: Bench): Promise<readonly Result[]> {
  const undo = await setApart(bench.elasticsearch);
  if (undo === undefined) {
    process.stdout.write('foghorn  left out: it takes two processors, taskset, and an Elasticsearch started here\n');
    return [];
  }
  try {
    return await takeTurns(bench, ', Elasticsearch apart');
  } finally {
    undo();
  }
}

/** As many turns of each as make the events that were asked for, three at least, after one that counts for nothing. */
async function takeTurns(bench: Bench, how: string): Promise<readonly Result[]> {
  const bulks: Turn[] = [];
  const drains: Turn[] = [];
  const turns = Math.max(3, Math.ceil(bench.events / TURN));
  // It installs the templates.
  await (await bench.start('indexer')).stop();
  for (let turn = 0; turn <= turns; turn += 1) {
    const place = { from: turn * TURN, count: TURN };
    const bulk = async (): Promise<unknown> => bulks.push(await bulkTurn(bench, place));
    const drain = async (): Promise<unknown> => drains.push(await indexerTurn(bench, place));
    // Who comes second finds Elasticsearch a little warmer.
    for (const take of turn % 2 === 0 ? [bulk, drain] : [drain, bulk]) {
      // Into an index of its own: merging what both have written is nobody's work, and much of what varies.
      await bench.elasticsearch.indices.rollover({ alias: bench.dataStream }, { ignore: [404] });
      await take();
    }
  }
  return [
    { name: `${BULK_CEILING}${how}`, ...middleOf(bulks) },
    { name: `indexer${how}`, ceiling: `${BULK_CEILING}${how}`, ...middleOf(drains) },
  ];
}

type Turn = Omit<Result, 'name'> & { readonly serverCpuSeconds: number };

/**
 * The client alone: bulk `create` of the documents into the same data stream, two requests under way. Each has an id as exactly-once takes: a digest, in
 * no order. Ids that only grow would spare Elasticsearch to look for them.
 */
async function bulkTurn({ elasticsearch, dataStream }: Bench, { from, count }: Place): Promise<Turn> {
  const document = numberedDocuments();
  const ids = Array.from({ length: count }, (_, place) => digestId(['ceiling', String(from + place)]));
  let next = 0;
  const line = (): string => {
    const place = next;
    next += 1;
    return `{"create":{"_id":"${ids[place]}"}}\n${document(from + place)}\n`;
  };
  const loop = async (): Promise<void> => {
    for (let sent = 0; sent < count / IN_FLIGHT; sent += BATCH) {
      const body = Buffer.from(Array.from({ length: BATCH }, line).join(''));
      const answer = await elasticsearch.transport.request<{ errors: boolean }>(
        { method: 'POST', path: `/${dataStream}/_bulk`, querystring: { filter_path: 'errors' }, bulkBody: body },
        { headers: { 'content-type': 'application/x-ndjson', accept: 'application/json' } },
      );
      if (answer.errors) throw new Error('the ceiling’s documents were refused');
    }
  };
  const before = await elasticsearchCpuSeconds(elasticsearch);
  const measured = await measure(async () => void (await Promise.all(Array.from({ length: IN_FLIGHT }, loop))));
  return { events: count, ...measured, serverCpuSeconds: (await elasticsearchCpuSeconds(elasticsearch)) - before };
}

/** What waits in Kafka when the indexer starts. */
async function indexerTurn(bench: Bench, place: Place): Promise<Turn> {
  await fillEvents(bench, place);
  const indexer = await bench.start('indexer');
  const first = await reached(bench, indexer, FROM * place.count);
  const last = await reached(bench, indexer, TO * place.count);
  await written(indexer, place.count);
  const { peakMegabytes } = await usageOf(indexer);
  await indexer.stop();
  return {
    events: last.events - first.events,
    seconds: last.seconds - first.seconds,
    cpuSeconds: last.cpuSeconds - first.cpuSeconds,
    peakMegabytes,
    serverCpuSeconds: last.serverCpuSeconds - first.serverCpuSeconds,
  };
}

/** When the indexer has written so many events, and what it and Elasticsearch had used by then. */
async function reached(bench: Bench, indexer: ServiceProcess, wanted: number): Promise<Turn> {
  const events = await written(indexer, wanted);
  const seconds = performance.now() / 1000;
  const usage = await usageOf(indexer);
  return { events, seconds, ...usage, serverCpuSeconds: await elasticsearchCpuSeconds(bench.elasticsearch) };
}

/** Waits until the indexer has written so many, and gives how many. By its own count: asking Elasticsearch would be work that a loop does not ask for. */
async function written(indexer: ServiceProcess, wanted: number): Promise<number> {
  const look = async (): Promise<number | false> => {
    const events = await metricSum(indexer, 'foghorn_indexed_documents_total');
    return events >= wanted && events;
  };
  return await until(`${wanted} events are indexed`, look, LIMIT_MS);
}

/** The middle one of all but the first: some turns meet a merge or a compilation that others do not. */
function middleOf([, ...turns]: readonly Turn[]): Turn {
  const sorted = turns.toSorted((a, b) => a.events / a.seconds - b.events / b.seconds);
  const peakMegabytes = Math.max(...turns.map((turn) => turn.peakMegabytes));
  return { ...(sorted[Math.floor(turns.length / 2)] as Turn), peakMegabytes };
}
