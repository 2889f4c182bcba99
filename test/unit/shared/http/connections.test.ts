// Who is turned away when there are too many connections: by address, of which an IPv6 network
// counts as one.
import assert from 'node:assert/strict';
import type { Server, Socket } from 'node:net';
import { EventEmitter } from 'node:events';
import { test, type TestContext } from 'node:test';
import { type ConnectionEnd, watchConnections } from '../../../../shared/http/connections.ts';

/** A server whose connections come from wherever is wanted; each has a request under way. */
function server(t: TestContext, maxConnections: number, allowedNetworks: readonly string[] = []) {
  const emitter = new EventEmitter();
  const ended: (readonly [ConnectionEnd, string])[] = [];
  const watch = watchConnections(
    emitter as Server,
    { maxConnections, maxConnectionsPerAddress: 0, allowedNetworks },
    {
      events: { onCount: () => undefined, onEnd: (end, address) => ended.push([end, address]) },
      fullAnswer: 'full',
    },
  );
  t.after(() => watch.close());
  let remotePort = 1024;
  const connect = (remoteAddress: string): boolean => {
    const socket = Object.assign(new EventEmitter(), {
      remoteAddress,
      remotePort: remotePort++,
      localAddress: '::1',
      destroy: () => undefined,
      end: () => socket.emit('close'),
    }) as unknown as Socket;
    emitter.emit('connection', socket);
    return watch.begin(socket) !== undefined;
  };
  return { connect, ended };
}

test('who has an IPv6 network has half of the connections and no more, by however many addresses [security M3]', (t) => {
  const { connect, ended } = server(t, 8);
  const taken = Array.from({ length: 8 }, (_, host) => connect(`2001:db8:0:1::${(host + 1).toString(16)}`));
  assert.equal(taken.filter(Boolean).length, 4);
  assert.deepEqual(ended[0], ['address_limit', '2001:db8:0:1::/64']);
  assert.ok(connect('2001:db8:0:2::1'), 'another network has its place');
  assert.ok(connect('192.0.2.1'));
});

test('IPv4 addresses are distinguished, and one is the same however it is written [security M3]', (t) => {
  const { connect, ended } = server(t, 4);
  assert.ok(connect('192.0.2.1'));
  assert.ok(connect('::ffff:192.0.2.1'));
  assert.ok(!connect('192.0.2.1'));
  assert.deepEqual(ended, [['address_limit', '192.0.2.1']]);
  assert.ok(connect('192.0.2.2'));
});

test('with allowed networks an address outside of them is turned away, however it is written', (t) => {
  const { connect, ended } = server(t, 8, ['192.0.2.0/24', '2001:db8::/48']);
  assert.ok(connect('192.0.2.1'));
  assert.ok(connect('::ffff:192.0.2.2'));
  assert.ok(connect('2001:db8:0:7::1'));
  assert.ok(!connect('198.51.100.1'));
  assert.ok(!connect('2001:db8:1::1'));
  assert.deepEqual(ended, [
    ['not_allowed', '198.51.100.1'],
    ['not_allowed', '2001:db8:1:0::/64'],
  ]);
});
