// Who is turned away when there are too many connections: by address, of which an IPv6 network counts as one.
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { EventEmitter } from 'node:events';
import { test, type TestContext } from 'node:test';
import { type ConnectionEnd, watchConnections } from '../../../../shared/http/connections.ts';

/** A server whose connections come from wherever is wanted; each has a request under way. */
function server(t: TestContext, maxConnections: number) {
  const emitter = new EventEmitter();
  const ended: (readonly [ConnectionEnd, string])[] = [];
  const watch = watchConnections(
    emitter as Server,
    { maxConnections, maxConnectionsPerAddress: 0 },
    {
      events: { onCount: () => undefined, onEnd: (end, address) => ended.push([end, address]) },
      form: { type: 'application/json', body: ({ code }) => ({ code }) },
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
    return watch.serve({ socket } as never, new EventEmitter() as never);
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

test('IPv4 addresses are told apart, and one is the same however it is written [security M3]', (t) => {
  const { connect, ended } = server(t, 4);
  assert.ok(connect('192.0.2.1'));
  assert.ok(connect('::ffff:192.0.2.1'));
  assert.ok(!connect('192.0.2.1'));
  assert.deepEqual(ended, [['address_limit', '192.0.2.1']]);
  assert.ok(connect('192.0.2.2'));
});
