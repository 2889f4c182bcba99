// rsyslog from syslog to Kafka (imtcp, omkafka): the peer of the syslog input, where Debian's
// packages rsyslog and rsyslog-kafka are installed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '../../deploy/local/ports.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import { until } from '../support/until.ts';
import type { Bench } from './corner.ts';
import type { Result } from './report.ts';
import { usageOfProcess } from './usage.ts';

/** As `DEBIAN_AGENTS` names the folder with unpacked packages, or as they are installed. */
const { DEBIAN_AGENTS } = process.env;
const ROOT = DEBIAN_AGENTS === undefined ? '/' : join(DEBIAN_AGENTS, 'rsyslog');
const PROGRAM = join(ROOT, 'usr', 'sbin', 'rsyslogd');
const LIBRARIES = join(ROOT, 'usr', 'lib', `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`);
const MODULES = ['-M', join(LIBRARIES, 'rsyslog')];
const ENV = { ...process.env, LD_LIBRARY_PATH: LIBRARIES };
const LIMIT_MS = 900_000;

/** Sends so many events to a port; resolves when they are on their way. */
type FeedTo = (port: number, events: number) => Promise<void>;

/** Undefined where rsyslog or its module for Kafka is not installed. */
export async function benchRsyslog(bench: Bench, feed: FeedTo): Promise<Result | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-rsyslog-'));
  try {
    const port = await choosePort();
    const file = join(folder, 'rsyslog.conf');
    writeFileSync(file, configuration(bench, { port, folder }));
    const checked = spawnSync(PROGRAM, [...MODULES, '-N1', '-f', file], { stdio: 'ignore', env: ENV });
    if (checked.status !== 0) return undefined;
    const args = [...MODULES, '-n', '-f', file, '-i', join(folder, 'pid')];
    const program = spawn(PROGRAM, args, { stdio: 'ignore', env: ENV });
    try {
      return await measure(bench, { program, port }, feed);
    } finally {
      const ended = once(program, 'exit');
      program.kill('SIGKILL');
      await ended;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  bench: Bench,
  { program, port }: { readonly program: ChildProcess; readonly port: number },
  feed: FeedTo,
): Promise<Result> {
  await until('rsyslog listens', async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    return true;
  });
  const first = await bench.countRecords('raw');
  const send = async (events: number, total: number): Promise<void> => {
    await feed(port, events);
    await until('rsyslog sent everything', async () => (await bench.countRecords('raw')) >= first + total, LIMIT_MS);
  };
  const warm = Math.min(bench.events, 4000);
  await send(warm, warm);
  const before = usageOfProcess(program.pid ?? 0);
  const started = performance.now();
  await send(bench.events, warm + bench.events);
  const seconds = (performance.now() - started) / 1000;
  const after = usageOfProcess(program.pid ?? 0);
  return {
    name: 'rsyslog, syslog by TCP to Kafka',
    events: bench.events,
    seconds,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    peakMegabytes: after.peakMegabytes,
  };
}

/** Keeps the message as it came, and asks for all in-sync replicas, as the collector does. */
function configuration(bench: Bench, { port, folder }: { readonly port: number; readonly folder: string }): string {
  const [broker] = bench.settings.brokers;
  return `global(workDirectory="${folder}" maxMessageSize="64k")
module(load="imtcp")
module(load="omkafka")
template(name="whole" type="string" string="%rawmsg%")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="kafka")
ruleset(name="kafka") {
  action(type="omkafka" broker=["${broker}"] topic="${topicName(bench.settings.topicPrefix, 'raw')}" template="whole"
    partitions.auto="on" confParam=["acks=all", "queue.buffering.max.messages=100000"]
    queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="1024")
}
`;
}
