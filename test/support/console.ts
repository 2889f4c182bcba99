// A console on a test's own corners of Kafka and Elasticsearch, inside the test's process, and a
// way to ask it.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { consoleSchema } from '../../services/console/config.ts';
import { startConsole } from '../../services/console/console.ts';
import { createClosers } from '../../shared/runtime/closers.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import type { TestElasticsearch } from './elasticsearch.ts';
import type { TestKafka } from './kafka.ts';
import { quietLog } from './log.ts';

/** What came back. */
export interface ConsoleAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A running console. */
export interface TestConsole {
  readonly url: string;
  ready(): Promise<string | undefined>;
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ConsoleAnswer>;
}

/** Two tokens: who may look, and who may also change. */
export const TOKENS = { viewer: 'viewer-viewer-viewer', kim: 'kim-kim-kim-kim-kim' } as const;

/** The secret of the app in Slack. */
export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

const DEADLINE_MS = 20_000;

/** Starts it with two tokens; it stops with the test. Asks as kim unless headers say otherwise. */
export async function startTestConsole(
  t: TestContext,
  {
    kafka,
    corner,
    log = quietLog,
  }: { readonly kafka: TestKafka; readonly corner: TestElasticsearch; readonly log?: Logger },
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<TestConsole> {
  const config = consoleSchema.parse({
    kafka: kafka.settings,
    elasticsearch: { ...corner.settings, requestTimeoutMs: 5000 },
    console: {
      http: {
        port: 0,
        tokens: { viewer: { token: TOKENS.viewer }, kim: { token: TOKENS.kim, scopes: ['operate'] } },
        maxBodyBytes: 4096,
      },
      slackSigningSecret: SIGNING_SECRET,
      maxBulk: 5,
      ...overrides,
    },
  });
  const closers = createClosers();
  const stopping = new AbortController();
  const running = await startConsole({
    config,
    log,
    registry: createRegistry('console'),
    closers,
    signal: stopping.signal,
  });
  t.after(async () => {
    stopping.abort();
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    await running.stop(deadline);
    assert.deepEqual(await closers.closeAll(deadline), []);
  });
  const url = `http://127.0.0.1:${running.port}`;
  return {
    url,
    ready: async () => await running.ready(),
    ask: async (method, path, body, headers = { authorization: `Bearer ${TOKENS.kim}` }) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        body: (await response.json()) as Readonly<Record<string, unknown>>,
      };
    },
  };
}
