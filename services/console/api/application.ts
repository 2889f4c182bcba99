// The console's API: the handling that all operations share, and errors as problem details (RFC
// 9457).
import { STATUS_CODES } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { createFailedLogins, type FailedLogin } from '../../../shared/http/failed-logins.ts';
import { Refusal, type RefusalForm } from '../../../shared/http/refusal.ts';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { ConsoleHttpConfig } from '../config.ts';
import type { ConsoleMetrics } from '../metrics.ts';
import { createGuard, type Guard, type Principal } from './authenticate.ts';
import { sessionValueIn } from './session-cookie.ts';

/** The variables of the context besides the request. */
export interface ApiEnv {
  /**
   * The server's objects of a request; without a socket (in tests) there is neither `incoming` nor
   * `outgoing`.
   */
  readonly Bindings: Partial<HttpBindings> & {
    readonly address: string;
    /** Aborts when the client is gone or the console stops. */
    readonly signal: AbortSignal;
  };
  readonly Variables: {
    /** The operation's id, once it is known. */
    operationId: string | undefined;
    guard: Guard;
    maxBodyBytes: number;
    /** The principal; missing for operations without a scope. */
    principal: Principal;
  };
}

/** The application that operations are added to. */
export type Api = OpenAPIHono<ApiEnv>;

/** What the API works with. */
export interface ApiParts {
  readonly settings: ConsoleHttpConfig;
  readonly metrics: ConsoleMetrics;
  readonly log: Logger;
}

const UNAVAILABLE_RETRY_S = 5;

/** An API without operations. */
export function createApi({ settings, metrics, log }: ApiParts): Api {
  const failedLogin = createFailedLogins({
    log,
    now: Date.now,
    count: (reason) => metrics.consoleLoginsFailed.inc({ reason }),
  });
  const guard = createGuard(settings);
  const api: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.target, result.error.issues);
    },
  });
  api.use(measured(metrics));
  api.use(
    methodNotAllowed({ app: api, onMethodNotAllowed: (c, methods) => problemAnswer(c, wrongMethod(c, methods)) }),
  );
  api.use(async (c, next) => {
    refuseBadPath(c.req.url);
    c.set('guard', guard);
    c.set('maxBodyBytes', settings.maxBodyBytes);
    await next();
  });
  api.notFound((c) => problemAnswer(c, unknownPath(c.req.path)));
  api.onError(async (error, c) => {
    const refusal = refusalOf(error, log);
    if (refusal.status === 401) await brake(c, refusal, failedLogin);
    return problemAnswer(c, refusal);
  });
  return api;
}

/** Problem details: https://www.rfc-editor.org/rfc/rfc9457#section-3. */
export const PROBLEM_FORM: RefusalForm = {
  type: 'application/problem+json; charset=utf-8',
  body: ({ status, code, message, more }) => ({
    ...more,
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: message,
  }),
};

/** An answer that says what was wrong. */
export function problemAnswer(
  { env }: { readonly env: Pick<ApiEnv['Bindings'], 'outgoing'> },
  refusal: Refusal,
): Response {
  const headers = new Headers({ 'content-type': PROBLEM_FORM.type, ...STANDARD_HEADERS });
  for (const [name, value] of Object.entries(refusal.headers)) {
    // Headers would join a list into one line.
    if (typeof value !== 'string' && env.outgoing !== undefined) env.outgoing.setHeader(name, value);
    else headers.set(name, [value].flat().join(', '));
  }
  return new Response(`${JSON.stringify(PROBLEM_FORM.body(refusal))}\n`, { status: refusal.status, headers });
}

const STANDARD_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/**
 * Counts and times answers other than live streams, and sets the standard headers where an answer
 * has none of its own.
 */
function measured({ consoleRequests, consoleRequestSeconds }: ConsoleMetrics): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const startedAt = process.hrtime.bigint();
    await next();
    for (const [name, value] of Object.entries(STANDARD_HEADERS))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    if (c.res.headers.get('content-type')?.startsWith('text/event-stream') === true) return;
    const route = c.var.operationId ?? 'none';
    consoleRequests.inc({ route, status: c.res.status });
    consoleRequestSeconds.observe({ route }, Number(process.hrtime.bigint() - startedAt) / 1e9);
  };
}

function refuseBadPath(url: string): void {
  let path: string;
  try {
    path = decodeURIComponent(new URL(url).pathname);
  } catch {
    throw new Refusal(400, 'bad_path', 'The path holds a percent sign that begins no escape.');
  }
  if (/\p{Cc}/u.test(path)) throw new Refusal(400, 'bad_path', 'The path holds a control character.');
}

/** The refusal of a path that nothing is at. */
export function unknownPath(path: string): Refusal {
  return new Refusal(404, 'not_found', `There is no ${path.slice(0, 200)} here; see /api/v1/openapi.json.`);
}

function wrongMethod({ req }: Context, methods: readonly string[]): Refusal {
  return new Refusal(405, 'method_not_allowed', `${req.path.slice(0, 200)} takes ${methods.join(' and ')}.`, {
    headers: { allow: methods.join(', ') },
  });
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The problems of a part of the request by its schema. Ids that are too long are not found. */
function invalid(target: string, issues: readonly Issue[]): Refusal {
  if (target === 'param') return unknownPath('such a thing');
  if (target === 'header')
    return new Refusal(400, 'bad_idempotency_key', 'Idempotency-Key is 1 to 200 printable characters without spaces.');
  const where = target === 'json' ? 'body' : target;
  const errors = issues.map(({ path, message }) => ({ in: where, at: path.map(String).join('.'), message }));
  const listed = errors.map(({ at, message }) => (at === '' ? message : `${at}: ${message}`)).join('; ');
  return new Refusal(400, `invalid_${where}`, `The ${where} cannot be used: ${listed}`.slice(0, 1000), {
    more: { errors },
  });
}

function refusalOf(error: Error, log: Logger): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HTTPException && error.status === 415)
    return new Refusal(415, 'unsupported_media_type', 'Send the body as application/json.');
  if (error instanceof Unavailable)
    return new Refusal(
      503,
      'unavailable',
      `${error.message}. Ask again later; what was not confirmed may be sent again.`,
      { headers: { 'retry-after': String(UNAVAILABLE_RETRY_S) } },
    );
  log.error({ err: error }, 'a bug in serving a request');
  return new Refusal(500, 'internal', 'A bug: what was asked may not have been done.');
}

/** A browser's first request has no credentials yet, which is no attempt to guess them. */
async function brake(c: Context<ApiEnv>, { code }: Refusal, failedLogin: FailedLogin): Promise<void> {
  const { authorization, cookie } = c.req.header();
  const withoutToken = sessionValueIn(cookie) === undefined ? 'no_token' : 'wrong_session';
  const attempt = authorization === undefined ? withoutToken : 'wrong_token';
  const reason = code === 'unauthorized' ? attempt : code;
  await failedLogin({ address: c.env.address, route: c.var.operationId ?? 'none', reason }, c.env.signal);
}
