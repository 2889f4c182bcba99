// The indexer and a bare bulk loop in turns. Elasticsearch takes twice as long for its first documents as for the millionth, so one after the other would compare its warmth.
import { setTimeout as delay } from 'node:timers/promises';
import { digestId } from '../../shared/contracts/ids.ts';
import { fillEvents, type Place } from './fill.ts';
import { makeDocuments } from '../support/made-documents.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { measure } from './ceilings.ts';
import { type Bench, elasticsearchCpuSeconds, usageOf } from './corner.ts';
import { setApart } from './processors.ts';
import type { Result } from './report.ts';

/** The ceiling that the indexer and the whole way are compared with. */
export const BULK_CEILING = 'Elasticsearch, bulk only';

const TURNS = 6;
const BATCH = 1000;
const IN_FLIGHT = 2;
const LIMIT_MS = 900_000;
const SELDOM_MS = 500;

/** Both on all processors, which they share with Kafka and with Elasticsearch. */
export async function benchTurns(bench: Bench): Promise<readonly Result[]> {
  return await takeTurns(bench, await bench.start('indexer'), '');
}

/** Both while Elasticsearch has processors of its own, as on machines of its own. */
export async function benchTurnsApart(bench: Bench): Promise<readonly Result[]> {
  const indexer = await bench.start('indexer');
  const undo = await setApart(bench.elasticsearch);
  if (undo === undefined) return [];
  try {
    return await takeTurns(bench, indexer, ', Elasticsearch apart');
  } finally {
    undo();
  }
}

/** As many turns of each, the first of which counts for nothing. */
async function takeTurns(bench: Bench, indexer: ServiceProcess, how: string): Promise<readonly Result[]> {
  const count = Math.max(IN_FLIGHT * BATCH, Math.ceil(bench.events / TURNS / IN_FLIGHT / BATCH) * IN_FLIGHT * BATCH);
  const bulks: Turn[] = [];
  const drains: Turn[] = [];
  for (let turn = 0; turn <= TURNS; turn += 1) {
    const place = { from: turn * count, count };
    bulks.push(await bulkTurn(bench, place));
    drains.push(await indexerTurn(bench, indexer, place));
  }
  const { peakMegabytes } = await usageOf(indexer);
  return [
    { name: `${BULK_CEILING}${how}`, ...sumOf(bulks) },
    { name: `indexer${how}`, ceiling: `${BULK_CEILING}${how}`, ...sumOf(drains), peakMegabytes },
  ];
}

type Turn = Omit<Result, 'name'> & { readonly serverCpuSeconds: number };

/**
 * The client alone: bulk `create` of the documents into the same data stream, two requests under way. Each has an id as exactly-once takes: a digest, in
 * no order. Ids that only grow would spare Elasticsearch to look for them.
 */
async function bulkTurn({ elasticsearch, dataStream }: Bench, { from, count }: Place): Promise<Turn> {
  const texts = makeDocuments('ceiling', BATCH);
  const ids = Array.from({ length: count }, (_, place) => digestId(['ceiling', String(from + place)]));
  let next = 0;
  const loop = async (): Promise<void> => {
    for (let sent = 0; sent < count / IN_FLIGHT; sent += BATCH) {
      const body = Buffer.from(texts.map((text) => `{"create":{"_id":"${ids[next++]}"}}\n${text}\n`).join(''));
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

/** What waits in Kafka until all of it is indexed. While it is put there the indexer stands still. */
async function indexerTurn(bench: Bench, indexer: ServiceProcess, place: Place): Promise<Turn> {
  const used = await usageOf(indexer);
  const wanted = (await bench.countDocuments()) + place.count;
  process.kill(indexer.pid(), 'SIGSTOP');
  let server = 0;
  try {
    await fillEvents(bench, place);
    server = await elasticsearchCpuSeconds(bench.elasticsearch);
  } finally {
    process.kill(indexer.pid(), 'SIGCONT');
  }
  const started = performance.now();
  // Counting is work for Elasticsearch, too, which a bare loop does not ask for: seldom until it is about time.
  while ((await bench.countDocuments()) < wanted - place.count / 10) await delay(SELDOM_MS);
  await until('the last event', async () => (await bench.countDocuments()) >= wanted, LIMIT_MS);
  const seconds = (performance.now() - started) / 1000;
  const { cpuSeconds, peakMegabytes } = await usageOf(indexer);
  return {
    events: place.count,
    seconds,
    cpuSeconds: cpuSeconds - used.cpuSeconds,
    peakMegabytes,
    serverCpuSeconds: (await elasticsearchCpuSeconds(bench.elasticsearch)) - server,
  };
}

/** All turns but the first. */
function sumOf([, ...turns]: readonly Turn[]): Turn {
  const sum = (of: (turn: Turn) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  return {
    events: sum(({ events }) => events),
    seconds: sum(({ seconds }) => seconds),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    peakMegabytes: Math.max(...turns.map(({ peakMegabytes }) => peakMegabytes)),
    serverCpuSeconds: sum(({ serverCpuSeconds }) => serverCpuSeconds),
  };
}
