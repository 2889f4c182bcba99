// POST /v1/events: NDJSON, a JSON array, one JSON object or event XML, compressed or not. Answers
// when Kafka has the events.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RawEncoding, RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { networkOf } from '../../../../shared/http/network-of.ts';
import { Refusal, type RefusalHeaders } from '../../../../shared/http/refusal.ts';
import { type HttpServer, startHttpServer } from '../../../../shared/http/server.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import type { Logger } from '../../../../shared/runtime/logger.ts';
import type { Running } from '../../../../shared/runtime/running.ts';
import { type Admit, createAdmit } from './admit.ts';
import { outcomeOf } from './answer.ts';
import { needsLogIn } from './authenticate.ts';
import { admitBody, readBody } from './body.ts';
import { type BodyPiece, eventsOfBody } from './events-of-body.ts';
import { connectionEvents } from '../connection-events.ts';
import { type InputParts, type InputType, Overloaded, Oversized, type Reservation } from '../input.ts';
import { checkCertificateSettings, type Sender } from '../senders.ts';
import { type HttpConfig, httpInputSettings } from './settings.ts';

const KIND = 'http';
const SECTION = `collector.${KIND}`;
const PATH = '/v1/events';
const OVERLOADED_RETRY_S = 1;
const UNAVAILABLE_RETRY_S = 5;
/** How long a sender may go on after an answer that came before its body ended. */
const LINGER_MS = 2000;

/** The HTTP input. */
export const httpInput: InputType<typeof KIND, typeof httpInputSettings> = {
  kind: KIND,
  settings: httpInputSettings,
  start,
};

interface Context extends InputParts {
  readonly settings: HttpConfig;
  readonly admit: Admit;
  /** Not any more once the input stops: then each answer is the last on its connection. */
  isListening(): boolean;
}

async function start(settings: HttpConfig, parts: InputParts): Promise<Running> {
  checkCertificateSettings(SECTION, settings);
  const { metrics, log, now } = parts;
  const admit = createAdmit(settings, { input: KIND, path: PATH, metrics, log, now });
  const context: Context = { ...parts, settings, admit, isListening: () => server.isListening() };
  const serverOptions = {
    section: SECTION,
    needsLogIn: needsLogIn(settings),
    requestTimeoutMs: settings.bodyTimeoutMs,
    form: { type: 'application/json', body: refusalBody },
    events: connectionEvents(KIND, parts),
    // A client that asks before it sends a body gets its refusal instead of a 100, and need not
    // send it.
    answersExpect: true,
  };
  const server = await startHttpServer(settings, serverOptions, (...exchange) => void serve(context, ...exchange));
  log.info({ input: KIND, address: server.address, tls: settings.tlsCert !== '' }, 'listening');
  return {
    ready: () => Promise.resolve(missing(server, settings)),
    stop: (deadline) => server.stop(deadline),
  };
}

function missing(server: HttpServer, { maxConnections }: HttpConfig): string | undefined {
  if (!server.isListening()) return 'the HTTP input does not listen';
  return server.isFull()
    ? `all ${maxConnections} connections of the HTTP input have a request under way (collector.http.maxConnections)`
    : undefined;
}

function refusalBody({ code, message }: Refusal): object {
  return { error: code, message };
}

async function serve(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let reservation: Reservation | undefined;
  try {
    const sender = await context.admit(request, gone.signal);
    // Without tokens a sender is an address, and may have as many of IPv6 as it likes.
    reservation = context.intake.reserve(KIND, networkOf(sender.name));
    await take(context, { request, response, reservation, sender });
  } catch (error) {
    reservation?.release();
    if (isBrokenOff(error, request)) return;
    const refusal = refusalOf(error, context.log);
    // The client is gone: nobody would get the answer.
    if (response.destroyed || request.socket.destroyed) return;
    refuse(context, request, { response, refusal });
  }
}

/**
 * Whether the client went away in the middle of its body: nobody would get an answer, and it is no
 * bug.
 */
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

/**
 * What is kept of an otherwise good request, whose sender will not send it again: in the raw topic,
 * of which the enricher makes dead letters. A request without any event is refused whole and stays
 * with its sender.
 */
function keptOf(pieces: readonly BodyPiece[], taken: number): readonly RawEvent[] {
  if (taken === 0 || taken === pieces.length) return [];
  return pieces.flatMap((piece) =>
    piece.kind === 'bad' && piece.piece !== undefined ? [{ ...piece.piece, isRefused: true }] : [],
  );
}

function refusalOf(error: unknown, log: Logger): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof Overloaded)
    return new Refusal(429, 'overloaded', error.message, { headers: { 'retry-after': String(OVERLOADED_RETRY_S) } });
  if (error instanceof Oversized) return new Refusal(413, 'too_large', error.message);
  if (error instanceof Unavailable)
    return new Refusal(503, 'unavailable', `${error.message}. Send the same events again; repeats do no harm.`, {
      headers: { 'retry-after': String(UNAVAILABLE_RETRY_S) },
    });
  log.error({ err: error }, 'a bug in serving a request');
  return new Refusal(500, 'internal', 'A bug: the events may not have been taken. Send them again.');
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers: RefusalHeaders;
}

function refuse(
  context: Context,
  request: IncomingMessage,
  { response, refusal }: { readonly response: ServerResponse; readonly refusal: Refusal },
): void {
  const isUnread = !request.complete;
  const headers = isUnread ? { ...refusal.headers, connection: 'close' } : refusal.headers;
  write(context, response, { status: refusal.status, body: refusalBody(refusal), headers });
  if (isUnread) drainThenEnd(request, response);
  else response.end();
}

/**
 * What the client still sends is read and thrown away for a while before the answer's end, with
 * which Node closes the connection: closed in the middle of a body, it would be reset and may take
 * the answer with it.
 */
function drainThenEnd(request: IncomingMessage, response: ServerResponse): void {
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
