// A server of bare TCP with the limits that every server has: who may reach it, how many
// connections there are, how it stops.
import type { AddressInfo, Socket } from 'node:net';
import { type ConnectionEvents, type ConnectionLimits, watchConnections } from './connections.ts';
import { createTcpListener, listen, type ListenerOptions, type ListenerSettings } from './listener.ts';

/** What a server needs beside its settings. */
interface TcpServerOptions extends ListenerOptions {
  readonly events: ConnectionEvents;
  /** Is called with why a TLS handshake failed. */
  onTlsError(message: string, address: string): void;
}

/** A connection that was let in. */
export interface TcpConnection {
  readonly socket: Socket;
  /**
   * Notes that a request is under way, until the function that it gives is called; undefined when
   * the connection was given up.
   */
  begin(): (() => void) | undefined;
}

/** A server that listens. */
export interface TcpServer {
  readonly address: AddressInfo;
  isListening(): boolean;
  /** Whether all connections are taken by requests, so that a new connection is turned away. */
  isFull(): boolean;
  /**
   * Takes no new connection, waits until those that there are have closed, and breaks what is left
   * when `deadline` aborts.
   */
  stop(deadline: AbortSignal): Promise<void>;
}

/**
 * Listens; `serve` gets every connection, after its TLS handshake where there is one. Throws
 * ConfigError when it may not or cannot listen.
 */
export async function startTcpServer(
  settings: ListenerSettings & ConnectionLimits,
  options: TcpServerOptions,
  serve: (connection: TcpConnection) => void,
): Promise<TcpServer> {
  const server = createTcpListener(settings, options);
  const connections = watchConnections(server, settings, { ...options, fullAnswer: '' });
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // Before its handshake nobody else listens for what a connection dies of.
    socket.on('error', () => socket.destroy());
  });
  server.on(settings.tlsCert === '' ? 'connection' : 'secureConnection', (socket: Socket) => {
    if (socket.destroyed) return;
    socket.on('error', () => socket.destroy());
    serve({ socket, begin: () => connections.begin(socket) });
  });
  server.on('tlsClientError', (error: Error, socket: Socket) =>
    options.onTlsError(error.message, socket.remoteAddress ?? 'unknown'),
  );
  await listen(server, settings);
  return {
    address: server.address() as AddressInfo,
    isListening: () => server.listening,
    isFull: () => connections.isFull(),
    stop: async (deadline) => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      const cut = (): void => open.forEach((socket) => void socket.destroy());
      if (deadline.aborted) cut();
      else deadline.addEventListener('abort', cut, { once: true });
      await closed;
      deadline.removeEventListener('abort', cut);
      connections.close();
    },
  };
}
