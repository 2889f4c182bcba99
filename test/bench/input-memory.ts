// What the inputs keep in memory: for connections that are idle, and under full load while Kafka
// does not answer.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { choosePort } from '../../deploy/local/ports.ts';
import { LISTENING_INPUTS, type ListeningKind } from '../../services/collector/inputs/inputs.ts';
import { SERVER_CERTIFICATE, SERVER_KEY } from '../support/certificates.ts';
import { createKafkaProxy } from '../support/kafka-proxy.ts';
import { frame } from '../support/lumberjack.ts';
import { metricSum, type ServiceProcess } from '../support/service-process.ts';
import type { Bench } from './corner.ts';
import { numberedDocuments } from './fill.ts';
import { FEEDS, type Feed } from './input-lanes.ts';
import { inputsEnv } from './inputs.ts';
import type { Result } from './report.ts';
import { usageOf } from './usage.ts';

const IDLE = 10_000;
const OPEN_AT_ONCE = 100;
const SETTLE_MS = 5000;
const WATCH_MS = 20_000;

const AWAY_MS = 60_000;
const LANES_A_FEED = 100;
const ADDRESSES = 50;
const BATCH = 500;
const BUSY_MS = 50;
const CUT_MS = 500;

/** 10,000 connections of Lumberjack that sent a window once, with and without TLS. */
export async function benchIdle(bench: Bench): Promise<readonly Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-idle-'));
  try {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(cert, SERVER_CERTIFICATE);
    writeFileSync(key, SERVER_KEY);
    const tls = { FOGHORN_COLLECTOR_LUMBERJACK_TLS_CERT: cert, FOGHORN_COLLECTOR_LUMBERJACK_TLS_KEY: key };
    return [
      await idle(bench, { name: 'TCP', env: {}, open: (port) => connect(port, '127.0.0.1') }),
      await idle(bench, {
        name: 'TLS',
        env: tls,
        open: (port) => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }),
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Idle {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  open(port: number): Socket;
}

async function idle(bench: Bench, { name, env, open }: Idle): Promise<Result> {
  const port = await choosePort();
  const limits = {
    FOGHORN_COLLECTOR_LUMBERJACK_MAX_CONNECTIONS: String(IDLE + 1000),
    FOGHORN_COLLECTOR_LUMBERJACK_MAX_CONNECTIONS_PER_ADDRESS: String(IDLE + 1000),
  };
  const collector = await bench.start('collector', { ...inputsEnv({ lumberjack: port }), ...limits, ...env });
  const sockets: Socket[] = [];
  const openOne = async (): Promise<void> => {
    const socket = open(port);
    sockets.push(socket);
    socket.write(frame('W', [0]));
    await once(socket, 'data');
  };
  for (let count = 0; count < OPEN_AT_ONCE; count += 1) await openOne();
  await delay(SETTLE_MS);
  const [before, used] = [residentMegabytes(collector), await usageOf(collector)];
  const started = performance.now();
  while (sockets.length < IDLE) await Promise.all(Array.from({ length: OPEN_AT_ONCE }, openOne));
  const seconds = (performance.now() - started) / 1000;
  await delay(SETTLE_MS);
  const [after, opened] = [residentMegabytes(collector), await usageOf(collector)];
  await delay(WATCH_MS);
  const watched = await usageOf(collector);
  const open_ = await metricSum(collector, 'foghorn_connections');
  for (const socket of sockets) socket.destroy();
  await collector.retire();
  const kilobytes = ((after - before) * 1024) / (IDLE - OPEN_AT_ONCE);
  const idleCpu = (watched.cpuSeconds - opened.cpuSeconds) / (WATCH_MS / 1000);
  return {
    name: `${open_} idle connections, ${name}`,
    events: IDLE - OPEN_AT_ONCE,
    seconds,
    cpuSeconds: opened.cpuSeconds - used.cpuSeconds,
    peakMegabytes: watched.peakMegabytes,
    note: `${kilobytes.toFixed(1)} KB a connection; while idle ${(100 * idleCpu).toFixed(1)} % of a core`,
  };
}

/**
 * All inputs under full load from 50 addresses while Kafka takes connections and answers nothing.
 */
export async function benchKafkaAway(bench: Bench): Promise<Result> {
  const proxy = await createKafkaProxy(bench.settings.brokers[0] ?? '');
  const ports = new Map<ListeningKind, number>();
  for (const { kind } of LISTENING_INPUTS) ports.set(kind, await choosePort());
  const env = { ...inputsEnv(Object.fromEntries(ports)), KAFKA_BROKERS: proxy.address };
  const collector = await bench.start('collector', env);
  const ending = new AbortController();
  const feeding = FEEDS.flatMap((feed) =>
    Array.from({ length: LANES_A_FEED }, async (_, lane) => await press(feed, ports, { lane, signal: ending.signal })),
  );
  await delay(SETTLE_MS);
  const before = residentMegabytes(collector);
  proxy.pause();
  const started = performance.now();
  let most = { megabytes: 0, inFlight: 0 };
  while (performance.now() - started < AWAY_MS) {
    await delay(500);
    const inFlight = await metricSum(collector, 'foghorn_in_flight_bytes');
    most = {
      megabytes: Math.max(most.megabytes, residentMegabytes(collector)),
      inFlight: Math.max(most.inFlight, inFlight),
    };
  }
  const seconds = (performance.now() - started) / 1000;
  const connections = await metricSum(collector, 'foghorn_connections');
  ending.abort();
  await Promise.all(feeding);
  const { cpuSeconds, peakMegabytes } = await usageOf(collector);
  proxy.resume();
  await collector.retire();
  await proxy.close();
  return {
    name: 'all inputs under load, Kafka away',
    events: 1,
    seconds,
    cpuSeconds,
    peakMegabytes,
    note: `${Math.round(before)} MB before, at most ${Math.round(most.megabytes)} MB while it was away, with ${connections} connections and ${(most.inFlight / 1_048_576).toFixed(1)} MiB in flight`,
  };
}

/**
 * Sends as fast as it is taken, until the signal aborts; who is sent away comes again, as an agent
 * does.
 */
async function press(
  feed: Feed,
  ports: ReadonlyMap<ListeningKind, number>,
  { lane: number, signal }: { readonly lane: number; readonly signal: AbortSignal },
): Promise<void> {
  const document = numberedDocuments();
  const batch = feed.encode(Array.from({ length: BATCH }, (_, index) => document(number * BATCH + index)));
  const sendUntilCut = async (): Promise<void> => {
    const lane = await feed.open(ports.get(feed.kind) ?? 0, `127.0.0.${1 + (number % ADDRESSES)}`);
    while (!signal.aborted) if (!(await Promise.race([lane.send(batch), aborted(signal)]))) await delay(BUSY_MS);
    void lane.close().catch(() => undefined);
  };
  while (!signal.aborted) await sendUntilCut().catch(async () => await delay(CUT_MS));
}

async function aborted(signal: AbortSignal): Promise<false> {
  if (!signal.aborted) await once(signal, 'abort');
  return false;
}

function residentMegabytes(service: ServiceProcess): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${service.pid()}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}
