// Limits for each address count an IPv6 network as one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf } from '../../../../shared/http/network-of.ts';

test('all addresses of an IPv6 network are one, however they are written [security M3]', () => {
  for (const address of [
    '2001:db8:0:1::1',
    '2001:db8:0:1:ffff:1:2:3',
    '2001:0DB8:0000:0001::',
    '2001:db8::1:0:0:1.2.3.4',
    '2001:db8:0:1::5%eth0',
  ])
    assert.equal(networkOf(address), '2001:db8:0:1::/64', address);
  assert.notEqual(networkOf('2001:db8:0:2::1'), networkOf('2001:db8:0:1::1'));
  assert.equal(networkOf('::1'), '0:0:0:0::/64');
});

test('an IPv4 address stands for itself, also written as IPv6, and so does what is no address', () => {
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
  for (const text of ['192.0.2.1', 'unknown', 'agent-1', '']) assert.equal(networkOf(text), text);
});
