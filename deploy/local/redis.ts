// The local Redis: the machine's own redis-server, or the binary for this platform that the
// embedded-redis jar carries.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { delimiter, join } from 'node:path';
import { fetchJars } from './jars.ts';
import { preferredPort } from './ports.ts';
import { type Readiness, untilReady } from './ready.ts';
import { type LocalServer, type ServerContext, withoutPassword } from './server.ts';
import { readZipEntries } from './zip.ts';

const PORT = 16_379;

/**
 * Finds or fetches it and starts it: append-only file on, nothing ever evicted. It takes a
 * password, since every user of the machine reaches the loopback address and a Redis without one
 * writes files with the rights of its owner.
 */
export async function startRedis(context: ServerContext): Promise<LocalServer> {
  const { dataFolder, children, progress, signal } = context;
  const command = onPath(context.env['PATH']) ?? (await fetchBinary(context));
  const port = await preferredPort('Redis', context.port ?? (context.ports === 'fixed' ? PORT : 0), progress);
  const data = join(dataFolder, 'redis');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const password = passwordOf(dataFolder);
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: JSON.stringify(data),
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    save: '""',
    requirepass: password,
  };
  // In a file of its own, because every user of the machine can read a command line.
  const config = join(data, 'redis.conf');
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  rmSync(config, { force: true });
  writeFileSync(config, lines.join(''), { mode: 0o600 });
  const logFile = join(context.logFolder, 'redis.log');
  const child = children.start({ name: 'Redis', command, args: [config], cwd: data, logFile });
  progress('Redis is starting …');
  await untilReady(child, () => ask(port, password), { logFile, signal });
  const address = `redis://:${password}@127.0.0.1:${port}`;
  progress(`Redis is ready on ${withoutPassword(address)}`);
  return { name: 'Redis', address, child };
}

/** The password file of the Redis with its data in `dataFolder`. */
export function passwordFile(dataFolder: string): string {
  return join(dataFolder, 'redis', 'password');
}

/** The same over restarts, so that the address stays. */
function passwordOf(dataFolder: string): string {
  const file = passwordFile(dataFolder);
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8');
}

/** Whether a machine has its own `redis-server`, so that neither jar nor Maven is needed. */
export function onPath(path: string | undefined): string | undefined {
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'redis-server'))
    .find((program) => existsSync(program));
}

async function fetchBinary(context: ServerContext): Promise<string> {
  const jars = await fetchJars({ ...context, profile: 'redis', folder: context.jarFolder });
  const program = join(context.jarFolder, 'redis', 'redis-server');
  if (existsSync(program)) return program;
  const jar = readdirSync(jars).find((name) => name.startsWith('embedded-redis')) ?? '';
  const entry = chooseBinary(readZipEntries(readFileSync(join(jars, jar))), process.platform, process.arch);
  // Under its name only when it is whole, whatever ends this process meanwhile.
  writeFileSync(`${program}.part`, entry, { mode: 0o755 });
  renameSync(`${program}.part`, program);
  return program;
}

/**
 * The bytes of the binary for a platform, by the names the jar gives them
 * (`redis-server-7.0.15-linux-amd64`). Throws when there is none.
 */
export function chooseBinary(entries: ReadonlyMap<string, () => Buffer>, platform: string, arch: string): Buffer {
  const suffix = `-${platform}-${arch === 'x64' ? 'amd64' : arch}`;
  const name = [...entries.keys()].find((key) => key.startsWith('redis-server-') && key.endsWith(suffix));
  const read = name === undefined ? undefined : entries.get(name);
  if (read === undefined)
    throw new Error(`There is no Redis for ${platform} on ${arch} in the jar: install redis-server, or set REDIS_URL.`);
  return read();
}

/**
 * What the answers to AUTH and PING say; undefined while they are not complete. No other server
 * takes the password of the one that was started here.
 */
export function readinessOf(answers: string): Readiness | undefined {
  if (answers.startsWith('-')) return false;
  const [auth, ping, ...rest] = answers.split('\r\n');
  if (ping === undefined || rest.length === 0) return undefined;
  if (auth !== '+OK') return false;
  return ping.startsWith('-LOADING') ? 'loading' : ping === '+PONG';
}

async function ask(port: number, password: string): Promise<Readiness> {
  return await new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = (found: Readiness): void => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    let answers = '';
    socket.on('data', (bytes) => {
      answers += bytes.toString();
      const found = readinessOf(answers);
      if (found !== undefined) end(found);
    });
    socket.once('close', () => resolve(false));
    socket.once('error', () => end(false));
    socket.setTimeout(1000, () => end(false));
  });
}
