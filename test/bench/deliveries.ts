// How many messages a second one webhook gets, when as many incidents begin at once as there are
// events.
import { makeFault } from '../support/events.ts';
import { until } from '../support/until.ts';
import type { Bench } from './corner.ts';
import type { Result } from './report.ts';
import { isTaken, startReceiver } from './steady.ts';
import { usageOf } from './usage.ts';

/** Of both rounds together fewer than a fault may have open incidents. */
const MOST = 2000;
const BATCH = 500;
const LIMIT_MS = 900_000;
/** Of a receiver whose settings do not say it, and of one that is to be quick. */
const CONCURRENCIES = [4, 16];

/** By one notifier, each incident notified by itself, from the first message to the last. */
export async function benchDeliveries(bench: Bench): Promise<readonly Result[]> {
  const results: Result[] = [];
  const [enricher, collector] = [await bench.start('enricher'), await bench.start('collector')];
  for (const concurrency of CONCURRENCIES) results.push(await benchOne(bench, concurrency));
  await Promise.all([enricher.stop(), collector.stop()]);
  return results;
}

async function benchOne(bench: Bench, concurrency: number): Promise<Result> {
  const count = Math.min(bench.events, MOST);
  const receiver = await startReceiver({ concurrency });
  const notifier = await bench.start('notifier', receiver.env);
  const fleet = `deliveries-${concurrency}`;
  for (let from = 0; from < count; from += BATCH) {
    const faults = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) =>
      makeFault(fleet, 2 * (from + at) + 1),
    );
    const body = faults.map(({ text }) => text).join('\n');
    await until('the collector takes a request', async () => await isTaken(bench.eventsUrl, body), LIMIT_MS);
  }
  await until('the first message', () => receiver.arrivals.size > 0, LIMIT_MS);
  const before = await usageOf(notifier);
  const first = receiver.arrivals.size;
  const started = performance.now();
  await until('the last message', () => receiver.arrivals.size >= count, LIMIT_MS);
  const seconds = (performance.now() - started) / 1000;
  const after = await usageOf(notifier);
  receiver.close();
  await notifier.stop();
  return {
    name: `deliveries, ${concurrency} at a time`,
    events: count - first,
    seconds,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    peakMegabytes: after.peakMegabytes,
    note: `messages, not events; ${(((after.cpuSeconds - before.cpuSeconds) * 1000) / (count - first)).toFixed(2)} ms of CPU time a message`,
  };
}
