// Syslog as a client sends it over TCP.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A message with the count of its octets before it. */
export function counted(message: string | Buffer): Buffer {
  const bytes = Buffer.from(message as string);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

/**
 * Sends bytes and ends this side, to a port of this machine or by a socket that is connected.
 * Resolves when the other side has ended, too: true when it did so in order.
 */
export async function sendSyslog(to: number | Socket, bytes: string | Buffer): Promise<boolean> {
  const socket = typeof to === 'number' ? connect(to, '127.0.0.1') : to;
  let isBroken = false;
  socket.on('error', () => {
    isBroken = true;
  });
  socket.resume();
  socket.end(bytes);
  if (!socket.closed) await once(socket, 'close').catch(() => undefined);
  return !isBroken;
}
