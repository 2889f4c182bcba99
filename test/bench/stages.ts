// Each service alone on what waits for it in Kafka, and the whole way from the collector's port to
// the last searchable document.
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { type Bento, hasBento, startBentoCopy, startBentoToElasticsearch, startBentoToKafka } from './bento.ts';
import { COPY_CEILING } from './ceilings.ts';
import type { Bench } from './corner.ts';
import { fillRaw, numberedDocuments, type Place } from './fill.ts';
import { inTurns } from './in-turns.ts';
import type { Part, Result } from './report.ts';
import { BULK_CEILING } from './turns.ts';
import { cpuSecondsOfListeners, elasticsearchCpuSeconds, type Program, programOf } from './usage.ts';

const BATCH = 500;
const SENDERS = 4;
const WHOLE_TURNS = 3;
const LOOKS_EVERY_MS = 200;
/** One in so many events is sent before, and not counted. */
const WARM_UP_SHARE = 4;
const LIMIT_MS = 900_000;

/** HTTP in, Kafka out: four senders, 500 documents a request. */
export async function benchCollector(bench: Bench): Promise<Result> {
  const collector = programOf(await bench.start('collector'));
  const subject = { name: 'collector', programs: [collector], ceiling: 'Kafka, produce only' };
  return await measure(bench, subject, async () => await post(bench.eventsUrl, allOf(bench)));
}

/** The same by Bento; nothing where it is not named. */
export async function bentoCollector(bench: Bench): Promise<readonly Result[]> {
  if (!hasBento()) return [];
  const result = await withBento([startBentoToKafka], bench, async ([bento]) => {
    const subject = { name: 'Bento, HTTP to Kafka', programs: [bento], ceiling: 'Kafka, produce only' };
    return await measure(bench, subject, async () => await post(bento.eventsUrl, allOf(bench)));
  });
  return [result];
}

/** Kafka in, Kafka out. */
export async function benchEnricher(bench: Bench): Promise<Result> {
  await fillRaw(bench);
  const enricher = programOf(await bench.start('enricher'));
  return await measureDrain(
    bench,
    { name: 'enricher', programs: [enricher], ceiling: COPY_CEILING },
    async () => await bench.countRecords('events'),
  );
}

/** The same by Bento; nothing where it is not named. */
export async function bentoEnricher(bench: Bench): Promise<readonly Result[]> {
  if (!hasBento()) return [];
  await fillRaw(bench);
  const result = await withBento([startBentoCopy], bench, async ([bento]) => {
    const subject = { name: 'Bento, Kafka to Kafka', programs: [bento], ceiling: COPY_CEILING };
    return await measureDrain(bench, subject, async () => await bench.countRecords('events'));
  });
  return [result];
}

/**
 * From the collector's port to the last document, all four services at once, in turns with two
 * Bentos, one for each side of Kafka, where it is named.
 */
export async function benchWholeWay(bench: Bench): Promise<readonly Result[]> {
  const ways = hasBento() ? [ownWay, bentoWay] : [ownWay];
  const takers = ways.map((way) => async () => {
    const corner = await bench.another();
    try {
      return await way(corner);
    } finally {
      await corner.close();
    }
  });
  return await inTurns(takers, WHOLE_TURNS);
}

async function ownWay(bench: Bench): Promise<Result> {
  const programs: Program[] = [];
  for (const name of ['notifier', 'indexer', 'enricher', 'collector'] as const)
    programs.push(programOf(await bench.start(name)));
  return await measureWay(bench, 'the whole way', { programs, eventsUrl: bench.eventsUrl });
}

async function bentoWay(bench: Bench): Promise<Result> {
  // It installs the templates.
  await (await bench.start('indexer')).stop();
  return await withBento([startBentoToKafka, startBentoToElasticsearch], bench, async ([first, second]) => {
    const name = 'Bento, the whole way';
    return await measureWay(bench, name, { programs: [first, second], eventsUrl: first.eventsUrl });
  });
}

/** The first events of services that have just begun are not what they cost for weeks. */
async function measureWay(
  bench: Bench,
  name: string,
  { programs, eventsUrl }: { readonly programs: readonly Program[]; readonly eventsUrl: string },
): Promise<Result> {
  const first = Math.ceil(bench.events / WARM_UP_SHARE / BATCH) * BATCH;
  const take = async (place: Place): Promise<void> => {
    await post(eventsUrl, place);
    const isIndexed = async (): Promise<boolean> => {
      // Each look is work for Elasticsearch.
      await delay(LOOKS_EVERY_MS);
      return (await bench.countDocuments()) >= place.from + place.count;
    };
    await until('everything is indexed', isIndexed, LIMIT_MS);
  };
  await take({ from: 0, count: first });
  const subject = { name, programs, ceiling: BULK_CEILING };
  return await measure(bench, subject, async () => await take({ from: first, count: bench.events }));
}

