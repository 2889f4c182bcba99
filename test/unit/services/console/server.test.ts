// The console's server on a socket: what it refuses at the start, how it ends, and streams whose
// reader does not read.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import type { Api } from '../../../../services/console/api/application.ts';
import { operation } from '../../../../services/console/api/operation.ts';
import { type ConsoleServer, startConsoleServer } from '../../../../services/console/api/server.ts';
import { addStreamOperation } from '../../../../services/console/api/stream-operation.ts';
import { createHub } from '../../../../services/console/live/hub.ts';
import { createStreams } from '../../../../services/console/live/stream.ts';
import type { ActivityEntry } from '../../../../shared/contracts/activity.ts';
import { ConfigError, Unavailable } from '../../../../shared/runtime/errors.ts';
import { addFailing, apiParts, apiWith, ask } from '../../../support/console-api.ts';
import { recordedLog } from '../../../support/log.ts';
import { until } from '../../../support/until.ts';

const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const nothing = (): void => undefined;

async function start(t: TestContext, addOperations: (api: Api) => void, parts = apiParts()): Promise<ConsoleServer> {
  const server = await startConsoleServer(parts, addOperations);
  t.after(async () => await server.stop(AbortSignal.abort()));
  return server;
}

test('beyond loopback the console takes tokens and TLS, or an explicit demand', async () => {
  const tokens = { kim: { token: 'kim-kim-kim-kim-kim' } };
  for (const own of [{ host: '0.0.0.0' }, { host: '0.0.0.0', tokens }, { host: '::' }])
    await assert.rejects(
      startConsoleServer(apiParts(own), nothing),
      (error) => error instanceof ConfigError && error.message.includes('console.http.tlsCert'),
    );
  await assert.rejects(startConsoleServer(apiParts({ tlsCert: '/nowhere/cert.pem' }), nothing), ConfigError);
});

test('a dependency that is unavailable is 503, a bug is 500 without its words', async () => {
  const api = apiWith((own) => {
    addFailing(own, '/unavailable', new Unavailable('Kafka', 'gone'));
    addFailing(own, '/bug', new Error('a secret'));
  });
  const unavailable = await ask(api, '/unavailable');
  assert.equal(unavailable.status, 503);
  assert.equal(unavailable.headers.get('retry-after'), '5');
  assert.match(await unavailable.text(), /Kafka is not available: gone/u);
  const bug = await ask(api, '/bug');
  assert.equal(bug.status, 500);
  assert.doesNotMatch(await bug.text(), /secret/u);
});

