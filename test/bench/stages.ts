// Each service alone on what waits for it in Kafka, and the whole way from the collector's port to
// the last searchable document.
import { Agent, request } from 'node:http';
import type { ServiceProcess } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { COPY_CEILING } from './ceilings.ts';
import { type Bench, usageOf } from './corner.ts';
import { fillRaw, numberedDocuments } from './fill.ts';
import type { Result } from './report.ts';
import { BULK_CEILING } from './turns.ts';

const BATCH = 500;
const SENDERS = 4;
const LIMIT_MS = 900_000;

/** HTTP in, Kafka out: four senders, 500 documents a request. */
export async function benchCollector(bench: Bench): Promise<Result> {
  const collector = await bench.start('collector');
  return await measure(
    bench,
    { name: 'collector', services: [collector], ceiling: 'Kafka, produce only' },
    async () => await post(bench),
  );
}

/** Kafka in, Kafka out. */
export async function benchEnricher(bench: Bench): Promise<Result> {
  await fillRaw(bench);
  const enricher = await bench.start('enricher');
  return await measureDrain(
    bench,
    { name: 'enricher', services: [enricher], ceiling: COPY_CEILING },
    async () => await bench.countRecords('events'),
  );
}

/** From the collector's port to the last document, all four services at once. */
export async function benchWholeWay(bench: Bench): Promise<Result> {
  const services: ServiceProcess[] = [];
  for (const name of ['notifier', 'indexer', 'enricher', 'collector'] as const) services.push(await bench.start(name));
  return await measure(bench, { name: 'the whole way', services, ceiling: BULK_CEILING }, async () => {
    await post(bench);
    await until('everything is indexed', async () => (await bench.countDocuments()) >= bench.events, LIMIT_MS);
  });
}

async function post(bench: Bench): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  const document = numberedDocuments();
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < bench.events) {
      const from = next;
      next += BATCH;
      const body = Array.from({ length: BATCH }, (_, place) => document(from + place)).join('\n');
      await until(
        'the collector takes a request',
        async () => await isAccepted(agent, bench.eventsUrl, body),
        LIMIT_MS,
      );
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  agent.destroy();
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
  if (status !== 200 && status !== 429 && status !== 503) throw new Error(`the collector answered ${status}`);
  return status === 200;
}

interface Subject {
  readonly name: string;
  readonly services: readonly ServiceProcess[];
  readonly ceiling?: string;
}

/** From now until `work` is done. */
async function measure(bench: Bench, subject: Subject, work: () => Promise<void>): Promise<Result> {
  return await measureFrom(subject, 0, async () => {
    await work();
    return bench.events;
  });
}

/** From the first event seen at the far end, so that a start counts for nothing, until the last. */
async function measureDrain(bench: Bench, subject: Subject, count: () => Promise<number>): Promise<Result> {
  const first = await until('the first events', async () => (await count()) || undefined, LIMIT_MS);
  const isDone = async (): Promise<boolean> => (await count()) >= bench.events;
  return await measureFrom(subject, first, async () => {
    await until('the last event', isDone, LIMIT_MS);
    return bench.events;
  });
}

async function measureFrom(
  { name, services, ceiling }: Subject,
  first: number,
  work: () => Promise<number>,
): Promise<Result> {
  const usedBefore = await Promise.all(services.map(usageOf));
  const started = performance.now();
  const last = await work();
  const seconds = (performance.now() - started) / 1000;
  const used = await Promise.all(services.map(usageOf));
  const sum = (usages: typeof used): number => usages.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
  const parts = services.map((service, place) => {
    const [before, after] = [usedBefore[place], used[place]];
    const cpuSeconds = ((after?.cpuSeconds ?? 0) - (before?.cpuSeconds ?? 0)) * (1_000_000 / (last - first));
    return `${service.name} ${cpuSeconds.toFixed(1)} s, ${Math.round(after?.peakMegabytes ?? 0)} MB`;
  });
  return {
    name,
    events: last - first,
    seconds,
    cpuSeconds: sum(used) - sum(usedBefore),
    peakMegabytes: Math.max(...used.map(({ peakMegabytes }) => peakMegabytes)),
    ...(ceiling === undefined ? {} : { ceiling }),
    ...(services.length > 1 ? { note: parts.join('; ') } : {}),
  };
}
