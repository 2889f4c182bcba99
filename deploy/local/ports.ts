// Ports: a preferred one when it is free, else any free one. A port is reserved for this process
// before it is used, so that two starts at once do not choose the same.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { holdFile } from './held-file.ts';

/**
 * Below the ports that systems give to outgoing connections (from 32768 on): no client can take one
 * between its choice and its use.
 */
const FIRST = 20_000;
const LAST = 31_999;
/**
 * One file per reserved port, with the process id of its owner; a file of a dead process counts as
 * none.
 */
const RESERVATIONS = join(tmpdir(), `foghorn-ports-${userInfo().uid}`);
let next = randomInt(FIRST, LAST + 1);

/**
 * A port of the loopback address that is free now: `preferred` when it is, else one that this
 * process has not chosen before. No other Foghorn process of this user chooses it while this one
 * lives.
 */
export async function choosePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isAvailable(preferred))) return preferred;
  for (let tries = FIRST; tries <= LAST; tries += 1) {
    const port = next;
    next = port === LAST ? FIRST : port + 1;
    if (await isAvailable(port)) return port;
  }
  throw new Error(`No port from ${FIRST} to ${LAST} of the loopback address can be listened on.`);
}

/**
 * The preferred port (0: any), or a free one with a log line, because people look for `what` at its
 * usual port.
 */
export async function preferredPort(
  what: string,
  preferred: number,
  progress: (line: string) => void,
): Promise<number> {
  if (preferred === 0) return await choosePort();
  const port = await choosePort(preferred);
  if (port !== preferred) progress(`port ${preferred} is taken: ${what} is on ${port} instead`);
  return port;
}

async function isAvailable(port: number): Promise<boolean> {
  return reserve(port) && (await isFree(port));
}

/** Reserves a port for this process. False when a living process of this user has reserved it. */
function reserve(port: number): boolean {
  mkdirSync(RESERVATIONS, { recursive: true, mode: 0o700 });
  const holder = holdFile(join(RESERVATIONS, String(port)));
  return holder === undefined || holder === process.pid;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const failed = new Promise<boolean>((resolve) => void server.once('error', () => resolve(true)));
  server.listen(port, '127.0.0.1');
  if (await Promise.race([failed, once(server, 'listening').then(() => false)])) return false;
  server.close();
  await once(server, 'close');
  return true;
}
