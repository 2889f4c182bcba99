// How long a person waits: from the sending of an event to the collector until the message about it
// comes out at a webhook, at a steady rate of events.
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { startBareChain } from './bare-chain.ts';
import type { Bench } from './corner.ts';
import type { Result } from './report.ts';
import { benchWholeWay } from './stages.ts';
import { describeWaits, type Receiver, startReceiver, startSteadyLoad, TICKS_PER_SECOND } from './steady.ts';
import { type Usage, usageOf } from './usage.ts';

const EVENTS_PER_SECOND = 1000;
const BUSY_SHARE = 0.8;
const MAX_SECONDS = 60;
/**
 * The first faults find cold code and young connections, as nobody on call does; they are sent and
 * not counted.
 */
const WARM_UP_SECONDS = 5;
const LIMIT_MS = 120_000;

/**
 * All four services at 1,000 events/s, 20 of them the first fault of a host, grouping off. The time
 * includes the collector's own.
 */
export async function benchLatency(bench: Bench): Promise<Result> {
  return await waitAt(bench, EVENTS_PER_SECOND);
}

/** The same at 80 % of the rate at which the way takes events that are all there at once. */
export async function benchBusyLatency(bench: Bench): Promise<readonly Result[]> {
  const [whole, ...others] = await benchWholeWay(bench);
  if (whole === undefined) throw new Error('The whole way was not measured.');
  const perSecond = TICKS_PER_SECOND * Math.round((BUSY_SHARE * whole.events) / whole.seconds / TICKS_PER_SECOND);
  const waited = await waitAt(bench, perSecond);
  return [whole, ...others, { ...waited, name: `alert latency, ${perSecond} events/s` }];
}

async function waitAt(bench: Bench, eventsPerSecond: number): Promise<Result> {
  const receiver = await startReceiver();
  const services: ServiceProcess[] = [];
  for (const name of ['notifier', 'indexer', 'enricher', 'collector'] as const)
    services.push(await bench.start(name, name === 'notifier' ? receiver.env : {}));
  const measured = await run(bench, receiver, { url: bench.eventsUrl, eventsPerSecond });
  const used = await Promise.all(services.map(usageOf));
  await Promise.all(services.map(async (service) => await service.stop()));
  return {
    ...measured,
    name: 'alert latency',
    parts: services.map(({ name }, index) => ({ name, ...(used[index] as Usage) })),
    cpuSeconds: used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMegabytes: Math.max(...used.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

/**
 * The same load through the same hops with nothing of Foghorn in them; its CPU and memory are those
 * of this process, which makes the load too.
 */
export async function latencyCeiling(bench: Bench): Promise<Result> {
  // For its index template.
  await (await bench.start('indexer')).stop();
  const receiver = await startReceiver();
  const hostOf = (line: string): string => (JSON.parse(line) as { readonly host: { readonly name: string } }).host.name;
  const chain = await startBareChain(bench, { fault: '"provider":"WMServer"', hostOf, target: receiver.url });
  const before = process.cpuUsage();
  const measured = await run(bench, receiver, { url: chain.url, eventsPerSecond: EVENTS_PER_SECOND });
  const { user, system } = process.cpuUsage(before);
  await chain.stop();
  return {
    ...measured,
    name: 'alert latency, bare chain',
    cpuSeconds: (user + system) / 1_000_000,
    peakMegabytes: process.memoryUsage().rss / 1_048_576,
  };
}

async function run(
  { events }: Bench,
  receiver: Receiver,
  { url, eventsPerSecond }: { readonly url: string; readonly eventsPerSecond: number },
): Promise<Pick<Result, 'events' | 'seconds' | 'note'>> {
  const started = performance.now();
  const load = startSteadyLoad(url, eventsPerSecond);
  await delay(1000 * (WARM_UP_SECONDS + Math.min(MAX_SECONDS, events / EVENTS_PER_SECOND)));
  await load.stop();
  const ended = performance.now();
  await until('every fault is notified', () => receiver.arrivals.size >= load.sentAt.size, LIMIT_MS);
  receiver.close();
  return {
    events: load.accepted(),
    seconds: (ended - started) / 1000,
    note: describeWaits(load, receiver, started + WARM_UP_SECONDS * 1000, ended),
  };
}
