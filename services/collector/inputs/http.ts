// POST /v1/events: NDJSON, a JSON array, one JSON object or event XML, plain or gzip. Answers when Kafka has the events.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RawEncoding } from '../../../shared/contracts/raw-event.ts';
import { listen } from '../../../shared/runtime/admin-server.ts';
import { ConfigError, messageOf, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { Running } from '../../../shared/runtime/running.ts';
import type { HttpConfig } from '../config.ts';
import type { CollectorMetrics } from '../metrics.ts';
import { outcomeOf } from './http/answer.ts';
import { type Authenticate, createAuthenticate } from './http/authenticate.ts';
import { admitBody, readBody } from './http/body.ts';
import { eventsOfBody } from './http/events-of-body.ts';
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
const HEADERS_TIMEOUT_MS = 15_000;
const TIMEOUT_CHECK_MS = 2000;
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
  readonly authenticate: Authenticate;
  /** Not any more once the input stops: then each answer is the last on its connection. */
  isListening(): boolean;
}

async function start(settings: HttpConfig, intake: Intake, options: HttpInputOptions): Promise<Running> {
  refuseOpenDoor(settings);
  const server = createListener(settings);
  server.maxConnections = settings.maxConnections;
  server.requestTimeout = settings.bodyTimeoutMs;
  server.headersTimeout = Math.min(HEADERS_TIMEOUT_MS, settings.bodyTimeoutMs);
  const authenticate = createAuthenticate(settings.tokens);
  const context: Context = { ...options, settings, intake, authenticate, isListening: () => server.listening };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void serve(context, request, response));
  // A client that asks before it sends a body gets its refusal instead of a 100, and need not send it.
  server.on(
    'checkContinue',
    (request: IncomingMessage, response: ServerResponse) => void serve(context, request, response),
  );
  server.on('clientError', answerBroken);
  await listen(server, settings);
  options.log.info({ input: KIND, address: server.address(), tls: settings.tlsCert !== '' }, 'listening');
  return {
    ready: async () => await Promise.resolve(server.listening ? undefined : 'the HTTP input does not listen'),
    stop: async (deadline) => await stop(server, deadline),
  };
}

function createListener({ tlsCert, tlsKey }: HttpConfig): Server {
  const options = { connectionsCheckingInterval: TIMEOUT_CHECK_MS };
  if (tlsCert === '') return createServer(options);
  try {
    return createTlsServer({ ...options, cert: readFileSync(tlsCert), key: readFileSync(tlsKey) });
  } catch (error) {
    throw new ConfigError(`collector.http.tlsCert and tlsKey cannot be used: ${messageOf(error)}`);
  }
}

function refuseOpenDoor({ host, tokens, tlsCert, allowInsecure }: HttpConfig): void {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (isLoopback || allowInsecure) return;
  const lacks = [Object.keys(tokens).length === 0 ? 'tokens' : '', tlsCert === '' ? 'tlsCert' : ''].filter(Boolean);
  if (lacks.length > 0)
    throw new ConfigError(
      `collector.http.host = ${host} is reachable from outside, but collector.http.${lacks.join(' and collector.http.')} is not set. Set it, or collector.http.allowInsecure = true if others guard the door.`,
    );
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
}

const BROKEN: Readonly<Record<string, readonly [string, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large', 'The headers are too large.'],
};

async function serve(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reservation = context.intake.reserve(KIND);
  try {
    const sender = admit(context, request);
    await take(context, { request, response, reservation, sender });
  } catch (error) {
    reservation.release();
    // The client is gone: there is nobody to tell.
    if (response.destroyed || request.socket.destroyed) return;
    refuse(context, request, { response, refusal: refusalOf(error, context.log) });
  }
}

/** Throws Refusal for what is not a POST of somebody who may. */
function admit({ authenticate }: Context, request: IncomingMessage): string {
  const path = (request.url ?? '').split('?')[0];
  if (path !== PATH)
    throw new Refusal(404, 'not_found', `There is no ${path?.slice(0, 100)} here; POST events to ${PATH}.`);
  if (request.method !== 'POST') throw new Refusal(405, 'method_not_allowed', `${PATH} takes POST.`, { allow: 'POST' });
  return authenticate(request);
}

interface Admitted {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly reservation: Reservation;
  readonly sender: string;
}

async function take(context: Context, { request, response, reservation, sender }: Admitted): Promise<void> {
  const { settings, intake, metrics, log, now } = context;
  const admitted = admitBody(request, settings, reservation);
  if (request.headers.expect !== undefined) response.writeContinue();
  const body = await readBody(request, admitted, { ...settings, reservation });
  const endTimer = metrics.acceptSeconds.startTimer({ input: KIND });
  const agent = agentOf(request);
  const arrival = { input: KIND, sender, receivedAtMs: now(), ...(agent === undefined ? {} : { agent }) };
  const admit = (count: number): void => reservation.growByEvents(count);
  const onBug = (error: unknown): void =>
    log.error({ err: error }, 'a bug in looking at one event: it goes on as it came');
  const { maxEvents } = settings;
  const pieces = eventsOfBody(body, { arrival, charset: charsetOf(request), maxEvents, admit, onBug });
  const events = pieces.flatMap((piece) => (piece.kind === 'event' ? [piece.event] : []));
  const receipts = await intake.deliver(events, reservation);
  endTimer();
  const { answer, refusals } = outcomeOf(pieces, receipts);
  for (const [outcome, count] of refusals) metrics.eventsReceived.inc({ input: KIND, outcome }, count);
  write(context, response, { status: answer.accepted > 0 ? 200 : 400, body: answer, headers: {} });
  response.end();
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
