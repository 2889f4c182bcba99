// A server of requests that bring events: limits, room in the budget, and an answer whatever
// happens. What the answers look like is its input's.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RawEncoding, RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { Refusal, type RefusalForm, type RefusalHeaders } from '../../../../shared/http/refusal.ts';
import { startHttpServer } from '../../../../shared/http/server.ts';
import { Unavailable } from '../../../../shared/runtime/errors.ts';
import type { Running } from '../../../../shared/runtime/running.ts';
import { createConnectionLog, type Tally } from '../connection-log.ts';
import { type InputParts, Overloaded, Oversized, type Receipt, type Reservation } from '../input.ts';
import { accountOf, checkCertificateSettings, originOf, type Sender } from '../senders.ts';
import { needsLogIn } from './authenticate.ts';
import { admitBody, readBody } from './body.ts';
import { type BodyOptions, type BodyPiece, type Envelope, eventsOfBody } from './events-of-body.ts';
import type { HttpConfig } from './settings.ts';

const OVERLOADED_RETRY_S = 1;
const UNAVAILABLE_RETRY_S = 5;
/** How long a sender may go on after an answer that came before its body ended. */
const LINGER_MS = 2000;

/** A request and what it is answered by. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
  /** What its connection did so far. */
  readonly tally: Tally;
}

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** An answer's body as it goes out. */
export interface Written {
  /** The media type. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** An input whose requests bring events. */
export interface RequestInput {
  /** Its kind, and its name in messages. */
  readonly kind: string;
  readonly title: string;
  readonly settings: HttpConfig;
  readonly parts: InputParts;
  /** How refusals look. */
  readonly form: RefusalForm;
  /** The status for a sender that has to come again because too much is under way. */
  readonly overloadedStatus: 429 | 503;
  /** The status in place of 408 and 500, for clients that come again after no other. */
  readonly retryStatus?: 503;
  /** Writes the body of an answer; without it, it is written as JSON. */
  write?(body: object, request: IncomingMessage): Written;
  /** Serves a request; what it throws is answered, too. */
  serve(exchange: Exchange): Promise<Answer>;
}

interface Context extends RequestInput {
  tallyOf(socket: Socket): Tally;
  /** Not any more once the input stops: then each answer is the last on its connection. */
  isListening(): boolean;
}

/** Listens. Throws ConfigError when it may not or cannot. */
export async function startRequestInput(input: RequestInput): Promise<Running> {
  const { kind, title, settings, parts, form } = input;
  const section = `collector.${kind}`;
  checkCertificateSettings(section, settings);
  const connections = createConnectionLog(kind, parts);
  const context: Context = { ...input, tallyOf: connections.of, isListening: () => server.isListening() };
  const serverOptions = {
    section,
    needsLogIn: needsLogIn(settings),
    logInSettings: ['tokens', 'clientCaFile'],
    tlsReports: parts,
    requestTimeoutMs: settings.bodyTimeoutMs,
    form,
    events: connections.events,
    // A client that asks before it sends a body gets its refusal instead of a 100, and need not
    // send it.
    answersExpect: true,
  };
  const server = await startHttpServer(settings, serverOptions, (...exchange) => void answer(context, ...exchange));
  parts.log.info({ input: kind, address: server.address, tls: settings.tlsCert !== '' }, 'listening');
  const missing = (): string | undefined => {
    if (!server.isListening()) return `the ${title} does not listen`;
    return server.isFull()
      ? `all ${settings.maxConnections} connections of the ${title} have a request under way (${section}.maxConnections)`
      : undefined;
  };
  return { ready: () => Promise.resolve(missing()), stop: (deadline) => server.stop(deadline) };
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const tally = context.tallyOf(request.socket);
  const isDone = tally.hold();
  response.once('close', () => {
    tally.status = response.statusCode;
    isDone();
    gone.abort();
  });
  try {
    const exchange = { request, response, gone: gone.signal, tally };
    write(context, response, { ...(await context.serve(exchange)), headers: {} });
    response.end();
  } catch (error) {
    if (isBrokenOff(error, request)) return;
    const refusal = refusalOf(error, context);
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

/**
 * Reads the body of a request and has `use` do something with it, within a reservation of the
 * sender. Throws what reading throws.
 */
export async function withBody<T>(
  { kind, settings, parts }: RequestInput,
  { request, response }: Exchange,
  { sender, use }: { readonly sender: Sender; use(body: Buffer, reservation: Reservation): Promise<T> },
): Promise<T> {
  const reservation = parts.intake.reserve(kind, accountOf(sender, request.socket));
  try {
    const limits = { ...settings, section: `collector.${kind}` };
    const admitted = admitBody(request, limits);
    if (request.headers.expect !== undefined) response.writeContinue();
    // Not kept in a variable: what is made of the body may outlast it.
    return await readBody(request, admitted, { ...limits, reservation }).then((body) => use(body, reservation));
  } catch (error) {
    // Events that Kafka has not answered for are in memory still: the intake releases them.
    if (!(error instanceof Unavailable)) reservation.release();
    throw error;
  }
}

/** How the events of a request are taken. */
interface Taking<T> {
  readonly sender: Sender;
  readonly envelope?: Envelope;
  /** Cuts the body; without it the form is recognised by the first character. */
  readonly cut?: (body: Buffer, options: BodyOptions) => readonly BodyPiece[];
  /** Sends what goes to Kafka of the body's pieces, and gives what came of it. */
  deliver(pieces: readonly BodyPiece[], send: Send): Promise<T>;
}

type Send = (events: readonly RawEvent[]) => Promise<readonly Receipt[]>;

/**
 * Cuts the body into pieces and gives what `deliver` gives. Throws what reading and sending throw.
 */
export async function takeEvents<T>(
  input: RequestInput,
  exchange: Exchange,
  { sender, envelope, cut = eventsOfBody, deliver }: Taking<T>,
): Promise<T> {
  const { kind, settings, parts } = input;
  const { intake, metrics, log, now } = parts;
  const { request, tally } = exchange;
  tally.sender = sender.name;
  return await withBody(input, exchange, {
    sender,
    use: (body, reservation) => {
      const endTimer = metrics.acceptSeconds.startTimer({ input: kind });
      const agent = agentOf(request);
      const arrival = {
        ...originOf(kind, sender, request.socket),
        receivedAtMs: now(),
        ...(agent === undefined ? {} : { agent }),
      };
      const ownBytes = sender.hosts?.join(' ').length ?? 0;
      const pieces = cut(body, {
        arrival,
        charset: charsetOf(request),
        maxEvents: settings.maxEvents,
        admit: (count) => reservation.growByEvents(count, ownBytes),
        grow: (bytes) => reservation.grow(bytes),
        onBug: (error) => log.error({ err: error }, 'a bug in looking at one event: it goes on as it came'),
        ...(envelope === undefined ? {} : { envelope }),
      });
      let sent = 0;
      const send: Send = async (events) => {
        sent = events.length;
        return await tally.counting(intake).deliver(events, reservation);
      };
      return deliver(pieces, send).then((outcome) => {
        tally.refused += pieces.length - sent;
        endTimer();
        return outcome;
      });
    },
  });
}

function refusalOf(error: unknown, context: Context): Refusal {
  const refusal = plainRefusalOf(error, context);
  const { status, code, message, headers, more } = refusal;
  if (context.retryStatus === undefined || (status !== 408 && status !== 500)) return refusal;
  return new Refusal(context.retryStatus, code, message, {
    headers: { ...headers, 'retry-after': String(UNAVAILABLE_RETRY_S) },
    more,
  });
}

function plainRefusalOf(error: unknown, { parts, overloadedStatus }: Context): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof Overloaded)
    return new Refusal(overloadedStatus, 'overloaded', error.message, {
      headers: { 'retry-after': String(OVERLOADED_RETRY_S) },
    });
  if (error instanceof Oversized) return new Refusal(413, 'too_large', error.message);
  if (error instanceof Unavailable)
    return new Refusal(503, 'unavailable', `${error.message}. Send the same events again; repeats do no harm.`, {
      headers: { 'retry-after': String(UNAVAILABLE_RETRY_S) },
    });
  parts.log.error({ err: error }, 'a bug in serving a request');
  return new Refusal(500, 'internal', 'A bug: the events may not have been taken. Send them again.');
}

function refuse(
  context: Context,
  request: IncomingMessage,
  { response, refusal }: { readonly response: ServerResponse; readonly refusal: Refusal },
): void {
  const isUnread = !request.complete;
  const headers = isUnread ? { ...refusal.headers, connection: 'close' } : refusal.headers;
  write(context, response, { status: refusal.status, body: context.form.body(refusal), headers });
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
function write(
  { kind, parts, isListening, write: writeBody = asJson }: Context,
  response: ServerResponse,
  { status, body, headers }: Answer & { readonly headers: RefusalHeaders },
): void {
  parts.metrics.requests.inc({ input: kind, status: String(status) });
  if (!isListening()) response.setHeader('connection', 'close');
  const { type, bytes } = writeBody(body, response.req);
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, ...headers });
  if (bytes.length > 0) response.write(bytes);
  else response.flushHeaders();
}

function asJson(body: object): Written {
  return { type: 'application/json; charset=utf-8', bytes: Buffer.from(`${JSON.stringify(body)}\n`) };
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
