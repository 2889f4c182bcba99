// The filter of the list: what people type, in the words of the API and of the command line, and
// how the facets change it. Pure.
import { FILTER_NAMES, type FilterName, NOBODY } from '../../read/filter-fields.ts';
import { type Condition, readWords } from '../../read/filter-words.ts';

/** What the inbox shows first. */
export const TO_DO = 'state:open,acknowledged';

/** The conditions of a filter; none while it cannot be read. */
export function conditionsIn(typed: string): readonly Condition[] {
  const read = readWords(typed);
  return read.kind === 'filter' ? read.filter.conditions : [];
}

/** What is wrong with a filter, a sentence for each word; nothing for a good one. */
export function problemsIn(typed: string): readonly string[] {
  const read = readWords(typed);
  return read.kind === 'filter' ? [] : read.problems.map(({ word, message }) => `${word}: ${message}.`);
}

/** The values of a field that are asked for, or with `isNot` those that are left out. */
export function valuesOf(typed: string, name: FilterName, isNot = false): readonly string[] {
  return conditionsIn(typed)
    .filter((condition) => condition.name === name && condition.isNot === isNot)
    .flatMap(({ values }) => values);
}

/** With these values of a field and no others; none: without the field. */
export function withValues(typed: string, name: FilterName, values: readonly string[], isNot = false): string {
  return withCondition(without(typed, name), { name, values, isNot });
}

/** Without a field. */
export function without(typed: string, name: FilterName): string {
  return wordsOf(
    conditionsIn(typed).filter((condition) => condition.name !== name),
    textIn(typed),
  );
}

/** With one value more or, when it is there, without it. */
export function toggled(typed: string, name: FilterName, value: string): string {
  const present = valuesOf(typed, name);
  const values = present.includes(value) ? present.filter((other) => other !== value) : [...present, value];
  return withValues(typed, name, values);
}

/** A filter without one of its conditions, or without its text. */
export interface WayOut {
  /** What is dropped, as it is typed. */
  readonly words: string;
  readonly filter: string;
}

/** One for each field that a filter asks for, and for its text. */
export function waysOut(typed: string): readonly WayOut[] {
  const conditions = conditionsIn(typed);
  const text = textIn(typed);
  const names = [...new Set(conditions.map(({ name }) => name))];
  const ofFields = names.map((name) => ({
    words: wordsOf(
      conditions.filter((condition) => condition.name === name),
      '',
    ),
    filter: without(typed, name),
  }));
  return text === '' ? ofFields : [...ofFields, { words: text, filter: wordsOf(conditions, '') }];
}

/** A condition as it is typed. */
export function conditionText({ name, values, isNot }: Condition): string {
  return `${isNot ? '-' : ''}${name}:${values.map((value) => quoted(valueText(name, value))).join(',')}`;
}

/** The words that are searched for. */
export function textIn(typed: string): string {
  const read = readWords(typed);
  return read.kind === 'filter' ? read.filter.text : '';
}

/** A value for people. */
export function valueText(name: FilterName, value: string): string {
  return name === 'assignee' && value === '' ? NOBODY : value;
}

/** A filter of conditions that are not typed, such as those of an address. */
export function wordsOf(conditions: readonly Condition[], text: string): string {
  return [...conditions.map(conditionText), ...(text === '' ? [] : [text])].join(' ');
}

/** Whether the API has a field of this name. */
export function isFilterName(name: string): name is FilterName {
  return FILTER_NAMES.some((known) => known === name);
}

function withCondition(typed: string, condition: Condition): string {
  if (condition.values.length === 0) return typed;
  return wordsOf([...conditionsIn(typed), condition], textIn(typed));
}

function quoted(value: string): string {
  return /[\s,"\\]/u.test(value) ? `"${value.replaceAll(/["\\]/gu, String.raw`\$&`)}"` : value;
}
