// A server with all the limits that guard it: who may reach it, how many connections there are, how
// long a request takes.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionEvents, type ConnectionLimits, watchConnections } from './connections.ts';
import { createListener, drain, listen, type HttpListenerOptions, type ListenerSettings } from './listener.ts';
import { rawAnswer, Refusal, type RefusalForm } from './refusal.ts';

/** What a server needs beside its settings. */
interface HttpServerOptions extends HttpListenerOptions {
  readonly form: RefusalForm;
  readonly events: ConnectionEvents;
  /**
   * Whether `serve` itself answers `Expect: 100-continue` and so may refuse a body before it is
   * sent.
   */
  readonly answersExpect?: boolean;
}

/** A server that listens. */
export interface HttpServer {
  readonly address: AddressInfo;
  isListening(): boolean;
  /** Whether all connections are taken by requests, so that a new one is turned away. */
  isFull(): boolean;
  /**
   * Takes no new connection, waits for the answers under way, and breaks what is left when
   * `deadline` aborts.
   */
  stop(deadline: AbortSignal): Promise<void>;
}

const FULL = new Refusal(503, 'full', 'There are too many connections now; come again.', {
  headers: { 'Retry-After': '5' },
});
/** How long a client may take to read why its connection ends. */
const LINGER_MS = 2000;

/** Listens; `serve` gets every request. Throws ConfigError when it may not or cannot listen. */
export async function startHttpServer(
  settings: ListenerSettings & ConnectionLimits,
  options: HttpServerOptions,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpServer> {
  const server = createListener(settings, options);
  const connections = watchConnections(server, settings, { ...options, fullAnswer: rawAnswer(options.form, FULL) });
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const end = connections.begin(request.socket);
    if (end === undefined) return void request.socket.destroy();
    response.once('close', end);
    serve(request, response);
  };
  server.on('request', onRequest);
  if (options.answersExpect === true) server.on('checkContinue', onRequest);
  server.on('clientError', (error, socket) => answerBroken(options.form, error, socket));
  await listen(server, settings);
  return {
    address: server.address() as AddressInfo,
    isListening: () => server.listening,
    isFull: () => connections.isFull(),
    stop: async (deadline) => {
      await drain(server, deadline);
      connections.close();
    },
  };
}

/** Bytes that are no HTTP, or did not arrive in time. */
function answerBroken(form: RefusalForm, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, code, message] = BROKEN[error.code ?? ''] ?? [400, 'bad_request', 'This is not HTTP.'];
  socket.end(rawAnswer(form, new Refusal(status, code, message)));
  // A client that does not close its side would keep the connection.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const BROKEN: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'The headers are too large.'],
};
