// Who may send, and under which name.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { createAuthenticate } from '../../../../services/collector/inputs/http/authenticate.ts';
import { Refusal } from '../../../../services/collector/inputs/http/refusal.ts';

function from(authorization?: string): IncomingMessage {
  const headers = authorization === undefined ? {} : { authorization };
  return { headers, socket: { remoteAddress: '192.0.2.7' } } as unknown as IncomingMessage;
}

test('without tokens everybody may, and is known by address', () => {
  assert.equal(createAuthenticate({})(from()), '192.0.2.7');
});

test('with tokens each is the name of its own', () => {
  const authenticate = createAuthenticate({ east: 'a'.repeat(16), west: 'b'.repeat(16) });
  assert.equal(authenticate(from(`Bearer ${'a'.repeat(16)}`)), 'east');
  assert.equal(authenticate(from(`bearer ${'b'.repeat(16)}`)), 'west');
});

test('anything else is refused with 401 and the scheme to use', () => {
  const authenticate = createAuthenticate({ east: 'a'.repeat(16) });
  for (const wrong of [undefined, '', 'Bearer', 'Bearer ', `Basic ${'a'.repeat(16)}`, `Bearer ${'a'.repeat(17)}`])
    assert.throws(
      () => authenticate(from(wrong)),
      (error) =>
        error instanceof Refusal && error.status === 401 && error.headers['www-authenticate']?.startsWith('Bearer'),
      String(wrong),
    );
});
