// The filter of `foghorn incidents`: by options, or in the words of the console's filter.
import { momentOf } from './moment.ts';

/** The options of a filter. */
export const FILTERS = [
  'state',
  'severity',
  'host',
  'rule',
  'provider',
  'port',
  'class',
  'assignee',
  'since',
  'until',
  'text',
] as const;

/** A filter as the API takes it; `q` are the words. */
export type Filter = Partial<Readonly<Record<(typeof FILTERS)[number] | 'q', string>>>;

/** What an action works on. */
export type Subject = 'many' | 'one or many' | 'one';

/** Takes the words of a filter from what was given. An id has no colon. */
export function wordsOf(
  subject: Subject,
  given: readonly string[],
): { readonly words: Filter; readonly rest: readonly string[] } {
  if (subject === 'many') return { words: given.length === 0 ? {} : { q: given.join(' ') }, rest: [] };
  const [first = '', ...rest] = given;
  return subject === 'one or many' && first.includes(':') ? { words: { q: first }, rest } : { words: {}, rest: given };
}

/**
 * The filter of the options. `nowMs` is epoch milliseconds. Throws UsageError for what is no time.
 */
export function filterOf(values: Filter, nowMs: number, say: (line: string) => void): Filter {
  const filter = Object.fromEntries(
    FILTERS.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
  const time = (name: 'since' | 'until'): Filter => {
    const text = values[name];
    return text === undefined ? {} : { [name]: momentOf(text, { option: `--${name}`, side: 'ago', nowMs, say }) };
  };
  return { ...filter, ...time('since'), ...time('until') };
}

/** The filter, without resolved incidents unless it asks for a state or for what had one. */
export function unresolved(filter: Filter): Filter {
  const asksState = filter.state !== undefined || /(?:^|\s)-?(?:state|resolved|acknowledged):/iu.test(filter.q ?? '');
  return asksState ? filter : { ...filter, state: 'open,acknowledged' };
}
