// A redis-server with settings of a test's own: in cluster mode, as a Sentinel, with TLS. The
// program is the one that the local servers run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { choosePort } from '../../deploy/local/ports.ts';
import { onPath } from '../../deploy/local/redis.ts';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { until } from './until.ts';

/** The program; undefined when there is none yet, as where a server is named by REDIS_URL. */
export function redisProgram(): string | undefined {
  const fetched = join(STATE_FOLDER, 'servers', 'redis', 'redis-server');
  return onPath(process.env['PATH']) ?? (existsSync(fetched) ? fetched : undefined);
}

/**
 * Starts it with these lines of configuration beside its port, and waits until it listens; gives
 * the port. It ends with the test.
 */
export async function startRedisServer(
  t: TestContext,
  program: string,
  { lines, args = [] }: { readonly lines: readonly string[]; readonly args?: readonly string[] },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-redis-'));
  const port = await choosePort();
  const config = join(folder, 'redis.conf');
  const tls = lines.some((line) => line.startsWith('tls-port'));
  const own = [...(tls ? [`tls-port ${port}`, 'port 0'] : [`port ${port}`]), 'bind 127.0.0.1', `dir ${folder}`];
  writeFileSync(config, [...lines.filter((line) => !line.startsWith('tls-port')), ...own, ''].join('\n'));
  const child = spawn(program, [config, ...args], { stdio: 'ignore' });
  t.after(async () => {
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });
  await until('redis-server listens', async () => {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    return await listens(port);
  });
  return port;
}

async function listens(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
