// The peer of the whole way: Bento (https://github.com/warpstreamlabs/bento), which moves documents
// from HTTP to Kafka and on to Elasticsearch with its simplest mapping. It runs where BENTO_PROGRAM
// names it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '../../deploy/local/ports.ts';
import type { TopicKey } from '../../shared/contracts/record.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import { until } from '../support/until.ts';
import type { Bench } from './corner.ts';
import type { Peer } from './peer.ts';
import { type Program, usageOfProcess } from './usage.ts';

/** A running Bento. */
export interface Bento extends Program {
  /** The address that takes documents by POST, where it has one. */
  readonly eventsUrl: string;
  /** Messages that its output has confirmed. */
  sent(): Promise<number>;
  stop(): Promise<void>;
}

/** A part of Bento's configuration. */
type Part = Readonly<Record<string, unknown>>;

const { BENTO_PROGRAM } = process.env;
/** As large as the requests of the indexer. */
const BULK_BATCH = 1000;
const BULKS_IN_FLIGHT = 2;
/** One field of a document made another, so that each document is read and written. */
const MAPPING = 'root = this\nroot.event.code = this.winlog.event_id.string()';

/** Whether BENTO_PROGRAM names it. */
export function hasBento(): boolean {
  return BENTO_PROGRAM !== undefined && BENTO_PROGRAM !== '';
}

/** From HTTP to a topic: the peer of the HTTP input. */
export const bento: Peer = {
  name: 'Bento, HTTP to Kafka',
  prepare: (bench, { port, folder }) => {
    if (BENTO_PROGRAM === undefined || !hasBento()) return undefined;
    const file = join(folder, 'bento.json');
    writeFileSync(file, JSON.stringify({ ...httpToKafka(bench, port, '/v1/events'), ...quiet({ enabled: false }) }));
    return { command: BENTO_PROGRAM, args: ['-c', file] };
  },
};

/** From HTTP to a topic, a document a line; it answers when all in-sync replicas have them. */
export async function startBentoToKafka(bench: Bench): Promise<Bento> {
  const port = await choosePort();
  return await startBento('Bento', httpToKafka(bench, port, '/events'), `http://127.0.0.1:${port}/events`);
}

function httpToKafka(bench: Bench, port: number, path: string): Part {
  return {
    input: { http_server: { address: `127.0.0.1:${port}`, path, timeout: '60s' } },
    pipeline: { processors: [{ unarchive: { format: 'lines' } }] },
    output: toKafka(bench, 'raw', { key: '${! json("host.name") }' }),
  };
}

/** What is the same of each: where it listens, and that it logs errors only. */
function quiet(http: Part): Part {
  return { http, logger: { level: 'ERROR' } };
}

/** From one topic to another. */
export async function startBentoCopy(bench: Bench): Promise<Bento> {
  const output = toKafka(bench, 'events', { key: '${! metadata("kafka_key") }' });
  return await startBento('Bento', { input: fromKafka(bench, 'raw'), pipeline: mapping(), output });
}

/** From a topic to the data stream. */
export async function startBentoToElasticsearch(bench: Bench): Promise<Bento> {
  const output = {
    elasticsearch: {
      urls: [bench.elasticsearchUrl],
      index: bench.dataStream,
      action: 'create',
      id: '${! json("host.name") }-${! json("winlog.record_id") }',
      sniff: false,
      healthcheck: false,
      timeout: '60s',
      max_in_flight: BULKS_IN_FLIGHT,
      batching: { count: BULK_BATCH, period: '100ms' },
    },
  };
  return await startBento('Bento', { input: fromKafka(bench, 'raw'), pipeline: mapping(), output });
}

function mapping(): Part {
  return { processors: [{ mapping: MAPPING }] };
}

function fromKafka({ settings }: Bench, topic: TopicKey): Part {
  return {
    kafka_franz: {
      seed_brokers: settings.brokers,
      topics: [topicName(settings.topicPrefix, topic)],
      consumer_group: `${settings.topicPrefix}.bento`,
      commit_period: '1s',
      fetch_max_wait: '500ms',
      checkpoint_limit: 10_000,
      batching: { count: BULK_BATCH, period: '50ms' },
    },
  };
}

function toKafka({ settings }: Bench, topic: TopicKey, { key }: { readonly key: string }): Part {
  return {
    kafka_franz: {
      seed_brokers: settings.brokers,
      topic: topicName(settings.topicPrefix, topic),
      key,
      idempotent_write: true,
    },
  };
}

async function startBento(name: string, configuration: Part, eventsUrl = ''): Promise<Bento> {
  if (BENTO_PROGRAM === undefined) throw new Error('BENTO_PROGRAM does not name Bento.');
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-bento-'));
  const file = join(folder, 'bento.json');
  const port = await choosePort();
  const address = `127.0.0.1:${port}`;
  writeFileSync(file, JSON.stringify({ ...configuration, ...quiet({ address }) }));
  const child = spawn(BENTO_PROGRAM, ['-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://${address}`;
  await until('Bento is ready', async () => isRunning(child) && (await fetch(`${url}/ready`)).ok);
  return {
    name,
    eventsUrl,
    usage: async () => await Promise.resolve(usageOfProcess(child.pid ?? 0)),
    sent: async () => sumOf(await (await fetch(`${url}/metrics`)).text(), 'output_sent'),
    stop: async () => {
      const ended = once(child, 'exit');
      if (isRunning(child) && child.kill('SIGTERM')) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isRunning(child: ChildProcess): boolean {
  if (child.exitCode !== null) throw new Error(`Bento ended with exit code ${child.exitCode}.`);
  return true;
}

/** Of Prometheus' text. */
function sumOf(text: string, metric: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
