// The ceiling of waiting: the same hops with nothing of Foghorn in them. HTTP, Kafka, Kafka, HTTP,
// and every event into Elasticsearch beside it; one process, no incident, no notification log, no
// queue, nothing kept for a crash.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { TopicKey } from '../../shared/contracts/record.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import type { Bench } from './corner.ts';

/** A running chain. */
export interface BareChain {
  /** Where events go in, as NDJSON. */
  readonly url: string;
  stop(): Promise<void>;
}

const PARTITIONS_AT_A_TIME = 6;

/**
 * Starts it; a line that contains `fault` comes out at `target` in the body of an Alertmanager
 * webhook.
 */
export async function startBareChain(
  bench: Bench,
  { fault, hostOf, target }: { readonly fault: string; hostOf(line: string): string; readonly target: string },
): Promise<BareChain> {
  const { kafka, settings, elasticsearch, dataStream } = bench;
  const topic = (key: TopicKey): string => topicName(settings.topicPrefix, key);
  const producer = kafka.producer();
  await producer.connect();
  const produce = async (key: TopicKey, lines: readonly string[]): Promise<void> => {
    if (lines.length === 0) return;
    const messages = lines.map((line) => ({ key: hostOf(line), value: line }));
    await producer.send({ topic: topic(key), acks: -1, messages });
  };
  const consumers = await Promise.all([
    consume(bench, topic('raw'), async (lines) => {
      await produce(
        'alerts',
        lines.filter((line) => line.includes(fault)),
      );
      await produce('events', lines);
    }),
    consume(bench, topic('events'), async (lines) => {
      const bulkBody = lines.map((line) => `{"create":{}}\n${line}\n`).join('');
      await elasticsearch.transport.request(
        { method: 'POST', path: `/${dataStream}/_bulk`, querystring: { filter_path: 'errors' }, bulkBody },
        { headers: { 'content-type': 'application/x-ndjson', accept: 'application/json' } },
      );
    }),
    consume(bench, topic('alerts'), async (lines) => {
      await Promise.all(lines.map(async (line) => await deliver(target, hostOf(line))));
    }),
  ]);
  const server = createServer((request, response) => {
    void read(request)
      .then(async (text) => await produce('raw', text.split('\n')))
      .then(() => response.end('{}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await Promise.all(consumers.map(async (consumer) => await consumer.disconnect()));
      await producer.disconnect();
    },
  };
}

async function consume(
  { kafka }: Bench,
  topic: string,
  handle: (lines: readonly string[]) => Promise<void>,
): Promise<Consumer> {
  const consumer = kafka.consumer({ groupId: `bare-${topic}`, maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const joined = new Promise<void>((resolve) => void consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS_AT_A_TIME,
    eachBatch: async ({ batch }: EachBatchPayload) =>
      await handle(batch.messages.map(({ value }) => value?.toString('utf8') ?? '')),
  });
  await joined;
  return consumer;
}

async function deliver(target: string, host: string): Promise<void> {
  const body = JSON.stringify({ status: 'firing', alerts: [{ status: 'firing', labels: { host }, annotations: {} }] });
  const response = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await response.arrayBuffer();
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
