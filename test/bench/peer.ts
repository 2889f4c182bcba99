// A program of others that does what an input does: takes events and brings them to Kafka, one
// record each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '../../deploy/local/ports.ts';
import { until } from '../support/until.ts';
import type { Bench } from './corner.ts';
import type { Result } from './report.ts';
import { usageOfProcess } from './usage.ts';

/** A program. */
export interface Peer {
  readonly name: string;
  /** Writes its configuration into the folder; undefined where the program cannot be run here. */
  prepare(
    bench: Bench,
    place: { readonly port: number; readonly folder: string },
  ): { readonly command: string; readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv } | undefined;
}

/** Sends so many events to a port; resolves when they are on their way. */
export type FeedTo = (port: number, events: number) => Promise<void>;

const LIMIT_MS = 900_000;
/** Events until it does its work as it does from then on. */
const WARM_UP = 4000;

/** Measures it; undefined where it cannot be run here. */
export async function benchPeer(bench: Bench, peer: Peer, feed: FeedTo): Promise<Result | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-peer-'));
  try {
    const port = await choosePort();
    const prepared = peer.prepare(bench, { port, folder });
    if (prepared === undefined) return undefined;
    const { command, args, env = process.env } = prepared;
    const program = spawn(command, args, { stdio: 'ignore', env, cwd: folder });
    const ended = once(program, 'exit');
    try {
      return await measure(bench, { name: peer.name, pid: program.pid ?? 0, port }, feed);
    } finally {
      program.kill('SIGKILL');
      await ended;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  bench: Bench,
  { name, pid, port }: { readonly name: string; readonly pid: number; readonly port: number },
  feed: FeedTo,
): Promise<Result> {
  await until(`${name}: the program listens`, async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    return true;
  });
  const first = await bench.countRecords('raw');
  const send = async (events: number, total: number): Promise<void> => {
    await feed(port, events);
    await until(`${name}: all is sent`, async () => (await bench.countRecords('raw')) >= first + total, LIMIT_MS);
  };
  const warm = Math.min(bench.events, WARM_UP);
  await send(warm, warm);
  const before = usageOfProcess(pid);
  const started = performance.now();
  await send(bench.events, warm + bench.events);
  const seconds = (performance.now() - started) / 1000;
  const after = usageOfProcess(pid);
  return {
    name,
    events: bench.events,
    seconds,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    peakMegabytes: after.peakMegabytes,
  };
}
