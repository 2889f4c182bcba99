// POST /v1/events: NDJSON, a JSON array, one JSON object or event XML, plain or gzip. Answers when Kafka has the events.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { RawEncoding, RawEvent } from '../../../shared/contracts/raw-event.ts';
import { listen } from '../../../shared/runtime/admin-server.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { networkOf } from '../../../shared/runtime/network-of.ts';
import { rateLimited } from '../../../shared/runtime/rate-limited-log.ts';
import type { Running } from '../../../shared/runtime/running.ts';
import type { HttpConfig } from '../config.ts';
import type { CollectorMetrics } from '../metrics.ts';
import { type Admit, createAdmit, FAILED_LOG_IN_DELAY_MS } from './http/admit.ts';
import { outcomeOf } from './http/answer.ts';
import type { Sender } from './http/authenticate.ts';
import { admitBody, readBody } from './http/body.ts';
import { type ConnectionEvents, type Connections, watchConnections } from './http/connections.ts';
import { type BodyPiece, eventsOfBody } from './http/events-of-body.ts';
import { createListener } from './http/listener.ts';
import { Refusal } from './http/refusal.ts';
import { type Input, type Intake, Overloaded, Oversized, type Reservation } from './input.ts';

/** What the input works with beside its settings. */
export interface HttpInputOptions {
  readonly metrics: CollectorMetrics;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const KIND = 'http';
const PATH = '/v1/events';
const OVERLOADED_RETRY_S = 1;
const UNAVAILABLE_RETRY_S = 5;
/** How long a sender may go on after an answer that came before its body ended. */
const LINGER_MS = 2000;

/** The HTTP input. Its start throws ConfigError when it may not or cannot listen. */
export function createHttpInput(settings: HttpConfig, options: HttpInputOptions): Input {
  return { kind: KIND, start: async (intake) => await start(settings, intake, options) };
}

interface Context extends HttpInputOptions {
  readonly settings: HttpConfig;
  readonly intake: Intake;
  readonly admit: Admit;
  readonly connections: Connections;
  /** Not any more once the input stops: then each answer is the last on its connection. */
  isListening(): boolean;
}

async function start(settings: HttpConfig, intake: Intake, options: HttpInputOptions): Promise<Running> {
  const server = createListener(settings);
  const { metrics, log, now } = options;
  const connections = watchConnections(server, settings, connectionEvents(options));
  const admit = createAdmit(settings, { input: KIND, path: PATH, metrics, log, now });
  const context: Context = { ...options, settings, intake, admit, connections, isListening: () => server.listening };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
    void serve(context, request, response);
  server.on('request', onRequest);
  // A client that asks before it sends a body gets its refusal instead of a 100, and need not send it.
  server.on('checkContinue', onRequest);
  server.on('clientError', answerBroken);
  await listen(server, settings);
  log.info({ input: KIND, address: server.address(), tls: settings.tlsCert !== '' }, 'listening');
  return {
    ready: async () => await Promise.resolve(missing(server, connections, settings)),
    stop: async (deadline) => {
      await stop(server, deadline);
      connections.close();
    },
  };
}

function missing(server: Server, connections: Connections, { maxConnections }: HttpConfig): string | undefined {
  if (!server.listening) return 'the HTTP input does not listen';
  return connections.isFull()
    ? `all ${maxConnections} connections of the HTTP input have a request under way (collector.http.maxConnections)`
    : undefined;
}

function connectionEvents({ metrics, log, now }: HttpInputOptions): ConnectionEvents {
  const limited = rateLimited(log, now);
  return {
    onCount: (count) => metrics.connections.set({ input: KIND }, count),
    onEnd: (reason, address) => {
      metrics.connectionsEnded.inc({ input: KIND, reason });
      limited.warn('connection', { input: KIND, reason, address }, 'a connection was closed by this side');
    },
  };
}

async function stop(server: Server, deadline: AbortSignal): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = (): void => server.closeAllConnections();
  deadline.addEventListener('abort', cut, { once: true });
  await closed;
  deadline.removeEventListener('abort', cut);
}

/** What is not even HTTP, or did not arrive in time. */
function answerBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, code, message] = BROKEN[error.code ?? ''] ?? ['400 Bad Request', 'bad_request', 'This is not HTTP.'];
  const body = `${JSON.stringify({ error: code, message })}\n`;
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  socket.end(`${head}\r\n\r\n${body}`);
  // A client that does not close its side would keep the connection.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const BROKEN: Readonly<Record<string, readonly [string, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large', 'The headers are too large.'],
};

async function serve(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!context.connections.serve(request, response)) return void request.socket.destroy();
  let reservation: Reservation | undefined;
  try {
    const sender = context.admit(request);
    // Without tokens a sender is an address, and may have as many of IPv6 as it likes.
    reservation = context.intake.reserve(KIND, networkOf(sender.name));
    await take(context, { request, response, reservation, sender });
  } catch (error) {
    reservation?.release();
    if (isBrokenOff(error, request)) return;
    const refusal = refusalOf(error, context.log);
    if (refusal.status === 401) await pause(FAILED_LOG_IN_DELAY_MS);
    // The client is gone: there is nobody to tell.
    if (response.destroyed || request.socket.destroyed) return;
    refuse(context, request, { response, refusal });
  }
}

