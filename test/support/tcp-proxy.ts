// A TCP proxy that can fail as networks do: cut (connections reset, new ones refused), pause (bytes
// go nowhere), resume, lead new connections elsewhere.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listen } from './http-server.ts';

/** A proxy in front of `target`. */
export interface TcpProxy {
  /** `host:port` to connect to; the same over `cut` and `resume`. */
  readonly address: string;
  /** Resets every connection and each new one at once. */
  cut(): void;
  /** Keeps connections open, and lets nothing through. */
  pause(): void;
  resume(): void;
  /**
   * Leads new connections to another `host:port`, as a name or an address that moved; those that
   * are open stay.
   */
  lead(target: string): void;
  /**
   * The target vanishes without a word: nothing passes on the connections that are open, for good.
   */
  strand(): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1; `target` is `host:port`. */
export async function createTcpProxy(target: string): Promise<TcpProxy> {
  let to = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  const stranded = new Set<Socket>();
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
    const far = connect(Number(to.port), to.hostname);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      keep(from);
      from.on('data', (bytes) => {
        if (!into.write(bytes)) from.pause();
      });
      into.on('drain', () => {
        if (state === 'open' && !stranded.has(from)) from.resume();
      });
      from.on('close', () => into.destroy());
    }
  });
  const port = await listen(server);
  return {
    address: `127.0.0.1:${port}`,
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
      for (const socket of sockets) if (!stranded.has(socket)) socket.resume();
    },
    lead(next) {
      to = new URL(`tcp://${next}`);
    },
    strand() {
      for (const socket of sockets) {
        stranded.add(socket);
        socket.pause();
      }
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
