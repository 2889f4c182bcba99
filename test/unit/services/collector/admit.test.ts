// No page of a browser gets in, agents do, and log-ins that fail show.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { collectorSchema } from '../../../../services/collector/config.ts';
import { createAdmit, refusePages } from '../../../../services/collector/inputs/http/admit.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { declareCollectorMetrics } from '../../../../services/collector/metrics.ts';
import { createRegistry } from '../../../../shared/runtime/metrics.ts';
import { quietLog } from '../../../support/log.ts';

const registry = createRegistry('test');
const metrics = declareCollectorMetrics(registry);

async function codeOf(
  http: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const settings = collectorSchema.parse({ collector: { http } }).collector.http;
  const admit = createAdmit(settings, { input: 'http', path: '/v1/events', metrics, log: quietLog, now: () => 1 });
  const request = { url: '/v1/events', method: 'POST', headers, socket: { remoteAddress: '127.0.0.1' } };
  try {
    return (await admit(request as unknown as IncomingMessage, AbortSignal.abort())).name;
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return error.code;
  }
}

const token = 'a'.repeat(16);
const tokens = { fleet: token };

for (const [name, headers, code] of [
  ['a page of another site', { host: 'localhost:8309', origin: 'https://evil.example' }, 'foreign_origin'],
  ['a page without an origin to show', { host: 'localhost:8309', origin: 'null' }, 'foreign_origin'],
  ['a page of another port', { host: 'localhost:8309', origin: 'http://localhost:3000' }, 'foreign_origin'],
  ['a page that says where it is from', { host: 'localhost:8309', 'sec-fetch-site': 'cross-site' }, 'foreign_origin'],
  ['a page of a sister site', { host: 'localhost:8309', 'sec-fetch-site': 'same-site' }, 'foreign_origin'],
  ['a page under a name of its own', { host: 'evil.example:8309', origin: 'http://evil.example:8309' }, 'foreign_host'],
  ['a name that looks like an address', { host: '127.0.0.1.evil.example' }, 'foreign_host'],
  ['an agent', { host: '127.0.0.1:8309' }, '127.0.0.1'],
  ['curl', { host: 'localhost:8309', 'content-type': 'application/x-www-form-urlencoded' }, '127.0.0.1'],
  ['an agent by IPv6', { host: '[::1]:8309', 'content-type': 'text/plain' }, '127.0.0.1'],
] as const)
  test(`${name}: ${code} [security M2]`, async () => {
    assert.equal(await codeOf({}, headers), code);
  });

test('open to all by will, it still answers by no name that a page leads here [security M13]', async () => {
  const open = { host: '0.0.0.0', allowInsecure: true };
  assert.equal(await codeOf(open, { host: 'evil.example' }), 'foreign_host');
  assert.equal(await codeOf(open, { host: '192.0.2.7:8309' }), '127.0.0.1');
  assert.equal(await codeOf({ ...open, allowedHosts: ['collector'] }, { host: 'Collector:8309' }), '127.0.0.1');
  assert.equal(await codeOf({ ...open, allowedHosts: ['*'] }, { host: 'evil.example' }), '127.0.0.1');
});

test('with tokens the name does not matter, a page of another site does [security M2]', async () => {
  const authorization = `Bearer ${token}`;
  assert.equal(await codeOf({ tokens }, { host: 'events.example.org', authorization }), 'fleet');
  assert.equal(await codeOf({ tokens }, { host: 'x', authorization, origin: 'http://evil.example' }), 'foreign_origin');
});

test('MessagePack is refused, but only to those who may send', async () => {
  const headers = { host: 'localhost:8309', 'content-type': 'application/msgpack' };
  assert.equal(await codeOf({}, headers), 'unsupported_format');
  assert.equal(await codeOf({}, { ...headers, 'content-type': 'application/x-msgpack; v=1' }), 'unsupported_format');
  assert.equal(await codeOf({ tokens }, headers), 'unauthorized');
});

test('a log-in that failed is counted [security L8]', async () => {
  const count = async (): Promise<number> => (await metrics.logInFailures.get()).values[0]?.value ?? 0;
  const before = await count();
  assert.equal(await codeOf({ tokens }, { host: 'x' }), 'unauthorized');
  assert.equal(await codeOf({ tokens }, { host: 'x', authorization: 'Bearer wrong-wrong-wrong' }), 'unauthorized');
  assert.equal(await codeOf({ tokens }, { host: 'x', authorization: `Bearer ${token}` }), 'fleet');
  assert.equal((await count()) - before, 2);
});

test('who is asked by a foreign name names the setting of its own input', () => {
  const { bulk } = collectorSchema.parse({ collector: {} }).collector;
  const request = { headers: { host: 'evil.example' } } as unknown as IncomingMessage;
  assert.throws(
    () => refusePages(request, bulk, 'bulk'),
    /^Refusal: The collector is asked as evil\.example; .* collector\.bulk\.allowedHosts\.$/u,
  );
});
