// The API as a page to read: Markdown, made of the routes.
import type { Route } from './route.ts';

const INTRODUCTION = `# The API of the console

Generated from the routes; the same as OpenAPI 3.1: [openapi.json](openapi.json), or \`GET /api/v1/openapi.json\` of a console that runs.

- Send \`Authorization: Bearer TOKEN\` with a token of \`console.http.tokens\`; \`read\` may look, \`operate\` may also change. Without tokens the console
  answers on this machine only, and the actor is \`local\`.
- A browser that follows a link here asks for user and password: the token's name and the token (HTTP Basic). That is for looking only; a change always
  takes the token as bearer. Another site's page may link here and nothing else.
- Times are ISO 8601. Bodies are JSON, sent as \`application/json\`.
- A change is a command: \`202\` says that it is safe in Kafka and will be done or refused, \`?wait=MS\` waits for that and answers \`200\` or \`409\`.
  Each is kept in the incident's time line with the token's name as its actor. \`Idempotency-Key\` makes the same request sent twice one command.
- Lists say in \`total\` how many there are. That of incidents goes on with \`nextCursor\`, within 5 minutes; all its pages show one point in time. What cannot be served is \`application/problem+json\` (RFC 9457) with a stable \`code\` and a \`detail\` that says what to do.
- \`GET /api/v1/stream\` sends \`event: action\` with the row as JSON; who reads too slowly is cut off and finds what it missed in the time lines.`;

/** The page. */
export function apiMarkdown(routes: readonly Route[]): string {
  return `${[INTRODUCTION, ...routes.map(sectionOf)].join('\n\n')}\n`;
}

function sectionOf({ method, path, summary, scope, query, body, answers }: Route): string {
  const lines = [
    `## ${method} ${path}`,
    `${summary}. ${scope === 'none' ? 'Takes no token.' : `Scope: \`${scope}\`.`} Answers: ${Object.keys(answers).join(', ')}.`,
  ];
  if (query !== undefined) lines.push(tableOf('Query', query.shape));
  if (body !== undefined) lines.push(tableOf('Body', body.shape));
  return lines.join('\n\n');
}

interface Described {
  readonly description?: string | undefined;
  meta(): Readonly<Record<string, unknown>> | undefined;
  safeParse(value: unknown): { readonly success: boolean };
}

function tableOf(title: string, shape: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(shape).map(([name, value]) => {
    const schema = value as Described;
    const isNeeded = !schema.safeParse(undefined).success;
    return `| \`${name}\`${isNeeded ? ' (needed)' : ''} | ${cell(schema.description ?? WORDS[name] ?? '')} |`;
  });
  return [`| ${title} | |`, '| --- | --- |', ...rows].join('\n');
}

/** What needs no words in the document because its schema says all. */
const WORDS: Readonly<Record<string, string>> = {
  text: 'The note.',
  filter: 'As the query of GET /api/v1/incidents, without order and paging; at least one field.',
  action: 'kind (acknowledge, resolve, reopen, assign, note, snooze) and the fields of its body.',
  id: 'Of a silence that is there, to change it.',
  comment: 'Why, for everybody who asks.',
};

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
