// The filter as people type it, in the browser, on the command line and in the API:
// `state:open host:media* -assignee:kim age:>4h "no answer"`. Pure.
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { FILTER_NAMES, type FilterName, problemInValues } from './filter-fields.ts';

/** One condition: one of the values holds, or with `isNot` none of them. */
export interface Condition {
  readonly name: FilterName;
  readonly values: readonly string[];
  readonly isNot: boolean;
}

/** A filter: all conditions hold, and the words of `text` are found. */
export interface ParsedWords {
  readonly conditions: readonly Condition[];
  /** In the syntax of Elasticsearch's `simple_query_string`; empty for none. */
  readonly text: string;
}

/** A word that is none, and why. */
export interface WordProblem {
  readonly word: string;
  readonly message: string;
}

/** What was typed: a filter, or every word that is none. */
export type ReadWords =
  | { readonly kind: 'filter'; readonly filter: ParsedWords }
  | { readonly kind: 'problems'; readonly problems: readonly WordProblem[] };

/** The longest text that is read. */
export const MAX_WORDS_CHARACTERS = 4000;

/** Quotation marks keep blanks and commas together; a backslash before one of them keeps it. */
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const WORD = new RegExp(String.raw`(?:[^\s"]|${QUOTED})+|"`, 'gu');
const NAMED = /^(?<minus>-?)(?<name>[A-Za-z]+):(?<values>.*)$/su;
const VALUE = new RegExp(String.raw`(?<=^|,)(?:[^",]|${QUOTED})*`, 'gu');

/** Reads what was typed. A name is a word of the filter in any case; what has none is text. */
export function readWords(typed: string): ReadWords {
  const conditions: Condition[] = [];
  const text: string[] = [];
  const problems: WordProblem[] = [];
  for (const [word] of typed.matchAll(WORD)) {
    const read = readWord(word);
    if (typeof read === 'string') text.push(read);
    else if ('message' in read) problems.push(read);
    else conditions.push(read);
  }
  return problems.length > 0
    ? { kind: 'problems', problems }
    : { kind: 'filter', filter: { conditions, text: text.join(' ') } };
}

function readWord(word: string): Condition | WordProblem | string {
  if (word === '"') return { word, message: 'the quotation mark has no second one' };
  const { minus = '', name: typed, values: given = '' } = NAMED.exec(word)?.groups ?? {};
  if (typed === undefined) return word;
  const name = FILTER_NAMES.find((known) => known.toLowerCase() === typed.toLowerCase());
  if (name === undefined)
    return {
      word,
      message: `there is no ${typed}: to filter by.${didYouMean(typed, FILTER_NAMES)} To search for it as text, put it between quotation marks`,
    };
  const values = valuesIn(given);
  const wrong = problemInValues(name, values);
  if (wrong !== undefined) return { word, message: `${name}: takes ${wrong}` };
  return { name, values, isNot: minus === '-' };
}

function valuesIn(given: string): readonly string[] {
  return [...given.matchAll(VALUE)].map(([value]) => unquoted(value));
}

function unquoted(value: string): string {
  return value.replaceAll(new RegExp(QUOTED, 'gu'), (quoted) => quoted.slice(1, -1).replaceAll(/\\(.)/gu, '$1'));
}
