// Ports: the usual one where it is free, another where it is not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { choosePort, wishedPort } from '../../../../deploy/local/ports.ts';

test('a preferred port is taken when it is free and passed over when it is not', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const other = await choosePort(port);
  assert.notEqual(other, port);
  assert.ok(other > 0 && other < 65_536);
  const said: string[] = [];
  const instead = await wishedPort('Kafka', port, (line) => said.push(line));
  assert.deepEqual(said, [`port ${port} is taken: Kafka is on ${instead} instead`]);
  await wishedPort('Kafka', 0, (line) => said.push(line));
  assert.equal(said.length, 1);
  server.close();
  await once(server, 'close');
  assert.equal(await choosePort(port), port);
});

test('without a preference: what can be listened on, never the same again, and nothing that an outgoing connection takes', async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, async () => await choosePort()));
  assert.equal(new Set(ports).size, ports.length);
  assert.ok(Math.max(...ports) < 32_768, String(ports));
  const server = createServer();
  server.listen(ports[0], '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
