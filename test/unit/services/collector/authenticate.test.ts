// Who may send, and under which name.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { collectorSchema } from '../../../../services/collector/config.ts';
import { createAuthenticate } from '../../../../services/collector/inputs/http/authenticate.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';

function from(authorization?: string): IncomingMessage {
  const headers = authorization === undefined ? {} : { authorization };
  return { headers, socket: { remoteAddress: '192.0.2.7' } } as unknown as IncomingMessage;
}

const NOW = Date.UTC(2026, 2, 1);

function authenticateWith(tokens: Readonly<Record<string, unknown>>) {
  return createAuthenticate(collectorSchema.parse({ collector: { http: { tokens } } }).collector.http, () => NOW);
}

test('without tokens everybody may, and is known by address', () => {
  assert.equal(authenticateWith({})(from()).name, '192.0.2.7');
});

test('with tokens each is the name of its own', () => {
  const authenticate = authenticateWith({ east: 'a'.repeat(16), west: 'b'.repeat(16) });
  assert.equal(authenticate(from(`Bearer ${'a'.repeat(16)}`)).name, 'east');
  assert.equal(authenticate(from(`bearer ${'b'.repeat(16)}`)).name, 'west');
});

test('anything else is refused with 401 and the scheme to use', () => {
  const authenticate = authenticateWith({ east: 'a'.repeat(16) });
  for (const wrong of [undefined, '', 'Bearer', 'Bearer ', `Basic ${'a'.repeat(16)}`, `Bearer ${'a'.repeat(17)}`])
    assert.throws(
      () => authenticate(from(wrong)),
      (error) =>
        error instanceof Refusal &&
        error.status === 401 &&
        String(error.headers['www-authenticate']).startsWith('Bearer'),
      String(wrong),
    );
});

test('a token may be limited to hosts, and expire [security H2]', () => {
  const token = (letter: string) => letter.repeat(16);
  const authenticate = authenticateWith({
    old: token('a'),
    web: { token: token('b'), hosts: ['web-*', 'proxy01'] },
    gone: { token: token('c'), expires: '2026-02-28T00:00:00Z' },
    valid: { token: token('d'), expires: '2026-03-02T00:00:00+01:00' },
  });
  assert.deepEqual(authenticate(from(`Bearer ${token('a')}`)), { name: 'old', kind: 'token' });
  assert.deepEqual(authenticate(from(`Bearer ${token('b')}`)), {
    name: 'web',
    kind: 'token',
    hosts: ['web-*', 'proxy01'],
  });
  assert.deepEqual(authenticate(from(`Bearer ${token('d')}`)), { name: 'valid', kind: 'token' });
  assert.throws(
    () => authenticate(from(`Bearer ${token('c')}`)),
    (error) => error instanceof Refusal && error.status === 401 && error.message.includes('expired'),
  );
});
