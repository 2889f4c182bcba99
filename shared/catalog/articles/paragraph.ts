// What a line of a section is: a text, a heading, an item of a list, or a note. Pure.
import { isHeadingLike } from './labels.ts';
import type { Line, Link } from './lines.ts';

/**
 * A paragraph, a heading within the section, or one item of a list, which has a number or a mark.
 */
export interface Paragraph {
  readonly kind: 'text' | 'heading' | 'bullet' | 'numbered' | 'note';
  readonly text: string;
  readonly links?: readonly Link[];
}

const ITEM = /^(?:(?<number>\d{1,2}[.)])|[-*•·–])\s+(?<text>\S[\s\S]*)$/u;
const NOTE = /^(?<kind>Notes?|Tips?|Caution|Important|Warning)(?:\s*:\s*|\s{2,}|$)(?<text>[\s\S]*)$/iu;
const PRIVILEGE =
  /^To (?:perform|complete) (?:this|these) (?:procedure|procedures|task|tasks|steps), you must (?:either )?(?:have |be )?(?<who>.{3,280}?)\.?$/iu;

/** The paragraph of a line below `before`. A note without a text has it in the next line. */
export function paragraphOf(line: Line, next: Line | undefined, before: readonly Paragraph[]): Paragraph {
  const text = line.text.replace(/\s*\|$/u, '');
  const found = itemOf(text) ??
    noteOf(text, line.level) ?? { kind: isHeading(line, next, before) ? 'heading' : 'text', text };
  return line.links === undefined ? found : { ...found, links: line.links };
}

/** Whether a text is nothing but a word that opens a note. */
export function namesNote(text: string): boolean {
  return NOTE.exec(text)?.groups?.['text'] === '';
}

/**
 * What a person has to be, or to be a member of, for the steps that follow, where a text has only
 * that.
 */
export function privilegeIn(text: string): string | undefined {
  return PRIVILEGE.exec(text)?.groups?.['who'];
}

/** Whether a line only names one of two ways: `Either:`, `Or:`. */
export function isChoice(text: string): boolean {
  return /^(?:either|or):?$/iu.test(text);
}

/** A text for comparison with another that may have lost its full stop or its capitals. */
export function sameWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function itemOf(text: string): Paragraph | undefined {
  const item = ITEM.exec(text)?.groups;
  if (item === undefined) return undefined;
  return { kind: item['number'] === undefined ? 'bullet' : 'numbered', text: item['text'] ?? '' };
}

function noteOf(text: string, level: number): Paragraph | undefined {
  const note = NOTE.exec(text)?.groups;
  const said = note?.['text'] ?? '';
  if (note === undefined || (level > 0 && said !== '')) return undefined;
  // What warns keeps the word that says so.
  return { kind: 'note', text: said === '' || /^(?:note|tip)/iu.test(text) ? said : text };
}

function isHeading({ text, level }: Line, next: Line | undefined, before: readonly Paragraph[]): boolean {
  if (level > 0) return true;
  if (!isHeadingLike(text) || next === undefined) return false;
  // What leads into a list of its own is no item of the one before.
  return !isBareList(before) || (next.text.endsWith(':') && !isChoice(next.text));
}

/**
 * Whether bare lines behind these are the items of a list: they follow on a sentence that leads
 * into one, and on each other.
 */
function isBareList(paragraphs: readonly Paragraph[]): boolean {
  const lead = paragraphs.findLastIndex(({ kind, text }) => kind === 'text' && text.endsWith(':'));
  return lead !== -1 && paragraphs.slice(lead + 1).every(({ kind, text }) => kind === 'text' && isHeadingLike(text));
}
