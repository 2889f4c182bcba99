// What a route of the API is: method, path, scope, what it takes and gives; the handler and the OpenAPI document come from the same value.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Scope } from '../config.ts';
import type { Asker } from './authenticate.ts';
import { Problem } from './problem.ts';

/** One request, its parts checked. */
export interface Call<Q, B> {
  readonly asker: Asker;
  /** The path's variables, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  /** The header Idempotency-Key, where there is one. */
  readonly idempotencyKey: string | undefined;
  /** Aborts when the client is gone or the console stops. */
  readonly signal: AbortSignal;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a handler gives: a status and a body for JSON; undefined when it answered by itself. */
export type Answer = { readonly status: number; readonly body: unknown } | undefined;

/** What a route says of itself. */
export interface RouteShape<Q extends z.ZodObject, B extends z.ZodObject> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** E.g. `/api/v1/incidents/{id}`. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly scope: Scope | 'none';
  readonly query?: Q;
  readonly body?: B;
  /** The schemas of the answers by status; for one that is no JSON, its media type. */
  readonly answers: Readonly<Record<number, z.ZodType | string>>;
  handle(call: Call<z.output<Q>, z.output<B>>): Promise<Answer>;
}

/** A route as the server and the document see it. */
export type Route = RouteShape<z.ZodObject, z.ZodObject>;

/** Declares a route; its handler sees the types of its own query and body. */
export function route<Q extends z.ZodObject, B extends z.ZodObject>(shape: RouteShape<Q, B>): Route {
  return shape;
}

/** The route of a request and the path's variables. Throws Problem 404 or 405. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Readonly<Record<string, string>> } {
  const allowed: string[] = [];
  for (const candidate of routes) {
    const params = matchPath(candidate.path, path);
    if (params === undefined) continue;
    if (candidate.method === method) return { route: candidate, params };
    allowed.push(candidate.method);
  }
  if (allowed.length === 0)
    throw new Problem(404, 'not_found', `There is no ${path.slice(0, 200)} here; see /api/v1/openapi.json.`);
  throw new Problem(405, 'method_not_allowed', `${path.slice(0, 200)} takes ${allowed.join(' and ')}.`, {
    headers: { allow: allowed.join(', ') },
  });
}

/** Ids are shorter; what is longer names nothing. */
const MAX_VARIABLE_CHARACTERS = 200;

function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(?<name>\w+)\}$/u.exec(part)?.groups?.['name'];
    if (name === undefined && part !== value) return undefined;
    if (name === undefined) continue;
    const decoded = decodePart(value);
    if (/\p{Cc}/u.test(decoded)) throw new Problem(400, 'bad_path', 'The path holds a control character.');
    if (decoded === '' || decoded.length > MAX_VARIABLE_CHARACTERS) return undefined;
    params[name] = decoded;
  }
  return params;
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem(400, 'bad_path', 'The path holds a percent sign that begins no escape.');
  }
}

/** The query as its schema wants it; a name given several times is one list. Throws Problem 400 that lists every problem. */
export function readQuery(schema: z.ZodObject | undefined, query: URLSearchParams): Record<string, unknown> {
  const input: Record<string, string> = {};
  for (const name of new Set(query.keys())) input[name] = query.getAll(name).join(',');
  return checked(schema ?? z.strictObject({}), input, 'query');
}

/** A JSON body as its schema wants it. Throws Problem 400. */
export function readJsonBody(schema: z.ZodObject, bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new Problem(400, 'invalid_json', `The body is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  return checked(schema, value, 'body');
}

function checked(schema: z.ZodObject, value: unknown, where: 'query' | 'body'): Record<string, unknown> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    in: where,
    at: path.map(String).join('.'),
    message,
  }));
  const told = errors.map(({ at, message }) => (at === '' ? message : `${at}: ${message}`)).join('; ');
  throw new Problem(400, `invalid_${where}`, `The ${where} cannot be used: ${told}`.slice(0, 1000), {
    more: { errors },
  });
}
