// The console's HTTP server: finds the route, checks who asks and what they send, answers JSON or a problem.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { listen } from '../../../shared/runtime/admin-server.ts';
import { ConfigError, errorText, Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { isLoopback } from '../../../shared/runtime/web-pages.ts';
import type { ConsoleHttpConfig } from '../config.ts';
import type { ConsoleMetrics } from '../metrics.ts';
import { type Asker, type Authenticate, createAuthenticate } from './authenticate.ts';
import { Problem, problemBody, type ProblemHeaders } from './problem.ts';
import { createFailedLogins, type FailedLogin } from './failed-logins.ts';
import { findRoute, readJsonBody, readQuery, type Route } from './route.ts';
import { targetOf } from './target.ts';

/** What the server works with beside its settings. */
export interface ConsoleServerOptions {
  readonly routes: readonly Route[];
  readonly metrics: ConsoleMetrics;
  readonly log: Logger;
}

/** A server that listens. */
export interface ConsoleServer {
  readonly port: number;
  isListening(): boolean;
  /** Takes no new connection, ends the live streams, waits for the other answers until `deadline`. */
  stop(deadline: AbortSignal): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const UNAVAILABLE_RETRY_S = 5;
const NOBODY: Asker = { actor: '', scopes: new Set() };

interface Context extends ConsoleServerOptions {
  readonly settings: ConsoleHttpConfig;
  readonly authenticate: Authenticate;
  readonly failedLogin: FailedLogin;
  readonly stopping: AbortSignal;
}

/** Listens. Throws ConfigError when it may not or cannot. */
export async function startConsoleServer(
  settings: ConsoleHttpConfig,
  options: ConsoleServerOptions,
): Promise<ConsoleServer> {
  refuseOpenDoor(settings);
  const server = createListener(settings);
  const stopping = new AbortController();
  const authenticate = createAuthenticate(settings);
  const failedLogin = createFailedLogins({ ...options, now: Date.now });
  const context: Context = { ...options, settings, authenticate, failedLogin, stopping: stopping.signal };
  server.maxConnections = settings.maxConnections;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS / 2;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void serve(context, request, response));
  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  options.log.info({ address: server.address(), tls: settings.tlsCert !== '' }, 'listening');
  return {
    port,
    isListening: () => server.listening,
    stop: async (deadline) => {
      stopping.abort();
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = (): void => server.closeAllConnections();
      deadline.addEventListener('abort', cut, { once: true });
      await closed;
      deadline.removeEventListener('abort', cut);
    },
  };
}

function createListener({ tlsCert, tlsKey }: ConsoleHttpConfig): Server {
  if (tlsCert === '') return createServer();
  try {
    return createTlsServer({ cert: readFileSync(tlsCert), key: readFileSync(tlsKey) });
  } catch (error) {
    throw new ConfigError(`console.http.tlsCert and tlsKey cannot be used: ${errorText(error)}`);
  }
}

function refuseOpenDoor({ host, tokens, tlsCert, allowInsecure }: ConsoleHttpConfig): void {
  if (isLoopback(host) || allowInsecure) return;
  const lacks = [Object.keys(tokens).length === 0 ? 'tokens' : '', tlsCert === '' ? 'tlsCert' : ''].filter(Boolean);
  if (lacks.length > 0)
    throw new ConfigError(
      `console.http.host = ${host} is reachable from outside, but console.http.${lacks.join(' and console.http.')} is not set. Set it, or console.http.allowInsecure = true if others guard the door.`,
    );
}

async function serve(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { metrics, routes, log, stopping } = context;
  const gone = new AbortController();
  const end = (): void => gone.abort();
  stopping.addEventListener('abort', end, { once: true });
  response.once('close', () => {
    stopping.removeEventListener('abort', end);
    end();
  });
  // A socket that breaks while it is written to is gone, and no fault of ours.
  response.on('error', end);
  let name = 'none';
  const startedAt = process.hrtime.bigint();
  try {
    const target = targetOf(request.url ?? '/');
    const { route, params } = findRoute(routes, request.method ?? '', target.path);
    name = route.name;
    const asker = route.scope === 'none' ? NOBODY : context.authenticate(request, route.scope);
    const query = readQuery(route.query, target.query);
    const body = route.body === undefined ? {} : await readBody(route, request, context.settings.maxBodyBytes);
    const idempotencyKey = idempotencyKeyOf(request);
    const answer = await route.handle({
      asker,
      params,
      query,
      body,
      idempotencyKey,
      signal: gone.signal,
      request,
      response,
    });
    if (answer === undefined) return;
    write(response, answer.status, { type: 'application/json', body: answer.body });
  } catch (error) {
    if (response.headersSent || response.destroyed) return void response.destroy();
    const problem = problemOf(error, log);
    if (problem.status === 401) {
      const address = request.socket.remoteAddress ?? '';
      await context.failedLogin({ address, route: name, reason: reasonOf(problem, request) }, gone.signal);
    }
    const headers = request.complete ? problem.headers : { ...problem.headers, connection: 'close' };
    write(response, problem.status, { type: 'application/problem+json', body: problemBody(problem), headers });
  }
  metrics.consoleRequests.inc({ route: name, status: response.statusCode });
  metrics.consoleRequestSeconds.observe({ route: name }, Number(process.hrtime.bigint() - startedAt) / 1e9);
}

/** A browser's first request shows nothing yet, which is no attempt to guess. */
function reasonOf({ code }: Problem, { headers }: IncomingMessage): string {
  if (code !== 'unauthorized') return code;
  return headers.authorization === undefined ? 'no_token' : 'wrong_token';
}

function problemOf(error: unknown, log: Logger): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable)
    return new Problem(
      503,
      'unavailable',
      `${error.message}. Ask again later; what was not confirmed may be sent again.`,
      {
        headers: { 'retry-after': String(UNAVAILABLE_RETRY_S) },
      },
    );
  log.error({ err: error }, 'a bug in serving a request');
  return new Problem(500, 'internal', 'A bug: what was asked may not have been done.');
}

function write(
  response: ServerResponse,
  status: number,
  what: { readonly type: string; readonly body: unknown; readonly headers?: ProblemHeaders },
): void {
  const text = `${JSON.stringify(what.body)}\n`;
  response.writeHead(status, {
    ...what.headers,
    'content-type': `${what.type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

async function readBody(route: Route, request: IncomingMessage, maxBytes: number): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request, maxBytes);
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  // A form of another site can be sent without being asked for leave, JSON cannot.
  if (bytes.length > 0 && type !== 'application/json')
    throw new Problem(415, 'unsupported_media_type', 'Send the body as application/json.');
  return route.body === undefined ? {} : readJsonBody(route.body, bytes);
}

/** A body of at most `maxBytes`. Throws Problem 413. */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes)
      throw new Problem(413, 'too_large', `The body has more than ${maxBytes} bytes (console.http.maxBodyBytes).`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function idempotencyKeyOf({ headers }: IncomingMessage): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^[\x21-\x7e]{1,200}$/u.test(given)) return given;
  throw new Problem(400, 'bad_idempotency_key', 'Idempotency-Key is 1 to 200 printable characters without spaces.');
}
