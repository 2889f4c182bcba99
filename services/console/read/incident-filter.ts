// The filter of incidents: its form in the API and the Elasticsearch query it becomes. Pure.
import { z } from 'zod';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { dateTime } from '../fields.ts';

const STATES = ['open', 'acknowledged', 'resolved'] as const;
const MAX_LIST = 50;

/** Values separated by commas, or a name that is given several times. */
function listOf<T extends z.ZodType<string, string>>(item: T, description: string) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) =>
      [given]
        .flat()
        .flatMap((text) => text.split(','))
        .map((part) => part.trim()),
    )
    .pipe(z.array(item).min(1).max(MAX_LIST))
    .optional()
    .meta({ description, type: 'string' });
}

const word = z.string().min(1).max(300);

/** The filter's fields; a missing field matches all. */
export const incidentFilterShape = {
  state: listOf(z.enum(STATES), `One or more of ${STATES.join(', ')}, separated by commas.`),
  severity: listOf(z.enum(SEVERITIES), `One or more of ${SEVERITIES.join(', ')}.`),
  host: listOf(word, 'Hosts; upper and lower case are the same, and * stands for anything.'),
  rule: listOf(word, 'Ids of catalogue entries; * stands for anything.'),
  provider: listOf(word, 'Event providers; * stands for anything.'),
  port: listOf(z.string().regex(/^\d{1,5}$/u, 'a port number'), 'Ports, where the entry knows one.'),
  class: listOf(word, 'Classes of faults, e.g. address-in-use.'),
  assignee: listOf(z.string().max(200), 'Who takes care; an empty value means nobody.'),
  since: dateTime('Changed at this time or later.').optional(),
  until: dateTime('Changed before this time.').optional(),
  text: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'Words in message, title, summary or notes; "…" for a phrase, - for without, | for or.' }),
};

/** The filter alone, as bulk requests have it. */
export const incidentFilter = z.strictObject(incidentFilterShape);

/** A checked filter. */
export type IncidentFilter = z.output<typeof incidentFilter>;

/** A query or another part of a search, as Elasticsearch's Query DSL has it. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The query; all conditions have to be true.
 * https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-bool-query
 */
export function incidentQuery(filter: IncidentFilter): Json {
  const { state, severity, host, rule, provider, port, assignee, since, until, text } = filter;
  const clauses = [
    exact('foghorn.incident.state', state),
    exact('foghorn.incident.severity', severity),
    patterns('host.name', host),
    patterns('rule.id', rule),
    patterns('event.provider', provider),
    exact('server.port', port?.map(Number)),
    patterns('foghorn.remediation.class', filter.class),
    assigned(assignee),
    since === undefined && until === undefined
      ? undefined
      : { range: { 'foghorn.incident.updated': { ...(since && { gte: since }), ...(until && { lt: until }) } } },
    text === undefined ? undefined : words(text),
  ];
  const asked = clauses.filter((clause) => clause !== undefined);
  return asked.length === 0 ? { match_all: {} } : { bool: { filter: asked } };
}

function exact(field: string, values: readonly (string | number)[] | undefined): Json | undefined {
  return values === undefined ? undefined : { terms: { [field]: values } };
}

function patterns(field: string, values: readonly string[] | undefined): Json | undefined {
  if (values === undefined) return undefined;
  return anyOf(
    values.map((value) =>
      value.includes('*')
        ? { wildcard: { [field]: { value: value.replaceAll(/[\\?]/gu, String.raw`\$&`), case_insensitive: true } } }
        : { term: { [field]: { value, case_insensitive: true } } },
    ),
  );
}

function assigned(assignees: readonly string[] | undefined): Json | undefined {
  if (assignees === undefined) return undefined;
  const field = 'foghorn.incident.assignee';
  return anyOf(
    assignees.map((assignee) =>
      assignee === '' ? { bool: { must_not: [{ exists: { field } }] } } : { term: { [field]: assignee } },
    ),
  );
}

function anyOf(queries: readonly Json[]): Json {
  return queries.length === 1 ? (queries[0] ?? {}) : { bool: { should: queries, minimum_should_match: 1 } };
}

function words(text: string): Json {
  return {
    simple_query_string: {
      query: text,
      fields: [
        'message',
        'foghorn.remediation.title.text',
        'foghorn.remediation.summary',
        'foghorn.incident.notes.text',
      ],
      default_operator: 'and',
      flags: 'AND|OR|NOT|PHRASE|WHITESPACE',
      lenient: true,
    },
  };
}
