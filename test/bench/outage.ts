// Elasticsearch away under load: alerts have to go on as usual, nothing may be lost, and what piled
// up has to go in faster than it comes.
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess } from '../support/service-process.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import type { Bench } from './corner.ts';
import type { Result } from './report.ts';
import { describeWaits, startReceiver, startSteadyLoad } from './steady.ts';
import { usageOf } from './usage.ts';

const EVENTS_PER_SECOND = 2000;
const BEFORE_MS = 15_000;
const LIMIT_MS = 3_600_000;

/**
 * 2,000 events/s all the time; Elasticsearch's connections are cut for as long as the number of
 * events lasts at this rate.
 */
export async function benchOutage(bench: Bench): Promise<Result> {
  const proxy = await createTcpProxy(new URL(bench.elasticsearchUrl).host);
  const receiver = await startReceiver();
  const services: ServiceProcess[] = [];
  const own = { notifier: receiver.env, indexer: { ELASTICSEARCH_URL: `http://${proxy.address}` } };
  for (const name of ['notifier', 'indexer', 'enricher', 'collector'] as const)
    services.push(await bench.start(name, name === 'notifier' || name === 'indexer' ? own[name] : {}));
  const load = startSteadyLoad(bench.eventsUrl, EVENTS_PER_SECOND);
  await delay(BEFORE_MS);
  const cutAt = performance.now();
  proxy.cut();
  await delay((bench.events / EVENTS_PER_SECOND) * 1000);
  proxy.resume();
  const resumedAt = performance.now();
  const indexedBefore = await bench.countDocuments();
  const isCaughtUp = async (): Promise<boolean> =>
    (await bench.countDocuments()) >= load.accepted() - EVENTS_PER_SECOND;
  await until('what piled up is indexed', isCaughtUp, LIMIT_MS);
  const seconds = (performance.now() - resumedAt) / 1000;
  const perSecond = ((await bench.countDocuments()) - indexedBefore) / seconds;
  await load.stop();
  await until('every event is indexed', async () => (await bench.countDocuments()) >= load.accepted(), LIMIT_MS);
  await until('every fault is notified', () => receiver.arrivals.size >= load.sentAt.size, LIMIT_MS);
  receiver.close();
  const [documents, used] = [await bench.countDocuments(), await Promise.all(services.map(usageOf))];
  await Promise.all(services.map(async (service) => await service.stop()));
  await proxy.close();
  const missing = load.accepted() - documents;
  return {
    name: 'Elasticsearch away',
    events: load.accepted(),
    seconds: (performance.now() - cutAt + BEFORE_MS) / 1000,
    cpuSeconds: used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMegabytes: Math.max(...used.map(({ peakMegabytes }) => peakMegabytes)),
    note: [
      `before: ${describeWaits(load, receiver, cutAt - BEFORE_MS / 2, cutAt)}`,
      `away ${Math.round((resumedAt - cutAt) / 1000)} s: ${describeWaits(load, receiver, cutAt, resumedAt)}`,
      `caught up in ${seconds.toFixed(0)} s at ${(perSecond / EVENTS_PER_SECOND).toFixed(1)} × live, while live went on`,
      `${missing} missing of ${load.accepted()}`,
      `peak ${services.map(({ name }, place) => `${name} ${Math.round(used[place]?.peakMegabytes ?? 0)} MB`).join(', ')}`,
    ].join('; '),
  };
}
