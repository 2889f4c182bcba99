// How tokens are shown, and whose they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicOf, bearerOf, createHolders } from '../../../../shared/http/tokens.ts';

test('a bearer token is one word behind its scheme, in whatever case', () => {
  assert.equal(bearerOf('Bearer abc'), 'abc');
  assert.equal(bearerOf('bEARER   abc'), 'abc');
  for (const other of [undefined, '', 'Bearer', 'Bearer ', 'Bearer a b', 'Basic abc', ' Bearer abc'])
    assert.equal(bearerOf(other), undefined, other);
});

test('user and password end and begin at the first colon', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.deepEqual(basicOf(basic('kim:a:b')), { user: 'kim', password: 'a:b' });
  assert.deepEqual(basicOf(basic(':')), { user: '', password: '' });
  for (const other of [undefined, '', 'Basic', 'Basic %', basic('kim'), 'Bearer a2ltOmE='])
    assert.equal(basicOf(other), undefined, other);
});

test('a token finds its own holder, and nothing that only resembles it does', () => {
  const find = createHolders([
    { token: 'a'.repeat(16), holder: 'east' },
    { token: 'b'.repeat(16), holder: 'west' },
  ]);
  assert.equal(find('a'.repeat(16)), 'east');
  assert.equal(find('b'.repeat(16)), 'west');
  for (const other of ['', 'a', 'a'.repeat(15), 'a'.repeat(17), 'A'.repeat(16)]) assert.equal(find(other), undefined);
});
