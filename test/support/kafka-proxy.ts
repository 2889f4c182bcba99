// A proxy in front of a Kafka broker that clients do not get past: the broker's address in its
// answers becomes the proxy's. It fails as networks do (see tcp-proxy.ts), and gives answers of its
// own to chosen requests (the Kafka protocol guide, "Protocol Primitive Types" and "Messages").
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { listen } from './http-server.ts';

/** A request that may be answered in the broker's stead. */
export interface SeenRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
}

/** The proxy; `address` is what clients are given. */
export interface KafkaProxy extends TcpProxy {
  /**
   * From now on asks `answer` for each request; what it gives (the body behind the correlation id)
   * is the answer, undefined leaves it to the broker.
   */
  answer(answer: (request: SeenRequest) => Buffer | undefined): void;
}

/** The API keys that tests answer. */
const API = { produce: 0, findCoordinator: 10, heartbeat: 12, createTopics: 19 } as const;

/**
 * Starts it; `broker` is `host:port` as the broker advertises itself. With `tls` clients have to
 * speak TLS to it.
 */
export async function createKafkaProxy(broker: string, tls?: TlsOptions): Promise<KafkaProxy> {
  const { hostname, port } = new URL(`tcp://${broker}`);
  const state = { answer: (_request: SeenRequest): Buffer | undefined => undefined, shownPort: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    join(near, far, sockets);
    onFrames(near, (frame) => {
      const body = state.answer({ apiKey: frame.readInt16BE(4), apiVersion: frame.readInt16BE(6) });
      if (body === undefined) far.write(frame);
      else near.write(frameOf(frame.subarray(8, 12), body));
    });
    onFrames(far, (frame) => void near.write(withPort(frame, { hostname, port: Number(port), to: state.shownPort })));
  });
  const ownPort = await listen(server);
  const front = await createTcpProxy(`127.0.0.1:${ownPort}`);
  const shell = tls === undefined ? undefined : await createShell(front.address, { tls, sockets });
  const address = shell?.address ?? front.address;
  state.shownPort = Number(new URL(`tcp://${address}`).port);
  return {
    ...front,
    address,
    answer: (answer) => {
      state.answer = answer;
    },
    close: async () => {
      await shell?.close();
      await front.close();
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/**
 * For `answer`: the group's coordinator is gone (NOT_COORDINATOR to heartbeats), and a search for
 * the new one gets the error `code` (versions 0 to 2). `searched` is called for each search.
 */
export function noCoordinator(code: number, searched: () => void): (request: SeenRequest) => Buffer | undefined {
  return ({ apiKey, apiVersion }) => {
    const throttle = apiVersion === 0 ? [] : [int32(0)];
    if (apiKey === API.heartbeat) return Buffer.concat([...throttle, int16(16)]);
    if (apiKey !== API.findCoordinator) return undefined;
    searched();
    const message = apiVersion === 0 ? [] : [int16(-1)];
    return Buffer.concat([...throttle, int16(code), ...message, int32(-1), string(''), int32(-1)]);
  };
}

/** For `answer`: each topic is refused with the error `code` (CreateTopics, versions 0 to 3). */
export function topicsRefused(code: number, topics: readonly string[]): (request: SeenRequest) => Buffer | undefined {
  return ({ apiKey, apiVersion }) => {
    if (apiKey !== API.createTopics) return undefined;
    const throttle = apiVersion < 2 ? [] : [int32(0)];
    const message = apiVersion < 1 ? [] : [int16(-1)];
    const each = topics.flatMap((topic) => [string(topic), int16(code), ...message]);
    return Buffer.concat([...throttle, int32(topics.length), ...each]);
  };
}

/**
 * For `answer`: a Produce request (versions 3 to 7) is answered for no partition at all, and stores
 * nothing. `seen` is called for each.
 */
export function nothingStored(seen: () => void): (request: SeenRequest) => Buffer | undefined {
  return ({ apiKey }) => {
    if (apiKey !== API.produce) return undefined;
    seen();
    return Buffer.concat([int32(0), int32(0)]);
  };
}

/** One ends with the other. */
function join(near: Socket, far: Socket, sockets: Set<Socket>): void {
  for (const [own, other] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(own);
    own.on('error', () => own.destroy());
    own.on('close', () => {
      sockets.delete(own);
      other.destroy();
    });
  }
}

/** Takes the TLS off. */
async function createShell(target: string, { tls, sockets }: { tls: TlsOptions; sockets: Set<Socket> }) {
  const server = createTlsServer(tls, (near) => {
    const { hostname, port } = new URL(`tcp://${target}`);
    const far = connect(Number(port), hostname);
    join(near, far, sockets);
    near.pipe(far).pipe(near);
  });
  server.on('tlsClientError', (_, socket) => socket.destroy());
  const ownPort = await listen(server);
  return {
    address: `127.0.0.1:${ownPort}`,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Calls with each message, its four bytes of size included. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const size = 4 + held.readInt32BE(0);
      take(held.subarray(0, size));
      held = held.subarray(size);
    }
  });
}

function frameOf(correlationId: Buffer, body: Buffer): Buffer {
  return Buffer.concat([int32(4 + body.length), correlationId, body]);
}

/** Wherever the broker's host and port stand one behind the other. */
function withPort(frame: Buffer, { hostname, port, to }: { hostname: string; port: number; to: number }): Buffer {
  const sought = Buffer.concat([string(hostname), int32(port)]);
  const shown = Buffer.concat([string(hostname), int32(to)]);
  for (let at = frame.indexOf(sought); at >= 0; at = frame.indexOf(sought, at + 1)) shown.copy(frame, at);
  return frame;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(text: string): Buffer {
  return Buffer.concat([int16(text.length), Buffer.from(text)]);
}