test('who follows a link is asked for name and token, a program for its token only', async (t) => {
  const tokens = { kim: { token: 'kim-kim-kim-kim-kim' } };
  const addUnavailable = (api: Api): void => addFailing(api, '/unavailable', new Unavailable('Kafka', 'gone'));
  const { port } = await start(t, addUnavailable, apiParts({ tokens }));
  const challenges = async (method: string, headers: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
    const sent = request({ port, host: '127.0.0.1', path: '/unavailable', method, headers }).end();
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

const ACTION: ActivityEntry = {
  id: 'a',
  atMs: 0,
  incidentId: 'i',
  episode: 1,
  revision: 1,
  subject: 'incident',
  type: 'opened',
  actor: 'system',
  reason: 'x'.repeat(65_536),
  host: 'media01',
  ruleId: 'r',
  severity: 'error',
};

test('a stream whose reader does not read is cut off, and one too many is refused', async (t) => {
  const hub = createHub();
  const parts = apiParts();
  const { metrics } = parts;
  const streams = createStreams({ hub, metrics, maxStreams: 1, maxStreamsOfOne: 1, now: Date.now });
  const { port } = await start(t, (api) => addStreamOperation(api, { streams }), parts);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'readable');
  assert.equal((await fetch(`http://127.0.0.1:${port}/api/v1/stream`)).status, 429);
  socket.pause();
  const cut = async (): Promise<number> => (await metrics.consoleStreamsCut.get()).values[0]?.value ?? 0;
  const before = await cut();
  await until('it is cut off', async () => {
    for (let count = 0; count < 20; count += 1) hub.activity(ACTION);
    return (await cut()) === before + 1;
  });
  await until('there is room again', async () => (await metrics.consoleStreams.get()).values[0]?.value === 0);
  socket.destroy();
});

test('who asks for the head of the stream alone takes no place', async (t) => {
  const parts = apiParts();
  const streams = createStreams({
    hub: createHub(),
    metrics: parts.metrics,
    maxStreams: 1,
    maxStreamsOfOne: 1,
    now: Date.now,
  });
  const { port } = await start(t, (api) => addStreamOperation(api, { streams }), parts);
  const url = `http://127.0.0.1:${port}/api/v1/stream`;
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 200);
  const leaving = new AbortController();
  t.after(() => leaving.abort());
  await until('its place is free', async () => (await fetch(url, { signal: leaving.signal })).status === 200);
});

test('a stop ends the live streams and waits for nobody who only listens', async () => {
  const hub = createHub();
  const parts = apiParts();
  const streams = createStreams({ hub, metrics: parts.metrics, maxStreams: 1, maxStreamsOfOne: 1, now: Date.now });
  const server = await startConsoleServer(parts, (api) => addStreamOperation(api, { streams }));
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/stream`);
  const reading = response.text();
  const deadline = soon();
  await server.stop(deadline);
  assert.equal(deadline.aborted, false);
  assert.match(await reading, /from now on/u);
});

/**
 * What the server answers to a request line as it stands; undefined when the connection ends
 * without an answer.
 */
async function rawStatus(port: number, target: string, method = 'GET'): Promise<number | undefined> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.end(`${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`, 'latin1');
  let text = '';
  for await (const chunk of socket.setEncoding('latin1') as AsyncIterable<string>) text += chunk;
  const status = /^HTTP\/1\.1 (?<status>\d{3})/u.exec(text)?.groups?.['status'];
  return status === undefined ? undefined : Number(status);
}

const TARGETS = [
  '//[',
  '//',
  '///',
  '//evil.example/api/v1/incidents',
  '/\\[',
  '/[',
  '/%',
  '/%zz',
  '/things/%',
  '/things/%zz',
  '/things/%C3',
  '/things/%00',
  '/things/a%00b',
  '/things/%0d%0a',
  '/things/%2e%2e%2f',
  '/things/..',
  '/things/?',
  '/things//',
  `/things/${'a'.repeat(5000)}`,
  '/things/a?%',
  '/things/a?x=%00&x=%zz',
  '/things/a?__proto__=1',
  '/things/a#b',
  '*',
  'things',
  '[',
  'http://',
  'http://[',
  'http:///things/a',
  'http://[::1',
  'http://a:99999999/things/a',
  'HTTP://x/things/%zz',
  'ftp://x/things/a',
  'javascript:alert(1)',
  'x:y',
  '/things/\u00ff\u00fe',
];

test('no target of a request is a bug: each is answered with what is wrong, and nothing is logged as an error [security L2]', async (t) => {
  const { log, lines } = recordedLog();
  const thing = operation({
    method: 'get',
    path: '/things/{id}',
    operationId: 'thing',
    summary: 'Shows a thing',
    scope: 'read',
    answers: { 200: z.object({}) },
  });
  const addThing = (api: Api) => api.openapi(thing, (c) => c.json(c.req.valid('param')));
  const server = await start(t, addThing, { ...apiParts(), log });
  for (const target of TARGETS)
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const status = await rawStatus(server.port, target, method);
      assert.ok([200, 400, 404, 405].includes(status ?? 0), `${method} ${target.slice(0, 60)}: ${status}`);
    }
  assert.equal(await rawStatus(server.port, '//['), 404);
  assert.equal(await rawStatus(server.port, '/things/a'), 200);
  assert.equal(await rawStatus(server.port, `http://127.0.0.1:${server.port}/things/a`), 200, 'as a proxy asks');
  assert.equal(await rawStatus(server.port, '/things/%00'), 400);
  assert.deepEqual(
    lines.filter(({ level }) => Number(level) >= 50),
    [],
  );
});

test('one reader takes its own share of the live streams and leaves the others theirs [security L5]', async (t) => {
  const tokens = { kim: { token: 'kim-kim-kim-kim-kim' }, lee: { token: 'lee-lee-lee-lee-lee' } };
  const parts = apiParts({ tokens });
  const streams = createStreams({
    hub: createHub(),
    metrics: parts.metrics,
    maxStreams: 4,
    maxStreamsOfOne: 2,
    now: Date.now,
  });
  const { port } = await start(t, (api) => addStreamOperation(api, { streams }), parts);
  const gone = new AbortController();
  t.after(() => gone.abort());
  const ask = async (token: string, signal = gone.signal): Promise<Response> =>
    await fetch(`http://127.0.0.1:${port}/api/v1/stream`, { headers: { authorization: `Bearer ${token}` }, signal });
  const leaving = new AbortController();
  assert.equal((await ask(tokens.kim.token, leaving.signal)).status, 200);
  assert.equal((await ask(tokens.kim.token)).status, 200);
  const third = await ask(tokens.kim.token);
  assert.deepEqual([third.status, third.headers.get('retry-after')], [429, '10']);
  assert.match(await third.text(), /kim has 2 live streams already \(console\.maxStreamsOfOne\)/u);
  for (let index = 0; index < 2; index += 1) assert.equal((await ask(tokens.lee.token)).status, 200);
  leaving.abort();
  await until('a place is free again', async () => (await ask(tokens.kim.token)).status === 200);
});

test('failed log-ins are counted, logged with their address a line a minute, and answered later and later [security L8]', async (t) => {
  const { log, lines } = recordedLog();
  const tokens = { kim: { token: 'kim-kim-kim-kim-kim' } };
  const addUnavailable = (api: Api): void => addFailing(api, '/bug', new Unavailable('Kafka', 'gone'));
  const server = await start(t, addUnavailable, { ...apiParts({ tokens }), log });
  const tookMs: number[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const startedMs = performance.now();
    const headers = { authorization: `Bearer wrong-${attempt}` };
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/bug`, { headers })).status, 401);
    tookMs.push(performance.now() - startedMs);
  }
  assert.ok((tookMs[5] ?? 0) >= 390, `the sixth took ${tookMs[5]} ms`);
  const warned = lines.filter(({ msg }) => String(msg).startsWith('log-ins fail'));
  assert.equal(warned.length, 1);
  assert.match(String(warned[0]?.['address']), /127\.0\.0\.1$/u);
  assert.equal(warned[0]?.['reason'], 'wrong_token');
  assert.doesNotMatch(JSON.stringify(lines), /wrong-\d/u, 'no token is logged');
  const right = await fetch(`http://127.0.0.1:${server.port}/bug`, {
    headers: { authorization: `Bearer ${tokens.kim.token}` },
  });
  assert.equal(right.status, 503, 'who has a token is let in at once');
});
