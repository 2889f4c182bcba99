// A steady load with faults in it, and a webhook that notes when each fault came out: what the
// benchmarks of waiting stand on.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { makeEvent, makeFault } from '../support/events.ts';
import { until } from '../support/until.ts';
import { AT_ONCE } from '../support/at-once.ts';

/** How many requests a second; whatever the rate, each has one fault. */
export const TICKS_PER_SECOND = 20;
const FLEET = 'steady';

/** A webhook that takes everything. */
export interface Receiver {
  readonly url: string;
  /** The notifier's setting that notifies it of everything, one message an incident. */
  readonly env: Readonly<Record<string, string>>;
  /** When each host's first message came, by `performance.now()`. */
  readonly arrivals: ReadonlyMap<string, number>;
  close(): void;
}

const DELIVERIES_AT_A_TIME = 16;

/** Listens on a free loopback port. `concurrency`: deliveries that the notifier makes at a time. */
export async function startReceiver({ concurrency = DELIVERIES_AT_A_TIME } = {}): Promise<Receiver> {
  const arrivals = new Map<string, number>();
  const server = createServer((request, response) => {
    const now = performance.now();
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const { alerts } = JSON.parse(text) as { readonly alerts: readonly { labels: { host: string } }[] };
      for (const { labels } of alerts) if (!arrivals.has(labels.host)) arrivals.set(labels.host, now);
      response.end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const receivers = [{ name: 'hook', kind: 'webhook', url, allowPrivate: true, concurrency }];
  return {
    url,
    env: { ...AT_ONCE, FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receivers) },
    arrivals,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A load that runs. */
export interface SteadyLoad {
  /** When the fault of each host was sent, by `performance.now()`, oldest first. */
  readonly sentAt: ReadonlyMap<string, number>;
  /** Events accepted so far. */
  accepted(): number;
  /** Ends it; resolves when all that was sent is accepted. */
  stop(): Promise<void>;
}

/**
 * A request every 50 ms with the last event in it the first fault of a host, sent whatever became
 * of the one before; again until it is taken. `eventsPerSecond`: a multiple of TICKS_PER_SECOND.
 */
export function startSteadyLoad(url: string, eventsPerSecond: number): SteadyLoad {
  const perTick = eventsPerSecond / TICKS_PER_SECOND;
  const sentAt = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  const end = new AbortController();
  let accepted = 0;
  const send = async (tick: number): Promise<void> => {
    const fault = makeFault(FLEET, tick * 2 + 1);
    const texts = Array.from({ length: perTick }, (_, place) => makeEvent(FLEET, (tick * perTick + place) * 2 + 1))
      .filter(({ isFault }) => !isFault)
      .map(({ text }) => text);
    const body = [...texts, fault.text].join('\n');
    sentAt.set(fault.host, performance.now());
    await until('the collector took a request', async () => await isTaken(url, body));
    accepted += texts.length + 1;
  };
  const run = async (): Promise<void> => {
    const started = performance.now();
    for (let tick = 0; !end.signal.aborted; tick += 1) {
      await delay(Math.max(0, started + (tick * 1000) / TICKS_PER_SECOND - performance.now()));
      const sending = send(tick).finally(() => pending.delete(sending));
      pending.add(sending);
    }
    await Promise.all(pending);
  };
  const running = run();
  return {
    sentAt,
    accepted: () => accepted,
    stop: async () => {
      end.abort();
      await running;
    },
  };
}

/** Posts events; false when the collector asks to come again. */
export async function isTaken(url: string, body: string): Promise<boolean> {
  const headers = { 'content-type': 'application/x-ndjson' };
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return response.status === 200;
}

/**
 * From sending to arrival, of what was sent between two moments of `performance.now()`: count and
 * percentiles as text.
 */
export function describeWaits({ sentAt }: SteadyLoad, { arrivals }: Receiver, from: number, to: number): string {
  const waits = [...sentAt]
    .filter(([, at]) => at >= from && at < to)
    .map(([host, at]) => (arrivals.get(host) ?? Number.POSITIVE_INFINITY) - at)
    .sort((left, right) => left - right);
  const at = (share: number): string => `${Math.round(waits[Math.ceil(waits.length * share) - 1] ?? 0)} ms`;
  return `${waits.length} alerts: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}`;
}
