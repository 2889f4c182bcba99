// One input of a collector: as a process before a real Kafka, or in this process with Kafka's
// answers made up.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { choosePort } from '../../deploy/local/ports.ts';
import { createIntake } from '../../services/collector/intake.ts';
import { declareCollectorMetrics } from '../../services/collector/metrics.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { RecordsTooLarge } from '../../shared/kafka/record-size.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { testKafka } from './kafka.ts';
import { createKafkaProxy } from './kafka-proxy.ts';
import { recordedLog } from './log.ts';
import { startService } from './service-process.ts';

/** Starts a collector with this input alone, on a free port, its Kafka behind a proxy. */
export async function startCollectorWith(t: TestContext, kind: string, env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), `foghorn-${kind}-`));
  const kafka = await testKafka(t);
  const proxy = await createKafkaProxy(kafka.settings.brokers[0] ?? '');
  const port = await choosePort();
  const section = `FOGHORN_COLLECTOR_${kind.toUpperCase()}`;
  const service = await startService(
    'collector',
    {
      KAFKA_BROKERS: proxy.address,
      FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
      FOGHORN_COLLECTOR_HTTP_ENABLED: 'false',
      [`${section}_ENABLED`]: 'true',
      [`${section}_PORT`]: String(port),
      ...env,
    },
    folder,
  );
  t.after(async () => {
    await service.stop();
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const stored = async (count: number) => await kafka.readUntil('raw', count);
  return { kafka, port, service, proxy, stored };
}

/** Of a made Kafka that lacks nothing. */
export async function isReady(): Promise<undefined> {
  await Promise.resolve();
}

/** An intake whose Kafka stores all in `partition`, is away, or refuses large records. */
export function createMadeIntake(
  settings: Omit<Parameters<typeof createIntake>[0], 'producer' | 'metrics'>,
  { partition, nowMs }: { readonly partition: number; readonly nowMs: number },
) {
  const metrics = declareCollectorMetrics(createRegistry('test'));
  const records: OutRecord[] = [];
  const state = { isAway: false, nowMs, mostBytes: 1_000_000 };
  const send = async (sent: readonly OutRecord[]) => {
    if (state.isAway) throw new Unavailable('Kafka', 'gone');
    const positions = sent.map(({ value }, index) =>
      (value?.length ?? 0) > state.mostBytes ? undefined : { partition, offset: String(index) },
    );
    if (positions.includes(undefined)) throw new RecordsTooLarge(sent, positions);
    records.push(...sent);
    return await Promise.resolve(sent.map((_, index) => ({ partition, offset: String(index) })));
  };
  const { log, lines } = recordedLog();
  const ready = async () => await Promise.resolve(state.isAway ? 'Kafka is away' : undefined);
  const intake = createIntake({ producer: { send, ready }, metrics, ...settings });
  return { parts: { intake, metrics, log, now: () => state.nowMs }, metrics, records, state, lines };
}
