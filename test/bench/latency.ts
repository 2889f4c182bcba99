// How long a person waits: from the sending of an event to the collector until the message about it comes out at a webhook, at a steady rate of events.
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { type Bench, usageOf } from './corner.ts';
import type { Result } from './report.ts';
import { describeWaits, startReceiver, startSteadyLoad } from './steady.ts';

const EVENTS_PER_SECOND = 1000;
const MAX_SECONDS = 60;
/** The first faults find cold code and young connections, as nobody on call does; they are told and not counted. */
const WARM_UP_SECONDS = 5;
const LIMIT_MS = 120_000;

/** All four services at 1,000 events/s, one in fifty the first fault of a host, grouping off. The time includes the collector's own. */
export async function benchLatency(bench: Bench): Promise<Result> {
  const receiver = await startReceiver();
  const services: ServiceProcess[] = [];
  for (const name of ['notifier', 'indexer', 'enricher', 'collector'] as const)
    services.push(await bench.start(name, name === 'notifier' ? receiver.env : {}));
  const started = performance.now();
  const load = startSteadyLoad(bench.eventsUrl, EVENTS_PER_SECOND);
  await delay(1000 * (WARM_UP_SECONDS + Math.min(MAX_SECONDS, bench.events / EVENTS_PER_SECOND)));
  await load.stop();
  const ended = performance.now();
  await until('every fault is told', () => receiver.arrivals.size >= load.sentAt.size, LIMIT_MS);
  receiver.close();
  const used = await Promise.all(services.map(usageOf));
  return {
    name: 'alert latency',
    events: load.accepted(),
    seconds: (ended - started) / 1000,
    cpuSeconds: used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMegabytes: Math.max(...used.map(({ peakMegabytes }) => peakMegabytes)),
    note: describeWaits(load, receiver, started + WARM_UP_SECONDS * 1000, ended),
  };
}
