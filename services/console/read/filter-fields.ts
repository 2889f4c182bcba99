// What incidents can be filtered by: each field's values and the Elasticsearch query they become,
// the same for the parameters of the API and the words that people type. Pure.
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import { parseDuration } from '../../../shared/runtime/duration.ts';
import { didYouMean } from '../../../shared/runtime/nearest.ts';

/** A query or another part of a search, as Elasticsearch's Query DSL has it. */
export type Json = Readonly<Record<string, unknown>>;

/** What a query needs besides the filter. */
export interface FilterContext {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Who `assignee:me` is. */
  readonly actor: string;
  /** The incidents that a silence covers now; looked up where `is:silenced` is asked. */
  readonly silencedIds?: readonly string[];
  /** The incidents of each group; looked up where `group:` is asked. */
  readonly idsOfGroup?: ReadonlyMap<string, readonly string[]>;
}

/** A field. */
interface FilterField {
  /** For the documentation. */
  readonly description: string;
  /** What is wrong with a value; undefined for a good one. */
  problemIn(value: string): string | undefined;
  /** The most values; 50 where it does not say. */
  readonly maxValues?: number;
  /** The query that is true where one of the values is. */
  query(values: readonly string[], context: FilterContext): Json;
}

/** The states of an incident. */
export const STATES = ['open', 'acknowledged', 'resolved'] as const;

const FLAGS = {
  snoozed: (context: FilterContext) => ({
    range: { 'foghorn.incident.snoozed_until': { gt: new Date(context.nowMs).toISOString() } },
  }),
  silenced: ({ silencedIds = [] }: FilterContext) => ({ terms: { 'foghorn.incident.id': silencedIds } }),
  stale: () => present('foghorn.incident.stale_since'),
  escalated: () => present('foghorn.incident.escalation_step'),
  flapping: () => present('foghorn.incident.flapping.since'),
  recovering: () => present('foghorn.incident.recovering.since'),
  reopened: () => ({ range: { 'foghorn.incident.episode': { gt: 1 } } }),
  noted: () => present('foghorn.incident.notes.at'),
  evidenced: () => ({ term: { 'foghorn.incident.likely_holder_by': 'evidence' } }),
} as const;

/** Ages that do not overlap. */
export const AGES = ['<1h', '1h..4h', '4h..1d', '>=1d'] as const;

/** What an incident can be beside its state. */
export type Flag = keyof typeof FLAGS;

/** See `Flag`. */
export const FLAG_NAMES = Object.keys(FLAGS) as readonly Flag[];

/** What is wrong with values of a field, for people; undefined for good ones. */
export function problemInValues(name: FilterName, values: readonly string[]): string | undefined {
  const { maxValues = MAX_VALUES, problemIn } = filterField(name);
  if (values.length > maxValues) return `at most ${maxValues} values`;
  return values.map(problemIn).find((problem) => problem !== undefined);
}

/** The values that mean nobody and oneself. */
export const NOBODY = 'nobody';
const ME = 'me';

const MAX_TEXT = 300;
/** The most values of a field. */
const MAX_VALUES = 50;
const MAX_IDS = 10_000;
const MAX_PORT = 65_535;
const MAX_AGE_MS = 100 * 365 * 86_400_000;
const COMPARISON = /^(?<operator>>=|<=|>|<)?(?<value>.+)$/u;
const OPERATORS: Readonly<Record<string, string>> = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' };

