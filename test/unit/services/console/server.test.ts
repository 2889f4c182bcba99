// The console's server on a socket: what it refuses at the start, how it ends, and streams whose reader does not read.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { streamRoute } from '../../../../services/console/api/other-routes.ts';
import { type Route, route } from '../../../../services/console/api/route.ts';
import { type ConsoleServer, startConsoleServer } from '../../../../services/console/api/server.ts';
import { consoleSchema } from '../../../../services/console/config.ts';
import { createHub } from '../../../../services/console/live/hub.ts';
import { createStream } from '../../../../services/console/live/stream.ts';
import { declareConsoleMetrics } from '../../../../services/console/metrics.ts';
import type { Action } from '../../../../shared/contracts/incident.ts';
import { ConfigError, Unavailable } from '../../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../../shared/runtime/metrics.ts';
import { quietLog } from '../../../support/log.ts';
import { until } from '../../../support/until.ts';

const metrics = declareConsoleMetrics(createRegistry('console'));
const settingsOf = (own: Readonly<Record<string, unknown>>) =>
  consoleSchema.parse({ console: { http: { port: 0, ...own } } }).console.http;
const soon = (): AbortSignal => AbortSignal.timeout(10_000);

async function start(t: TestContext, routes: readonly Route[], own = {}): Promise<ConsoleServer> {
  const server = await startConsoleServer(settingsOf(own), { routes, metrics, log: quietLog });
  t.after(async () => await server.stop(AbortSignal.abort()));
  return server;
}

function failing(path: string, error: Error): Route {
  return route({
    method: 'GET',
    path,
    name: 'failing',
    summary: 'Fails',
    scope: 'read',
    answers: { 200: z.object({}) },
    handle: async () => await Promise.reject(error),
  });
}

test('beyond loopback the console takes tokens and TLS, or an explicit demand', async () => {
  const tokens = { kim: { token: 'kim-kim-kim-kim-kim' } };
  for (const own of [{ host: '0.0.0.0' }, { host: '0.0.0.0', tokens }, { host: '::' }])
    await assert.rejects(
      async () => await startConsoleServer(settingsOf(own), { routes: [], metrics, log: quietLog }),
      (error) => error instanceof ConfigError && error.message.includes('console.http.tlsCert'),
    );
  await assert.rejects(
    async () =>
      await startConsoleServer(settingsOf({ tlsCert: '/nowhere/cert.pem' }), { routes: [], metrics, log: quietLog }),
    ConfigError,
  );
});

test('a sick neighbour is 503, a bug is 500 without its words', async (t) => {
  const routes = [failing('/sick', new Unavailable('Kafka', 'gone')), failing('/bug', new Error('a secret'))];
  const { port } = await start(t, routes);
  const sick = await fetch(`http://127.0.0.1:${port}/sick`);
  assert.equal(sick.status, 503);
  assert.equal(sick.headers.get('retry-after'), '5');
  assert.match(await sick.text(), /Kafka is not available: gone/u);
  const bug = await fetch(`http://127.0.0.1:${port}/bug`);
  assert.equal(bug.status, 500);
  assert.doesNotMatch(await bug.text(), /secret/u);
});

test('who follows a link is asked for name and token, a program for its token only', async (t) => {
  const tokens = { kim: { token: 'kim-kim-kim-kim-kim' } };
  const { port } = await start(t, [failing('/sick', new Unavailable('Kafka', 'gone'))], { tokens });
  const challenges = async (method: string, headers: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
    const sent = request({ port, host: '127.0.0.1', path: '/sick', method, headers }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return [answer.statusCode, ...(answer.headersDistinct['www-authenticate'] ?? [])];
  };
  const both = [401, 'Bearer realm="foghorn"', 'Basic realm="Foghorn"'];
  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'cross-site' };
  assert.deepEqual(await challenges('GET', navigation), both);
  // A browser that reached the console by plain HTTP says no more than this.
  assert.deepEqual(await challenges('GET', { accept: 'text/html,*/*' }), both);
  assert.deepEqual(await challenges('GET', { accept: 'text/html', 'sec-fetch-mode': 'cors' }), both.slice(0, 2));
  assert.deepEqual(await challenges('GET', { accept: '*/*' }), both.slice(0, 2));
});

const ACTION: Action = {
  id: 'a',
  at: 0,
  incidentId: 'i',
  episode: 1,
  revision: 1,
  type: 'opened',
  actor: 'system',
  reason: 'x'.repeat(65_536),
  host: 'media01',
  ruleId: 'r',
  severity: 'error',
};

test('a stream whose reader does not read is cut off, and one too many is refused', async (t) => {
  const hub = createHub();
  const { port } = await start(t, [streamRoute(createStream({ hub, metrics, maxStreams: 1 }))]);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'readable');
  assert.equal((await fetch(`http://127.0.0.1:${port}/api/v1/stream`)).status, 429);
  socket.pause();
  const cut = async (): Promise<number> => (await metrics.consoleStreamsCut.get()).values[0]?.value ?? 0;
  const before = await cut();
  await until('it is cut off', async () => {
    for (let count = 0; count < 20; count += 1) hub.action(ACTION);
    return (await cut()) === before + 1;
  });
  await until('there is room again', async () => (await metrics.consoleStreams.get()).values[0]?.value === 0);
  socket.destroy();
});

test('a stop ends the live streams and waits for nobody who only listens', async () => {
  const hub = createHub();
  const routes = [streamRoute(createStream({ hub, metrics, maxStreams: 1 }))];
  const server = await startConsoleServer(settingsOf({}), { routes, metrics, log: quietLog });
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/stream`);
  const reading = response.text();
  const deadline = soon();
  await server.stop(deadline);
  assert.equal(deadline.aborted, false);
  assert.match(await reading, /from now on/u);
});
