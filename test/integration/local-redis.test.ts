// The local Redis beside other users of the machine: they reach its port, and nothing more.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { startOwnServers } from '../support/own-servers.ts';
import { skipHere } from '../support/needs.ts';

test('whoever has no password runs no command, finds the password in no process list, and reads no file [security H8, L10]', async (t) => {
  const servers = await startOwnServers(t, ['redis']);
  if (typeof servers === 'string') return skipHere(t, 'servers', servers);
  const { password, port } = new URL(servers.redis.address);
  assert.ok(password.length >= 32, 'the address has a password');

  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  t.after(() => socket.destroy());
  const commands = ['PING', 'CONFIG SET dir /tmp', 'CONFIG SET dbfilename x', 'SAVE', 'EVAL "return 1" 0', 'KEYS *'];
  for (const command of commands) {
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^-NOAUTH/u, command);
  }

  const processes = execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  const own = processes.filter((line) => line.includes('redis-server') && line.includes(`:${port}`));
  assert.equal(own.length, 1, 'the server is in the list of processes');
  assert.equal(processes.filter((line) => line.includes(password)).length, 0);

  const { folder } = servers.redis;
  assert.equal(statSync(folder).mode & 0o077, 0, folder);
  for (const name of ['password', 'redis.conf'])
    assert.equal(statSync(join(folder, 'redis', name)).mode & 0o077, 0, name);
  assert.ok(readdirSync(join(folder, 'redis')).length > 0);
});
