// Ports: the usual one where it is free, another where it is not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { choosePort, preferredPort } from '../../../../deploy/local/ports.ts';

const MODULE = new URL('../../../../deploy/local/ports.js', import.meta.url).href;

test('a preferred port is taken when it is free and passed over when it is not', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const other = await choosePort(port);
  assert.notEqual(other, port);
  assert.ok(other > 0 && other < 65_536);
  const said: string[] = [];
  const instead = await preferredPort('Kafka', port, (line) => said.push(line));
  assert.deepEqual(said, [`port ${port} is taken: Kafka is on ${instead} instead`]);
  await preferredPort('Kafka', 0, (line) => said.push(line));
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

test('two starts at once: a port that another living process has chosen is not chosen here, and is free again when that process is gone [events 6]', async (t) => {
  const port = await choosePort();
  const code = `const { choosePort } = await import('${MODULE}'); console.log(await choosePort()); process.stdin.resume();`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => other.kill('SIGKILL'));
  const [line] = (await once(other.stdout, 'data')) as [Buffer];
  const theirs = Number(line.toString());
  assert.notEqual(theirs, port);
  assert.notEqual(await choosePort(theirs), theirs);
  other.kill('SIGKILL');
  await once(other, 'exit');
  assert.equal(await choosePort(theirs), theirs);
});
