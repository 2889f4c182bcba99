// The notifier's components in a test's own corner of Kafka and Redis, without its loops; Redis is
// behind a proxy.
import type { TestContext } from 'node:test';
import { notifierSchema } from '../../services/notifier/config.ts';
import { createComponents, type NotifierComponents } from '../../services/notifier/components.ts';
import { createClosers } from '../../shared/runtime/closers.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { type TestKafka, testKafka } from './kafka.ts';
import { quietLog } from './log.ts';
import { type TestRedis, testRedis } from './redis.ts';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** What a test has of them. */
export interface TestComponents {
  readonly components: NotifierComponents;
  readonly kafka: TestKafka;
  readonly redis: TestRedis;
  /** Between the components and Redis. */
  readonly proxy: TcpProxy;
}

const DEADLINE_MS = 20_000;

/** What may be different. */
export interface TestComponentsOptions {
  /** In the corner of these. */
  readonly beside?: TestComponents;
  /** With a Redis of the test's own. */
  readonly ownUrl?: string;
  /** The section `notifier`; else without a receiver. */
  readonly notifier?: Readonly<Record<string, unknown>>;
}

/** Opens them; closed when the test ends. */
export async function openTestComponents(
  t: TestContext,
  { beside, ownUrl, notifier = { receivers: [] } }: TestComponentsOptions = {},
): Promise<TestComponents> {
  const kafka = beside?.kafka ?? (await testKafka(t));
  const redis = beside?.redis ?? testRedis(t, ownUrl);
  const url = new URL(redis.url);
  const proxy = await createTcpProxy(url.host);
  url.host = proxy.address;
  const config = notifierSchema.parse({
    kafka: kafka.settings,
    redis: { url: url.href, keyPrefix: redis.keyPrefix },
    notifier,
  });
  const closers = createClosers();
  const { signal } = new AbortController();
  const context = { config, log: quietLog, registry: createRegistry('test'), closers, signal };
  const components = createComponents(context, () => undefined);
  t.after(async () => {
    proxy.resume();
    await closers.closeAll(AbortSignal.timeout(DEADLINE_MS));
    await proxy.close();
  });
  await components.completeness.ensure();
  return { components, kafka, redis, proxy };
}
