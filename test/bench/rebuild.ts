// What a rebuild of Redis costs: with as many open incidents in Kafka as there are events, and ten
// times as many activity entries; how long it takes, and when the next alert leaves.
import { anAlertRecord } from '../support/alerts.ts';
import { createEnding } from '../support/ending.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { ask } from '../support/redis-link.ts';
import { metricSum, type ServiceProcess } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import type { Bench } from './corner.ts';
import { fillIncidents } from './fill-incidents.ts';
import type { Result } from './report.ts';
import { type Receiver, startReceiver } from './steady.ts';
import { usageOf } from './usage.ts';

const LIMIT_MS = 3_600_000;

/**
 * Of a notifier that starts with an empty Redis, of the same after a Redis that was restarted with
 * its data, and of two whose Redis is emptied. Throws where no server can be started.
 */
export async function benchRebuild(bench: Bench): Promise<readonly Result[]> {
  const ending = createEnding();
  const servers = await startOwnServers({ ...ending, signal: new AbortController().signal }, ['redis']);
  if (typeof servers === 'string') throw new Error(servers);
  const { redis } = servers;
  const receiver = await startReceiver();
  const env = { ...receiver.env, REDIS_URL: redis.address };
  const measuring: Measuring = { bench, receiver, services: [] };
  try {
    await fillIncidents(bench, 'hook', bench.events);
    const first = await measure(measuring, 'rebuild, empty Redis', async () => {
      measuring.services.push(await bench.start('notifier', env, LIMIT_MS));
    });
    const bytes = await ask(redis.address, async (client) => infoOf(await client.info('memory'), 'used_memory'));
    const restarted = await measure(measuring, 'Redis restarted with its data', async () => {
      await redis.stop();
      await redis.start();
    });
    measuring.services.push(await bench.start('notifier', env, LIMIT_MS));
    const emptied = await measure(measuring, 'rebuild, Redis emptied, two notifiers', async () => {
      const before = await rebuildsOf(measuring);
      await ask(redis.address, async (client) => await client.flushall());
      await until('Redis is rebuilt', async () => (await rebuildsOf(measuring)) > before, LIMIT_MS);
    });
    const perIncident = `${(bytes / bench.events / 1000).toFixed(1)} kB of Redis an incident`;
    return [{ ...first, note: `${first.note}; ${perIncident}` }, restarted, emptied];
  } finally {
    await Promise.all(measuring.services.map(async (service) => await service.stop()));
    receiver.close();
    await ending.end();
  }
}

interface Measuring {
  readonly bench: Bench;
  readonly receiver: Receiver;
  readonly services: ServiceProcess[];
}

/** From the loss until the work is done; and until an alert leaves that came with the loss. */
async function measure(
  measuring: Measuring,
  name: string,
  work: () => Promise<void>,
): Promise<Result & { note: string }> {
  const { bench, receiver, services } = measuring;
  const before = await totalOf(services);
  const rebuilds = await rebuildsOf(measuring);
  const host = `${name.replaceAll(/\W+/gu, '-')}.example.org`;
  const started = performance.now();
  const [seconds] = await Promise.all([
    work().then(() => (performance.now() - started) / 1000),
    bench.producer.send([anAlertRecord({ host, atMs: Date.now() })]),
  ]);
  await until('the alert leaves', () => receiver.arrivals.has(host), LIMIT_MS);
  const alertSeconds = ((receiver.arrivals.get(host) ?? 0) - started) / 1000;
  const after = await totalOf(services);
  return {
    name,
    events: bench.events,
    seconds,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    peakMegabytes: after.peakMegabytes,
    note: [
      `incidents, not events: ${seconds.toFixed(1)} s, ${(after.cpuSeconds - before.cpuSeconds).toFixed(1)} CPU s`,
      `the next alert left after ${alertSeconds.toFixed(1)} s`,
      `${(await rebuildsOf(measuring)) - rebuilds} rebuilds`,
    ].join('; '),
  };
}

async function totalOf(services: readonly ServiceProcess[]) {
  const used = await Promise.all(services.map(usageOf));
  return {
    cpuSeconds: used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMegabytes: Math.max(0, ...used.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

async function rebuildsOf({ services }: Measuring): Promise<number> {
  const counts = await Promise.all(services.map(async (service) => await metricSum(service, 'foghorn_rebuilds_total')));
  return counts.reduce((sum, count) => sum + count, 0);
}

function infoOf(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(?<value>\\d+)`, 'mu').exec(info)?.groups?.['value'] ?? 0);
}
