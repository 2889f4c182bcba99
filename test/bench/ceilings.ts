// The ceilings: what the same servers take from a bare loop with nothing of Foghorn around it.
import type { Bench } from './corner.ts';
import type { Result } from './report.ts';
import { fillRaw } from './fill.ts';
import { usageOfThis } from './usage.ts';
import { makeDocuments } from '../support/made-documents.ts';
import { topicName } from '../../shared/contracts/topics.ts';

const BATCH = 1000;
const COPY_BYTES = 512 * 1024;

/** The ceiling that the enricher is compared with. */
export const COPY_CEILING = 'Kafka, consume and produce only';

/** kafkajs alone: produce the documents with all replicas' acknowledgement. */
export async function produceCeiling(bench: Bench): Promise<Result> {
  const documents = makeDocuments('ceiling', BATCH);
  const producer = bench.kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const topic = topicName(bench.settings.topicPrefix, 'raw');
  const measured = await measure(async () => {
    for (let sent = 0; sent < bench.events; sent += BATCH) {
      await producer.send({
        topic,
        acks: -1,
        messages: documents.map((value, index) => ({ key: `host-${index % 40}`, value })),
      });
    }
  });
  await producer.disconnect();
  return { name: 'Kafka, produce only', events: bench.events, ...measured };
}

/**
 * kafkajs alone, from Kafka to Kafka: what the enricher consumes goes on as it came, with the
 * headers that an enriched event has.
 */
export async function copyCeiling(bench: Bench): Promise<Result> {
  const { events, kafka, settings } = bench;
  await fillRaw(bench);
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  const consumer = kafka.consumer({ groupId: `${settings.topicPrefix}.ceiling`, maxBytesPerPartition: COPY_BYTES });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: topicName(settings.topicPrefix, 'raw'), fromBeginning: true });
  let copied = 0;
  const copying = new Promise<void>((resolve, reject) => {
    const headers = { id: 'ceiling'.padEnd(27, '-'), received: String(Date.now()), created: String(Date.now()) };
    const topic = topicName(settings.topicPrefix, 'events');
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    void consumer.run({
      partitionsConsumedConcurrently: 2,
      eachBatch: async ({ batch }) => {
        const messages = batch.messages.map(({ key, value }) => ({ key, value, headers }));
        await producer.send({ topic, acks: -1, messages });
        copied += messages.length;
        if (copied >= events) resolve();
      },
    });
  });
  const measured = await measure(async () => await copying);
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  return { name: COPY_CEILING, events: copied, ...measured };
}

/** Seconds, and what this process used meanwhile. */
export async function measure(
  work: () => Promise<void>,
): Promise<Pick<Result, 'seconds' | 'cpuSeconds' | 'peakMegabytes'>> {
  const used = usageOfThis();
  const before = performance.now();
  await work();
  const seconds = (performance.now() - before) / 1000;
  const { cpuSeconds, peakMegabytes } = usageOfThis();
  return { seconds, cpuSeconds: cpuSeconds - used.cpuSeconds, peakMegabytes };
}
