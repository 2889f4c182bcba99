// An indexer on a test's own corners of Kafka and Elasticsearch, inside the test's process.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { indexerSchema } from '../../services/indexer/config.ts';
import { startIndexer } from '../../services/indexer/indexer.ts';
import { createClosers } from '../../shared/runtime/closers.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createRegistry, type Registry } from '../../shared/runtime/metrics.ts';
import type { Running } from '../../shared/runtime/running.ts';
import type { TestElasticsearch } from './elasticsearch.ts';
import type { TestKafka } from './kafka.ts';
import { quietLog } from './log.ts';

/** A running indexer with its metrics. */
export interface TestIndexer extends Running {
  readonly registry: Registry;
}

const DEADLINE_MS = 20_000;

/** Starts it; it stops with the test. `node` is another way to Elasticsearch. */
export async function startTestIndexer(
  t: TestContext,
  kafka: TestKafka,
  corner: TestElasticsearch,
  { node, log = quietLog }: { readonly node?: string; readonly log?: Logger } = {},
): Promise<TestIndexer> {
  const config = indexerSchema.parse({
    kafka: kafka.settings,
    elasticsearch: { ...corner.settings, ...(node === undefined ? {} : { nodes: [node] }), requestTimeoutMs: 2000 },
    indexer: { itemTries: 2 },
  });
  const closers = createClosers();
  const registry = createRegistry('indexer');
  const stopping = new AbortController();
  const running = await startIndexer({ config, log, registry, closers, signal: stopping.signal });
  let isStopped = false;
  const stop = async (deadline: AbortSignal): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    stopping.abort();
    await running.stop(deadline);
    assert.deepEqual(await closers.closeAll(deadline), []);
  };
  t.after(async () => await stop(AbortSignal.timeout(DEADLINE_MS)));
  return { ready: async () => await running.ready(), stop, registry };
}
