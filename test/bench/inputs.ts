// What each input costs the collector, with the same events in one run, beside HTTP and beside
// those programs of others that can be run here.
import { choosePort } from '../../deploy/local/ports.ts';
import type { ListeningKind } from '../../services/collector/inputs/inputs.ts';
import { until } from '../support/until.ts';
import { bento } from './bento.ts';
import type { Bench } from './corner.ts';
import { numberedDocuments } from './fill.ts';
import { FEEDS, type Feed } from './input-lanes.ts';
import type { Result } from './report.ts';
import { openTelemetryCollector } from './otelcol.ts';
import { benchPeer, type Peer } from './peer.ts';
import { rsyslog } from './rsyslog.ts';
import { usageOf } from './usage.ts';

const BATCH = 500;
const LANES = 4;
const LIMIT_MS = 900_000;
/** Turns of each input, of which the cheapest counts: whatever else runs only adds to them. */
const TURNS = 3;
/** Events until V8 has compiled what takes them. */
const WARM_UP = 12_000;
const HERE = '127.0.0.1';
/** Programs of others that do what an input does. */
const PEERS: readonly (readonly [ListeningKind, Peer])[] = [
  ['http', bento],
  ['syslog', rsyslog],
  ['otlp', openTelemetryCollector],
];

/** Each input alone, four connections, 500 events in each request or window. */
export async function benchInputs(bench: Bench): Promise<readonly Result[]> {
  const best = new Map<Feed, Result>();
  for (let turn = 0; turn < TURNS; turn += 1)
    for (const feed of FEEDS) {
      const result = await benchInput(bench, feed);
      if (result.cpuSeconds < (best.get(feed)?.cpuSeconds ?? Infinity)) best.set(feed, result);
    }
  const results = [...best.values()];
  for (const [kind, peer] of PEERS) {
    const feed = feedOf(kind);
    const result = await benchPeer(bench, peer, async (port, events) => await feedAll(feed, port, events));
    if (result !== undefined) results.push(result);
  }
  const http = results[0];
  return results.map((result) => ({ ...result, note: noteOf(result, http) }));
}

/** The first way to send to an input. */
function feedOf(kind: ListeningKind): Feed {
  return FEEDS.find((feed) => feed.kind === kind) as Feed;
}

async function benchInput(bench: Bench, feed: Feed): Promise<Result> {
  const port = await choosePort();
  const collector = await bench.start('collector', inputsEnv({ [feed.kind]: port }));
  await feedAll(feed, port, Math.min(bench.events, WARM_UP));
  const before = await usageOf(collector);
  const started = performance.now();
  await feedAll(feed, port, bench.events);
  const seconds = (performance.now() - started) / 1000;
  const after = await usageOf(collector);
  await collector.retire();
  return {
    name: `collector, ${feed.name}`,
    events: bench.events,
    seconds,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    peakMegabytes: after.peakMegabytes,
  };
}

/** The environment that switches these inputs on, on these ports, and all others off. */
export function inputsEnv(ports: Partial<Readonly<Record<ListeningKind, number>>>): Readonly<Record<string, string>> {
  const env: Record<string, string> = { FOGHORN_COLLECTOR_HTTP_ENABLED: 'false' };
  for (const [kind, port] of Object.entries(ports)) {
    env[`FOGHORN_COLLECTOR_${kind.toUpperCase()}_ENABLED`] = 'true';
    env[`FOGHORN_COLLECTOR_${kind.toUpperCase()}_PORT`] = String(port);
  }
  return env;
}

/** Sends so many events by four connections; resolves when all are stored. */
export async function feedAll(feed: Feed, port: number, events: number): Promise<void> {
  const document = numberedDocuments();
  let next = 0;
  const work = async (): Promise<void> => {
    const lane = await feed.open(port, HERE);
    while (next < events) {
      const from = next;
      next += BATCH;
      const batch = feed.encode(Array.from({ length: Math.min(BATCH, events - from) }, (_, at) => document(from + at)));
      await until('a batch is taken', async () => await lane.send(batch), LIMIT_MS);
    }
    await lane.close();
  };
  await Promise.all(Array.from({ length: LANES }, work));
}

function noteOf(result: Result, http: Result | undefined): string {
  const perCpuSecond = (one: Result): number => one.events / one.cpuSeconds;
  const cost = http === undefined ? 1 : perCpuSecond(http) / perCpuSecond(result);
  return `${Math.round(perCpuSecond(result))} events per CPU second, ${cost.toFixed(2)} times the cost of HTTP`;
}
