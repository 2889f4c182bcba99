// The filter of incidents: its form in the API and the Elasticsearch query it becomes. Pure.
import { z } from 'zod';
import { Refusal } from '../../../shared/http/refusal.ts';
import { dateTime } from '../fields.ts';
import {
  type FilterContext,
  filterField,
  FILTER_NAMES,
  type FilterName,
  type Json,
  problemInValues,
} from './filter-fields.ts';
import { type Condition, MAX_WORDS_CHARACTERS, readWords } from './filter-words.ts';

/** Values separated by commas, or a name that is given several times. */
function listOf(name: FilterName) {
  const { description } = filterField(name);
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) =>
      [given]
        .flat()
        .flatMap((text) => text.split(','))
        .map((part) => part.trim()),
    )
    .superRefine((values, context) => {
      const problem = problemInValues(name, values);
      if (problem !== undefined) context.addIssue(`takes ${problem}`);
    })
    .optional()
    .meta({ description, type: 'string' });
}

const lists = Object.fromEntries(FILTER_NAMES.map((name) => [name, listOf(name)])) as Readonly<
  Record<FilterName, ReturnType<typeof listOf>>
>;

/** The filter's fields; a missing field matches all. */
export const incidentFilterShape = {
  ...lists,
  since: dateTime('Changed at this time or later.').optional(),
  until: dateTime('Changed before this time.').optional(),
  text: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'Words in message, title, summary or notes; "…" for a phrase, - for without, | for or.' }),
  q: z
    .string()
    .trim()
    .max(MAX_WORDS_CHARACTERS)
    .optional()
    .meta({
      description: `The filter as people type it, beside the others: state:open host:media* port:80,8080 -assignee:kim age:>4h "no answer". A name is one of ${FILTER_NAMES.join(', ')}; - before it means none of the values; a value with blanks or commas stands between quotation marks; what has no name is searched as text.`,
    }),
};

/** The filter alone, as bulk requests have it. */
export const incidentFilter = z.strictObject(incidentFilterShape);

/** A checked filter. */
export type IncidentFilter = z.output<typeof incidentFilter>;

/** A filter as conditions, all of which hold. */
export interface Conditions {
  readonly named: readonly Condition[];
  /** Queries that belong to no name. */
  readonly others: readonly Json[];
}

/** The conditions of a filter. Throws Refusal 400 that names each typed word that is none. */
export function conditionsOf(filter: IncidentFilter): Conditions {
  const { since, until, text, q } = filter;
  const typed = readWords(q ?? '');
  if (typed.kind === 'problems') throw badWords(typed.problems);
  const given = FILTER_NAMES.flatMap((name) => {
    const values = filter[name];
    return values === undefined ? [] : [{ name, values, isNot: false }];
  });
  const changed = { ...(since && { gte: since }), ...(until && { lt: until }) };
  const texts = [text ?? '', typed.filter.text].filter((one) => one !== '');
  return {
    named: [...given, ...typed.filter.conditions],
    others: [
      ...(since === undefined && until === undefined ? [] : [{ range: { 'foghorn.incident.updated': changed } }]),
      ...texts.map(words),
    ],
  };
}

function badWords(problems: readonly { readonly word: string; readonly message: string }[]): Refusal {
  const shown = problems.map(({ word, message }) => `${word.slice(0, 100)}: ${message}`).join('; ');
  const errors = problems.map(({ word, message }) => ({ in: 'query', at: 'q', word, message }));
  return new Refusal(400, 'invalid_filter', `The filter cannot be used. ${shown}`.slice(0, 2000), { more: { errors } });
}

/** The query of conditions. Without any it matches everything. */
export function queryOf({ named, others }: Conditions, context: FilterContext): Json {
  const asked = [...named.map((condition) => conditionQuery(condition, context)), ...others];
  return asked.length === 0 ? { match_all: {} } : { bool: { filter: asked } };
}

/**
 * The query of a filter; all conditions have to be true.
 * https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-bool-query
 */
export function incidentQuery(filter: IncidentFilter, context: FilterContext): Json {
  return queryOf(conditionsOf(filter), context);
}

function conditionQuery({ name, values, isNot }: Condition, context: FilterContext): Json {
  const query = filterField(name).query(values, context);
  return isNot ? { bool: { must_not: [query] } } : query;
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