/** The fields by their names. */
export const FILTER_FIELDS = {
  state: choice(STATES, 'foghorn.incident.state'),
  severity: choice(SEVERITIES, 'foghorn.incident.severity'),
  host: pattern('host.name', 'Hosts'),
  rule: pattern('rule.id', 'Ids of catalogue entries'),
  class: pattern('foghorn.remediation.class', 'Classes of faults, e.g. address-in-use'),
  provider: pattern('event.provider', 'Event providers'),
  eventId: pattern('event.code', 'Event ids, e.g. 309'),
  port: {
    description: 'Ports, where the entry knows one; an empty value means none.',
    problemIn: (value) => (/^\d{0,5}$/u.test(value) && Number(value) <= MAX_PORT ? undefined : 'a port number'),
    query: (values) => {
      const ports = values.filter((value) => value !== '').map(Number);
      if (ports.length === values.length) return { terms: { 'server.port': ports } };
      return anyOf(['', ...ports.map(String)], (value) =>
        value === '' ? missing('server.port') : { term: { 'server.port': Number(value) } },
      );
    },
  },
  holder: {
    ...pattern('foghorn.incident.likely_holder', 'Who probably has the port, as the incident says it; empty for none'),
    problemIn: (value) => (value === '' ? undefined : problemInText(value)),
  },
  assignee: {
    description: `Who takes care; ${NOBODY} or an empty value means nobody, ${ME} who asks.`,
    problemIn: (value) => (value.length <= MAX_TEXT ? undefined : `at most ${MAX_TEXT} characters`),
    query: (values, { actor }) => {
      const field = 'foghorn.incident.assignee';
      return anyOf(values, (value) =>
        value === '' || value === NOBODY ? missing(field) : { term: { [field]: value === ME ? actor : value } },
      );
    },
  },
  is: {
    description: `What it is beside its state: one or more of ${FLAG_NAMES.join(', ')}.`,
    problemIn: (value) => problemInChoice(value, FLAG_NAMES),
    query: (values, context) => anyOf(values, (value) => FLAGS[value as Flag](context)),
  },
  id: {
    description: 'Ids of incidents.',
    problemIn: problemInText,
    maxValues: MAX_IDS,
    query: (values) => ({ terms: { 'foghorn.incident.id': values } }),
  },
  group: {
    description: 'Ids of groups, as digests have them: the incidents that the group notified of.',
    problemIn: (value) => (/^[\w-]{1,200}$/u.test(value) ? undefined : 'the id of a group'),
    query: (values, { idsOfGroup }) => ({
      terms: { 'foghorn.incident.id': values.flatMap((value) => idsOfGroup?.get(value) ?? []) },
    }),
  },
  age: {
    description: 'How long ago it opened, e.g. >4h, <=30m or 1h..4h.',
    problemIn: (value) => (agesIn(value) === undefined ? 'such as >4h, <=30m or 1h..4h' : undefined),
    query: (values, { nowMs }) =>
      anyOf(values, (value) => {
        const bounds = agesIn(value)?.map(([operator, ageMs]) => [operator, isoTime(nowMs - ageMs)]) ?? [];
        return { range: { 'foghorn.incident.opened': Object.fromEntries(bounds) } };
      }),
  },
  opened: moment('foghorn.incident.opened', 'When this episode began'),
  acknowledged: moment('foghorn.incident.acknowledged', 'When somebody acknowledged it'),
  resolved: moment('foghorn.incident.resolved', 'When it was resolved'),
  updated: moment('foghorn.incident.updated', 'When it last changed'),
  lastEvent: moment('foghorn.incident.last_seen_corrected', 'When its last event was'),
  episodes: amount('foghorn.incident.episode', 'How often it began'),
  events: amount('foghorn.incident.total_count', 'How many events it has'),
} as const satisfies Readonly<Record<string, FilterField>>;

/** The name of a field. */
export type FilterName = keyof typeof FILTER_FIELDS;

/** See `FilterName`. */
export const FILTER_NAMES = Object.keys(FILTER_FIELDS) as readonly FilterName[];

/** The field of a name. */
export function filterField(name: FilterName): FilterField {
  return FILTER_FIELDS[name];
}

function choice(values: readonly string[], field: string): FilterField {
  return {
    description: `One or more of ${values.join(', ')}.`,
    problemIn: (value) => problemInChoice(value, values),
    query: (values) => ({ terms: { [field]: values } }),
  };
}

