// The indexer, a bare bulk loop, and Bento where it is named, in turns.
import { setTimeout as delay } from 'node:timers/promises';
import { digestId } from '../../shared/contracts/ids.ts';
import { hasBento, startBentoToElasticsearch } from './bento.ts';
import { fillEvents, fillRaw, numberedDocuments, type Place } from './fill.ts';
import { inTurns, type TakeTurn } from './in-turns.ts';
import { metricSum } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import type { Bench } from './corner.ts';
import { setApart } from './processors.ts';
import type { Result } from './report.ts';
import { elasticsearchCpuSeconds, type Usage, usageOf, usageOfThis } from './usage.ts';

/** The ceiling that the indexer and the whole way are compared with. */
export const BULK_CEILING = 'Elasticsearch, bulk only';

const TURN = 150_000;
const BATCH = 1000;
const IN_FLIGHT = 2;
const LOOKS_EVERY_MS = 200;
const LIMIT_MS = 900_000;
/**
 * What counts of a turn: not the start of an indexer, nor its end, where it lets Kafka wait whether
 * more comes; the same of a loop, for which an empty index would be easier.
 */
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

/**
 * As many turns of each as make the events that were asked for, three at least, after some that
 * count for nothing.
 */
async function takeTurns(bench: Bench, how: string): Promise<readonly Result[]> {
  // It installs the templates.
  await (await bench.start('indexer')).stop();
  const ceiling = `${BULK_CEILING}${how}`;
  const takers = [
    takerOf(bench, { name: ceiling }, bulkTurn),
    takerOf(bench, { name: `indexer${how}`, ceiling }, indexerTurn),
    ...(hasBento() ? [takerOf(bench, { name: `Bento, Kafka to Elasticsearch${how}`, ceiling }, bentoTurn)] : []),
  ];
  return await inTurns(takers, Math.max(3, Math.ceil(bench.events / TURN)));
}

function takerOf(
  bench: Bench,
  names: Pick<Result, 'name' | 'ceiling'>,
  take: (bench: Bench, place: Place) => Promise<Turn>,
): TakeTurn {
  return async (turn) => {
    // Into an index of its own: merging what others have written is nobody's work, and much of what
    // varies.
    await bench.elasticsearch.indices.rollover({ alias: bench.dataStream }, { ignore: [404] });
    return { ...names, ...(await take(bench, { from: turn * TURN, count: TURN })) };
  };
}

type Turn = Omit<Result, 'name'> & { readonly serverCpuSeconds: number };

/**
 * The client alone: bulk `create` of the documents into the same data stream, two requests under
 * way. Each has an id as exactly-once takes: a digest, in no order.
 */
async function bulkTurn(bench: Bench, { from, count }: Place): Promise<Turn> {
  const { elasticsearch, dataStream } = bench;
  const document = numberedDocuments();
  const ids = Array.from({ length: count }, (_, place) => digestId(['ceiling', String(from + place)]));
  let next = 0;
  let answered = 0;
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
      answered += BATCH;
    }
  };
  const [turn] = await Promise.all([
    windowOf(bench, count, { written: () => answered, usage: usageOfThis }),
    ...Array.from({ length: IN_FLIGHT }, loop),
  ]);
  return turn;
}

/** What waits in Kafka when the indexer starts. */
async function indexerTurn(bench: Bench, place: Place): Promise<Turn> {
  await fillEvents(bench, place);
  const indexer = await bench.start('indexer');
  // By its own count: asking Elasticsearch would be work that a loop does not ask for.
  const written = async (): Promise<number> => await metricSum(indexer, 'foghorn_indexed_documents_total');
  const turn = await windowOf(bench, place.count, { written, usage: async () => await usageOf(indexer) });
  await until('all is indexed', async () => (await written()) >= place.count, LIMIT_MS);
  await indexer.stop();
  return turn;
}

/** The same by Bento, from a topic of its own. */
async function bentoTurn(bench: Bench, place: Place): Promise<Turn> {
  await fillRaw(bench, place);
  const bento = await startBentoToElasticsearch(bench);
  const written = bento.sent;
  const turn = await windowOf(bench, place.count, { written, usage: bento.usage });
  await until('all is indexed', async () => (await written()) >= place.count, LIMIT_MS);
  await bento.stop();
  return turn;
}

/**
 * Who writes: how many documents Elasticsearch has confirmed to it, and what it has used itself.
 */
interface Writer {
  written(): number | Promise<number>;
  usage(): Usage | Promise<Usage>;
}

/** What became of the documents between `FROM` and `TO`. */
async function windowOf(bench: Bench, count: number, writer: Writer): Promise<Turn> {
  const first = await reached(bench, FROM * count, writer);
  const last = await reached(bench, TO * count, writer);
  return {
    events: last.events - first.events,
    seconds: last.seconds - first.seconds,
    cpuSeconds: last.cpuSeconds - first.cpuSeconds,
    peakMegabytes: last.peakMegabytes,
    serverCpuSeconds: last.serverCpuSeconds - first.serverCpuSeconds,
  };
}

/** When so many are written, and what the writer and Elasticsearch had used by then. */
async function reached(bench: Bench, wanted: number, { written, usage }: Writer): Promise<Turn> {
  const look = async (): Promise<number | false> => {
    // To ask an indexer more often would be work of its own.
    await delay(LOOKS_EVERY_MS);
    const events = await written();
    return events >= wanted && events;
  };
  const events = await until(`${wanted} documents are written`, look, LIMIT_MS);
  const seconds = performance.now() / 1000;
  return { events, seconds, ...(await usage()), serverCpuSeconds: await elasticsearchCpuSeconds(bench.elasticsearch) };
}
