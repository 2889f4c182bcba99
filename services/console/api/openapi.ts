// The OpenAPI document, made of the routes: what is written there is what is checked. https://spec.openapis.org/oas/v3.1.1.html
import { z } from 'zod';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

const VERSION = '1';

/** What comes in, so that nothing is said to be closed that may grow; a format says enough without its regular expression. */
const SCHEMA_OPTIONS: Parameters<typeof z.toJSONSchema>[1] = {
  io: 'input',
  unrepresentable: 'any',
  override: ({ jsonSchema }) => {
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  },
};

const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer' },
  browser: { type: 'http', scheme: 'basic', description: 'The name of a token and the token, to look only.' },
} as const;

/** The document of these routes. */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const schemas: Record<string, unknown> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, schemas);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Foghorn',
      version: VERSION,
      description:
        'Incidents and silences: look, change, follow. Changes are commands: answered 202 once they are safe, and 200 with ?wait= when they were done in that time.',
    },
    paths,
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  };
}

function operationOf(route: Route, schemas: Record<string, unknown>): Json {
  const { name, summary, scope, body, answers } = route;
  const answered = Object.entries(scope === 'none' ? answers : { ...answers, ...denials(answers) });
  return {
    operationId: name,
    summary,
    ...(scope === 'none' ? {} : { description: `Takes a token with the scope ${scope}.`, security: securityOf(route) }),
    parameters: [...pathParameters(route), ...queryParameters(route), ...keyParameter(route)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: inputSchema(body) } } } }),
    responses: Object.fromEntries(answered.map(([status, answer]) => [status, answerOf(status, answer, schemas)])),
  };
}

function securityOf({ method }: Route): readonly Json[] {
  return method === 'GET' ? [{ token: [] }, { browser: [] }] : [{ token: [] }];
}

function denials(answers: Route['answers']): Route['answers'] {
  const problem = Object.entries(answers).find(([status]) => Number(status) >= 400)?.[1];
  return problem === undefined ? {} : { 401: problem, 403: problem, 503: problem };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Done.',
  202: 'Taken; it will be done or refused.',
  400: 'The request cannot be used.',
  401: 'No token, or none that is known.',
  403: 'The token may not do that.',
  404: 'There is none.',
  409: 'Refused.',
  422: 'Too many.',
  429: 'Too many at a time.',
  503: 'Kafka or Elasticsearch cannot be reached; try again.',
};

function answerOf(status: string, answer: z.ZodType | string, schemas: Record<string, unknown>): Json {
  const description = DESCRIPTIONS[status] ?? 'See the status.';
  if (typeof answer === 'string') return { description, content: { [answer]: { schema: { type: 'string' } } } };
  const type = Number(status) >= 400 ? 'application/problem+json' : 'application/json';
  return { description, content: { [type]: { schema: outputSchema(answer, schemas) } } };
}

function pathParameters({ path }: Route): readonly Json[] {
  return [...path.matchAll(/\{(?<name>\w+)\}/gu)].map((found) => ({
    name: found.groups?.['name'],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route): readonly Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = inputSchema(query) as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function keyParameter({ scope }: Route): readonly Json[] {
  if (scope !== 'operate') return [];
  const description = 'The same key from the same asker for the same thing is the same command, done once.';
  return [{ name: 'Idempotency-Key', in: 'header', required: false, description, schema: { type: 'string' } }];
}

function inputSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, SCHEMA_OPTIONS);
  return rest;
}

/** Schemas with an id become components; what refers to them points there. */
function outputSchema(schema: z.ZodType, schemas: Record<string, unknown>): Json {
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, SCHEMA_OPTIONS)).replaceAll('#/$defs/', '#/components/schemas/'),
  ) as { readonly $schema?: string; readonly $defs?: Readonly<Record<string, unknown>>; readonly id?: string };
  Object.assign(schemas, $defs);
  if (rest.id === undefined) return rest;
  schemas[rest.id] = rest;
  return { $ref: `#/components/schemas/${rest.id}` };
}
