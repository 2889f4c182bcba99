// The API as a page to read: Markdown, made of the routes.
import type { OpenApiDocument } from './openapi.ts';

const INTRODUCTION = `# The API of the console

Generated from the operations; the same as OpenAPI 3.1: [openapi.json](openapi.json), or \`GET /api/v1/openapi.json\` of a console that runs.

- Send \`Authorization: Bearer TOKEN\` with a token of \`console.http.tokens\`; \`read\` may look, \`operate\` may also change. Without tokens the console
  answers on this machine only, and the actor is \`local\`.
- A page of the console logs in by \`POST /api/v1/session\` and from then on by a cookie that no script can read; each change needs the header
  \`X-Foghorn-Page: 1\` too, which no page of another site can send. \`GET /api/v1/session\` says who asks and what they may do.
- A browser that follows a link to the API asks for user and password: the token's name and the token (HTTP Basic). That is for looking only.
  Another site's page may link here and nothing else.
- Times are ISO 8601. Bodies are JSON, sent as \`application/json\`.
- A change is a command: \`202\` says that it is safe in Kafka and will be executed or refused, \`?wait=MS\` waits for that and answers \`200\` or \`409\`.
  Each is kept in the incident's timeline with the token's name as its actor. \`Idempotency-Key\` makes the same request sent twice one command.
- Lists have their number of items in \`total\`. That of incidents goes on with \`nextCursor\`, within 5 minutes; all its pages show one point in time. What cannot be served is \`application/problem+json\` (RFC 9457) with a stable \`code\` and a \`detail\` that says what to do.
- A change of many incidents is answered with a \`bulkId\`; \`GET /api/v1/bulk/{id}\` counts what is done and names what was refused. Behind a load balancer ask the console that took it.
- \`GET /api/v1/stream\` goes on after \`Last-Event-ID\`, as a browser sends it by itself; an entry may come twice, with the same id. \`event: gap\` says that entries are missing and lists have to be read again.
- \`GET /api/v1/stream\` sends \`event: action\` with the activity entry as JSON. A client that reads too slowly is disconnected; what it missed is in the timelines.`;

/** The page. */
export function apiMarkdown({ paths = {} }: OpenApiDocument): string {
  const sections = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      sectionOf(`${method.toUpperCase()} ${path}`, operation as Operation),
    ),
  );
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

interface Described {
  readonly description?: string;
}

/** What the page shows of an operation. */
interface Operation extends Described {
  readonly summary: string;
  readonly parameters?: readonly (Described & {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
  })[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: BodySchema } } };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface BodySchema {
  readonly properties: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
}

function sectionOf(
  title: string,
  { summary, description, parameters = [], requestBody, responses }: Operation,
): string {
  const answers = Object.keys(responses).join(', ');
  const lines = [`## ${title}`, `${summary}. ${description ?? 'Takes no token.'} Answers: ${answers}.`];
  const query = parameters.filter((parameter) => parameter.in === 'query');
  if (query.length > 0) lines.push(tableOf('Query', query));
  const body = requestBody?.content['application/json'].schema;
  if (body !== undefined) lines.push(tableOf('Body', fieldsOf(body)));
  return lines.join('\n\n');
}

interface Field extends Described {
  readonly name: string;
  readonly required: boolean;
}

function fieldsOf({ properties, required = [] }: BodySchema): readonly Field[] {
  return Object.entries(properties).map(([name, field]) => ({ ...field, name, required: required.includes(name) }));
}

function tableOf(title: string, fields: readonly Field[]): string {
  const rows = fields.map(
    ({ name, required, description = '' }) => `| \`${name}\`${required ? ' (needed)' : ''} | ${cell(description)} |`,
  );
  return [`| ${title} | |`, '| --- | --- |', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