type Start = (bench: Bench) => Promise<Bento>;

async function withBento<const Starts extends readonly Start[]>(
  starts: Starts,
  bench: Bench,
  run: (bentos: { readonly [Index in keyof Starts]: Bento }) => Promise<Result>,
): Promise<Result> {
  const bentos: Bento[] = [];
  try {
    for (const start of starts) bentos.push(await start(bench));
    return await run(bentos as { [Index in keyof Starts]: Bento });
  } finally {
    for (const bento of bentos) await bento.stop();
  }
}

async function post(eventsUrl: string, { from, count }: Place): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  const document = numberedDocuments();
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < count) {
      const start = from + next;
      next += BATCH;
      const body = Array.from({ length: BATCH }, (_, place) => document(start + place)).join('\n');
      await until('a request is taken', async () => await isAccepted(agent, eventsUrl, body), LIMIT_MS);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  agent.destroy();
}

function allOf({ events }: Bench): Place {
  return { from: 0, count: events };
}

/** False when the collector asks to come again. */
async function isAccepted(agent: Agent, url: string, body: string): Promise<boolean> {
  const status = await new Promise<number>((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(body) };
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    call.on('error', reject);
    call.end(body);
  });
  if (status !== 200 && status !== 429 && status !== 503) throw new Error(`a request was answered with ${status}`);
  return status === 200;
}

interface Subject {
  readonly name: string;
  readonly programs: readonly Program[];
  readonly ceiling?: string;
}

/** From now until `work` is done. */
async function measure(bench: Bench, subject: Subject, work: () => Promise<void>): Promise<Result> {
  return await measureFrom(bench, subject, {
    first: 0,
    work: async () => {
      await work();
      return bench.events;
    },
  });
}

/** From the first event seen at the far end, so that a start counts for nothing, until the last. */
async function measureDrain(bench: Bench, subject: Subject, count: () => Promise<number>): Promise<Result> {
  const first = await until('the first events', async () => (await count()) || undefined, LIMIT_MS);
  const isDone = async (): Promise<boolean> => (await count()) >= bench.events;
  return await measureFrom(bench, subject, {
    first,
    work: async () => {
      await until('the last event', isDone, LIMIT_MS);
      return bench.events;
    },
  });
}

interface Window {
  /** Events that were done before. */
  readonly first: number;
  /** Gives the events that are done then. */
  work(): Promise<number>;
}

async function measureFrom(
  bench: Bench,
  { name, programs, ceiling }: Subject,
  { first, work }: Window,
): Promise<Result> {
  const before = await usageOfAll(bench, programs);
  const started = performance.now();
  const last = await work();
  const seconds = (performance.now() - started) / 1000;
  const after = await usageOfAll(bench, programs);
  const used = after.programs.map(({ cpuSeconds }, place) => cpuSeconds - (before.programs[place]?.cpuSeconds ?? 0));
  const parts = programs.map(
    ({ name: part }, place): Part => ({
      name: part,
      cpuSeconds: used[place] ?? 0,
      peakMegabytes: after.programs[place]?.peakMegabytes ?? 0,
    }),
  );
  const kafka = (after.kafka ?? 0) - (before.kafka ?? 0);
  return {
    name,
    events: last - first,
    seconds,
    cpuSeconds: used.reduce((sum, one) => sum + one, 0),
    peakMegabytes: Math.max(...after.programs.map(({ peakMegabytes }) => peakMegabytes)),
    serverCpuSeconds: after.elasticsearch - before.elasticsearch,
    ...(after.kafka === undefined ? {} : { kafkaCpuSeconds: kafka }),
    ...(ceiling === undefined ? {} : { ceiling }),
    ...(programs.length > 1 ? { parts } : {}),
  };
}

async function usageOfAll({ elasticsearch, settings }: Bench, programs: readonly Program[]) {
  return {
    programs: await Promise.all(programs.map(async (program) => await program.usage())),
    kafka: cpuSecondsOfListeners(settings.brokers),
    elasticsearch: await elasticsearchCpuSeconds(elasticsearch),
  };
}
