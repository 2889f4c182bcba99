// An operation of the API: method, path, scope, what it takes and gives; the check of a request and
// the OpenAPI document come from the same value.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { Scope } from '../config.ts';
import type { ApiEnv } from './application.ts';
import type { RequestHead } from './authenticate.ts';
import { problem } from './shapes.ts';

type Shape = z.ZodObject;
const NOTHING = z.strictObject({});

/** The description of an operation. */
interface OperationShape<Query extends Shape, Body extends Shape> {
  readonly method: 'get' | 'post' | 'delete';
  /** E.g. `/api/v1/incidents/{id}`; `id` is the only variable. */
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly summary: string;
  /** The scope that a token needs; `none`: no token. */
  readonly scope: Scope | 'none';
  readonly query?: Query;
  readonly body?: Body;
  /** Its handler reads the body itself; forms have no schema. */
  readonly hasRawBody?: true;
  /**
   * The schemas of the answers by status; for one that is no JSON, its media type. Problems with
   * the token or a dependency are added to all.
   */
  readonly answers: Readonly<Record<number, z.ZodType | string>>;
}

/** An operation to add to the API; its handler sees the types of its own query and body. */
type Operation<Query extends Shape, Body extends Shape> = {
  readonly method: OperationShape<Query, Body>['method'];
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly request: {
    readonly params: typeof params;
    readonly query: Query;
    readonly headers: typeof headers;
    readonly body: { readonly content: { readonly 'application/json': { readonly schema: Body } } };
  };
  readonly responses: Record<string, { readonly description: string }>;
};

/** Ids are shorter; a longer one is not found. */
const params = z.object({ id: z.string().max(300) });
const headers = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/u)
    .optional()
    .meta({
      pattern: '^[!-~]{1,200}$',
      description: 'The same key from the same person for the same thing is the same command, done once.',
    }),
});

/** Declares an operation. */
export function operation<Query extends Shape = typeof NOTHING, Body extends Shape = typeof NOTHING>(
  shape: OperationShape<Query, Body>,
): Operation<Query, Body> {
  const { method, path, operationId, summary, scope, query, body, hasRawBody, answers } = shape;
  const declared = createRoute({
    method,
    path,
    operationId,
    summary,
    ...(scope === 'none' ? {} : { description: `Takes a token with the scope \`${scope}\`.` }),
    security: scope === 'none' ? [] : [{ token: [] }, { session: [] }, ...(method === 'get' ? [{ browser: [] }] : [])],
    middleware: [
      named(operationId),
      authorized(scope),
      ...(body === undefined && hasRawBody === undefined ? [] : [boundedBody]),
      ...(body === undefined ? [] : [jsonBody]),
    ],
    request: {
      ...(path.includes('{id}') ? { params } : {}),
      query: query ?? NOTHING,
      ...(scope === 'operate' ? { headers } : {}),
      ...(body === undefined ? {} : { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: responsesOf(scope === 'none' ? answers : { ...answers, 401: problem, 403: problem, 503: problem }),
  });
  // A part that the operation lacks is never read by its handler.
  return declared as unknown as Operation<Query, Body>;
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Done.',
  202: 'Taken; it will be done or refused.',
  400: 'The request cannot be used.',
  401: 'No token, or none that is known.',
  403: 'The token may not do that.',
  404: 'There is none.',
  409: 'Refused.',
  410: 'It was there, and is no more.',
  422: 'Too many.',
  429: 'Too many at a time.',
  503: 'Kafka or Elasticsearch cannot be reached; try again.',
};

function responsesOf(answers: OperationShape<Shape, Shape>['answers']) {
  const responses = Object.entries(answers).map(([status, answer]) => {
    const type = Number(status) >= 400 ? 'application/problem+json' : 'application/json';
    const content = typeof answer === 'string' ? { [answer]: { schema: z.string() } } : { [type]: { schema: answer } };
    return [status, { description: DESCRIPTIONS[status] ?? 'See the status.', content }];
  });
  return Object.fromEntries(responses) as Record<string, { readonly description: string }>;
}

function named(operationId: string): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    c.set('operationId', operationId);
    await next();
  };
}

function authorized(scope: Scope | 'none'): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (scope !== 'none') c.set('principal', c.var.guard.authenticate(headOf(c), scope));
    await next();
  };
}

/** The part of a request that says who asks. */
export function headOf({ req, env }: Context<ApiEnv>): RequestHead {
  return { method: req.method, headers: req.header(), address: env.address };
}

/** Refuses a body of more than `console.http.maxBodyBytes`. */
const boundedBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const maxSize = c.var.maxBodyBytes;
  const onError = (): never => {
    throw new Refusal(413, 'too_large', `The body has more than ${maxSize} bytes (console.http.maxBodyBytes).`);
  };
  return await bodyLimit({ maxSize, onError })(c, next);
};

/**
 * A missing body is an empty object, whatever its type; a body that is not JSON is refused with the
 * parser's message.
 */
const jsonBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const isJson = /^application\/json\b/iu.test(c.req.header('content-type') ?? '');
  const text = await c.req.text();
  if (isJson && text === '') c.req.bodyCache = { json: Promise.resolve({}) };
  else if (isJson) refuseNoJson(text);
  await next();
};

function refuseNoJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, 'invalid_json', `The body is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}
