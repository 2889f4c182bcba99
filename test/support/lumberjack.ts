// Lumberjack as a client speaks it: frames, and a connection that keeps what it was answered.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { deflateSync } from 'node:zlib';

/** A frame of a letter and numbers, with what follows them. */
export function frame(letter: string, numbers: readonly number[], payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(2 + 4 * numbers.length);
  head.write(`2${letter}`, 'latin1');
  numbers.forEach((number, index) => head.writeUInt32BE(number, 2 + 4 * index));
  return Buffer.concat([head, payload]);
}

/** One event. */
export function eventFrame(sequence: number, event: string | Buffer): Buffer {
  const bytes = Buffer.from(event as string);
  return frame('J', [sequence, bytes.length], bytes);
}

/** Frames in a compressed one. */
export function packedFrame(...frames: readonly Buffer[]): Buffer {
  const packed = deflateSync(Buffer.concat(frames));
  return frame('C', [packed.length], packed);
}

/** A window with its events, as Beats send it: compressed, or one after the other. */
export function windowOf(events: readonly (string | Buffer)[], { isPacked = true } = {}): Buffer {
  const frames = events.map((event, index) => eventFrame(index + 1, event));
  return Buffer.concat([frame('W', [events.length]), ...(isPacked ? [packedFrame(...frames)] : frames)]);
}

/** A connection and what came back. */
export interface LumberjackConnection {
  readonly socket: Socket;
  /** The numbers of the acknowledgements, zeros (signs of life) among them. */
  acknowledged(): readonly number[];
  isClosed(): boolean;
}

/** Connects to a port of this machine, or takes a socket that is connected. */
export async function openLumberjack(to: number | Socket): Promise<LumberjackConnection> {
  const socket = typeof to === 'number' ? connect(to, '127.0.0.1') : to;
  let answered: Buffer = Buffer.alloc(0);
  let isClosed = false;
  socket.on('data', (chunk: Buffer) => {
    answered = Buffer.concat([answered, chunk]);
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    isClosed = true;
  });
  if (typeof to === 'number') await once(socket, 'connect');
  return {
    socket,
    acknowledged: () => {
      const count = Math.floor(answered.length / 6);
      return Array.from({ length: count }, (_, index) => {
        const start = answered.subarray(6 * index, 6 * index + 2).toString('latin1');
        if (start !== '2A') throw new Error(`an answer that is no acknowledgement: ${start}`);
        return answered.readUInt32BE(6 * index + 2);
      });
    },
    isClosed: () => isClosed,
  };
}
