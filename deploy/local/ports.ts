// Ports: a preferred one when it is free, else any free one.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of the loopback address that is free now: `preferred` when it is, else one that the system chooses. */
export async function choosePort(preferred?: number): Promise<number> {
  return (preferred === undefined ? undefined : await tryPort(preferred)) ?? (await tryPort(0)) ?? preferred ?? 0;
}

/** The wished one (0: any), or a free one, which is said: people look for `what` at its usual port. */
export async function wishedPort(what: string, wished: number, progress: (line: string) => void): Promise<number> {
  const port = await choosePort(wished);
  if (wished !== 0 && port !== wished) progress(`port ${wished} is taken: ${what} is on ${port} instead`);
  return port;
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  const failed = new Promise<boolean>((resolve) => void server.once('error', () => resolve(true)));
  server.listen(port, '127.0.0.1');
  if (await Promise.race([failed, once(server, 'listening').then(() => false)])) return undefined;
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address === null || typeof address === 'string' ? undefined : address.port;
}
