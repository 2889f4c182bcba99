// A TCP proxy that can fail as networks do: cut (connections reset, new ones refused), pause (bytes go nowhere), resume.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A proxy in front of `target`. */
export interface TcpProxy {
  /** `host:port` to connect to; the same over `cut` and `resume`. */
  readonly address: string;
  /** Resets every connection and each new one at once. */
  cut(): void;
  /** Keeps connections open, and lets nothing through. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1; `target` is `host:port`. */
export async function createTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  let state: 'open' | 'paused' | 'cut' = 'open';
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A reset is what this proxy is for; the other side is closed in turn.
    socket.on('error', () => socket.destroy());
    if (state === 'paused') socket.pause();
  };
  const server = createServer((near) => {
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      keep(from);
      from.on('data', (bytes) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => {
        if (state === 'open') from.resume();
      });
      from.on('close', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    address: `127.0.0.1:${address.port}`,
    cut() {
      state = 'cut';
      for (const socket of sockets) socket.resetAndDestroy();
    },
    pause() {
      state = 'paused';
      for (const socket of sockets) socket.pause();
    },
    resume() {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
