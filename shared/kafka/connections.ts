// The sockets of one Kafka client, so that what kafkajs leaves behind keeps no process alive: it
// may connect again while it disconnects, and never close that connection.
import { isIP, connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import type { Logger } from '../runtime/logger.ts';
import { explainTls } from './tls.ts';

/** The connections of a client. */
interface Connections {
  /** How kafkajs opens one; refused after `end`. */
  readonly open: ISocketFactory;
  /** Ends what nobody closed, and says how many there were. */
  end(): void;
}

const KEEP_ALIVE_MS = 60_000;

/** No connections yet. */
export function createConnections(log: Logger): Connections {
  const sockets = new Set<Socket>();
  let isEnded = false;
  return {
    open: ({ host, port, ssl, onConnect }) => {
      if (isEnded) throw new Error('this client of Kafka has been ended');
      const socket = isTls(ssl)
        ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
        : connectTcp({ host, port }, onConnect);
      // Before kafkajs receives it, which takes the message only.
      if (isTls(ssl)) socket.on('error', explainTls);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    end: () => {
      isEnded = true;
      const left = [...sockets].filter((socket) => !socket.writableEnded && !socket.destroyed);
      if (left.length > 0) log.warn({ connections: left.length }, 'connections to Kafka were left open; ended now');
      // With an error: only then kafkajs clears the timer that it has for each connection.
      for (const socket of left) socket.destroy(new Error('this client of Kafka has been ended'));
    },
  };
}

/** kafkajs hands on what it was given: false, true or options. */
function isTls(ssl: unknown): boolean {
  return ssl !== false && ssl !== undefined && ssl !== null;
}