/** Whether the client went away in the middle of its body: nobody is to be told, and it is no fault of ours. */
function isBrokenOff(error: unknown, request: IncomingMessage): boolean {
  return request.destroyed && !request.complete && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}

interface Admitted {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly reservation: Reservation;
  readonly sender: Sender;
}

async function take(context: Context, { request, response, reservation, sender }: Admitted): Promise<void> {
  const { settings, intake, metrics, log, now } = context;
  const admitted = admitBody(request, settings);
  if (request.headers.expect !== undefined) response.writeContinue();
  const body = await readBody(request, admitted, { ...settings, reservation });
  const endTimer = metrics.acceptSeconds.startTimer({ input: KIND });
  const agent = agentOf(request);
  const arrival = {
    input: KIND,
    sender: sender.name,
    receivedAtMs: now(),
    ...(sender.hosts === undefined ? {} : { senderHosts: sender.hosts }),
    ...(agent === undefined ? {} : { agent }),
  };
  const ownBytes = sender.hosts?.join(' ').length ?? 0;
  const pieces = eventsOfBody(body, {
    arrival,
    charset: charsetOf(request),
    maxEvents: settings.maxEvents,
    admit: (count) => reservation.growByEvents(count, ownBytes),
    onBug: (error) => log.error({ err: error }, 'a bug in looking at one event: it goes on as it came'),
  });
  const events = pieces.flatMap((piece) => (piece.kind === 'event' ? [piece.event] : []));
  const receipts = await intake.deliver([...events, ...keptOf(pieces, events.length)], reservation);
  endTimer();
  const { answer, refusals } = outcomeOf(pieces, receipts);
  for (const [outcome, count] of refusals) metrics.eventsReceived.inc({ input: KIND, outcome }, count);
  write(context, response, { status: answer.accepted > 0 ? 200 : 400, body: answer, headers: {} });
  response.end();
}

/** What is kept of an otherwise good request, whose sender will not send it again: in the raw topic, of which the enricher makes dead letters. A request without any event is refused whole and stays with its sender. */
function keptOf(pieces: readonly BodyPiece[], taken: number): readonly RawEvent[] {
  if (taken === 0 || taken === pieces.length) return [];
  return pieces.flatMap((piece) =>
    piece.kind === 'bad' && piece.piece !== undefined ? [{ ...piece.piece, isRefused: true }] : [],
  );
}

function refusalOf(error: unknown, log: Logger): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof Overloaded)
    return new Refusal(429, 'overloaded', error.message, { 'retry-after': String(OVERLOADED_RETRY_S) });
  if (error instanceof Oversized) return new Refusal(413, 'too_large', error.message);
  if (error instanceof Unavailable)
    return new Refusal(503, 'unavailable', `${error.message}. Send the same events again; repeats do no harm.`, {
      'retry-after': String(UNAVAILABLE_RETRY_S),
    });
  log.error({ err: error }, 'a bug in serving a request');
  return new Refusal(500, 'internal', 'A bug: the events may not have been taken. Send them again.');
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
}

function refuse(
  context: Context,
  request: IncomingMessage,
  { response, refusal }: { readonly response: ServerResponse; readonly refusal: Refusal },
): void {
  const isUnread = !request.complete;
  const headers = isUnread ? { ...refusal.headers, connection: 'close' } : refusal.headers;
  const body = { error: refusal.code, message: refusal.message };
  write(context, response, { status: refusal.status, body, headers });
  if (isUnread) linger(request, response);
  else response.end();
}

/**
 * What the client still sends is read and thrown away for a while before the answer's end, with which Node closes the connection:
 * closed in the middle of a body, it would be reset and may take the answer with it.
 */
function linger(request: IncomingMessage, response: ServerResponse): void {
  const timer = setTimeout(() => {
    response.end();
    request.destroy();
  }, LINGER_MS);
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => response.end());
  request.resume();
}

/** The whole answer, but for its end. */
function write(context: Context, response: ServerResponse, { status, body, headers }: Answer): void {
  context.metrics.requests.inc({ input: KIND, status: String(status) });
  if (!context.isListening()) response.setHeader('connection', 'close');
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': text.length, ...headers })
    .write(text);
}

const MAX_AGENT_CHARACTERS = 200;

function agentOf({ headers }: IncomingMessage): string | undefined {
  const agent = headers['user-agent']?.replaceAll(/[^\u0020-\u007e]/gu, '?').slice(0, MAX_AGENT_CHARACTERS);
  return agent === '' ? undefined : agent;
}

function charsetOf({ headers }: IncomingMessage): RawEncoding {
  const charset = /charset="?(?<name>[\w-]+)/iu.exec(headers['content-type'] ?? '')?.groups?.['name']?.toLowerCase();
  if (charset === 'utf-16' || charset === 'utf-16le') return 'utf-16le';
  return charset === 'utf-16be' ? 'utf-16be' : 'utf-8';
}