function problemInChoice(value: string, values: readonly string[]): string | undefined {
  return values.includes(value) ? undefined : `one of ${values.join(', ')}.${didYouMean(value, values)}`;
}

function pattern(field: string, what: string): FilterField {
  return {
    description: `${what}; upper and lower case are the same, and * stands for anything.`,
    problemIn: problemInText,
    query: (values) => anyOf(values, (value) => (value === '' ? missing(field) : patternQuery(field, value))),
  };
}

/** Whether a field has a value; upper and lower case are the same, and * stands for anything. */
export function patternQuery(field: string, value: string): Json {
  return value.includes('*')
    ? { wildcard: { [field]: { value: value.replaceAll(/[\\?]/gu, String.raw`\$&`), case_insensitive: true } } }
    : { term: { [field]: { value, case_insensitive: true } } };
}

/** Whether one of the conditions for some values holds. */
export function anyOf(values: readonly string[], queryOf: (value: string) => Json): Json {
  const queries = values.map(queryOf);
  return queries.length === 1 ? (queries[0] ?? {}) : { bool: { should: queries, minimum_should_match: 1 } };
}

function problemInText(value: string): string | undefined {
  return value !== '' && value.length <= MAX_TEXT ? undefined : `1 to ${MAX_TEXT} characters`;
}

function amount(field: string, what: string): FilterField {
  return {
    description: `${what}, e.g. >2 or 1.`,
    problemIn: (value) => (/^(?:[<>]=?)?\d{1,9}$/u.test(value) ? undefined : 'a number such as 3, >2 or <=5'),
    query: (values) =>
      anyOf(values, (value) => {
        const { operator, value: number = '' } = COMPARISON.exec(value)?.groups ?? {};
        if (operator === undefined) return { term: { [field]: Number(number) } };
        return { range: { [field]: { [OPERATORS[operator] ?? 'gte']: Number(number) } } };
      }),
  };
}

const ISO_WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/u;

function moment(field: string, what: string): FilterField {
  return {
    description: `${what}, e.g. >=2026-03-01T22:00Z or <2026-03-02T00:00+01:00.`,
    problemIn: (value) => {
      const { operator, value: time = '' } = COMPARISON.exec(value)?.groups ?? {};
      const isTime = ISO_WITH_ZONE.test(time) && !Number.isNaN(Date.parse(time));
      return operator !== undefined && isTime ? undefined : 'such as >=2026-03-01T22:00Z, with the zone';
    },
    query: (values) =>
      anyOf(values, (value) => {
        const { operator = '', value: time = '' } = COMPARISON.exec(value)?.groups ?? {};
        return { range: { [field]: { [OPERATORS[operator] ?? 'gte']: isoTime(Date.parse(time)) } } };
      }),
  };
}

/** Older is earlier. */
const OF_AGE: Readonly<Record<string, string>> = { '>': 'lt', '>=': 'lte', '<': 'gt', '<=': 'gte' };

/** The bounds of the time of opening, as ages in milliseconds; undefined for what is none. */
function agesIn(value: string): readonly (readonly [string, number])[] | undefined {
  const { from, to } = /^(?<from>\w+)\.\.(?<to>\w+)$/u.exec(value)?.groups ?? {};
  const { operator = '', value: age = '' } = COMPARISON.exec(value)?.groups ?? {};
  const given =
    from === undefined
      ? [[operator, age]]
      : [
          ['>=', from],
          ['<', to ?? ''],
        ];
  const bounds = given.map(([sign = '', text = '']) => [OF_AGE[sign] ?? '', parseDuration(text) ?? -1] as const);
  return bounds.every(([sign, ageMs]) => sign !== '' && ageMs >= 0 && ageMs <= MAX_AGE_MS) ? bounds : undefined;
}

function missing(field: string): Json {
  return { bool: { must_not: [present(field)] } };
}

function present(field: string): Json {
  return { exists: { field } };
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
