// The lines of a page as the readers of articles take them: without typography, mark-up and empty
// lines. Pure.
import { isHtml, linesOfHtml } from './html.ts';
import { sectionOf } from './labels.ts';
import { plainTypography } from './typography.ts';

/** A link as the page has it; `url` can be one within the vendor's site. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

/** A line that holds something. */
export interface Line {
  readonly text: string;
  /** How many empty lines stand in front of it. */
  readonly blanksBefore: number;
  /** Level of a Markdown heading, 0 for any other line. */
  readonly level: number;
  /** The links in it, in their order, where the page has kept them. */
  readonly links?: readonly Link[];
}

/** A text with the links in it. */
export type Said = Pick<Line, 'text' | 'links'>;

/** A page's lines, and what was left out of them with a word on what it was. */
export interface CleanPage {
  readonly lines: readonly Line[];
  readonly left: readonly string[];
  /** Where the page came from, as it says itself. */
  readonly url?: string;
}

const FRONT_MATTER = /^---\n(?<body>(?:[\w.-]+:.*\n|[ \t]+.*\n|- .*\n|\n)+?)---[ \t]*$/gmu;
const IS_MARKDOWN = /^#{1,6} \S|^\[!INCLUDE|^> \[!|^\|[^\n|]+\|[^\n|]+\|\s*$/mu;
const INCLUDE = /\[!INCLUDE\s{0,4}\[(?<name>[^\]]{0,200})\]\([^)]{0,500}\)\]/giu;
/** What the vendor's own pages put in place of these tokens. */
const INCLUDED: ReadonlyMap<string, string> = new Map([
  ['ssnoversion', 'SQL Server'],
  ['msconame', 'Microsoft'],
  ['ssde', 'Database Engine'],
]);
const LINK = /(?<!!)\[(?<title>[^\]]{0,300})\]\((?<url>[^)\s]{0,500})(?:\s[^)]{0,300})?\)/gu;
const TAG = /<\/?(?:a|b|i|p|em|strong|code|span|div|ul|ol|li|table|tr|td|th)(?:\s[^>]*)?>/giu;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&nbsp;', ' '],
  ['&amp;', '&'],
]);

/** Cleans a page. */
export function cleanPage(page: string): CleanPage {
  const left: string[] = [];
  const typed = plainTypography(page);
  if (isHtml(typed)) {
    const clean = linesOfHtml(typed);
    return { ...clean, lines: withMarks(clean.lines) };
  }
  const body = `${typed}\n`.replace(FRONT_MATTER, (_, text: string) => {
    left.push(`front matter of the page: ${text.trim().replaceAll(/\s*\n\s*/gu, '; ')}`);
    return '';
  });
  const isMarkdown = IS_MARKDOWN.test(body);
  const lines: Line[] = [];
  let blanks = 0;
  for (const raw of body.split('\n')) {
    const line = isMarkdown ? withoutMarkdown(raw, left) : { text: raw.trim(), level: 0 };
    const { text } = line;
    if (text === '') blanks += 1;
    // Rules and the frames of tables hold no word.
    else if (!/^[|:\s=_-]+$/u.test(text)) {
      lines.push({ ...line, blanksBefore: blanks });
      blanks = 0;
    }
  }
  return { lines: unwrapped(withMarks(lines)), left };
}

/** A number or mark of a list that stands alone belongs to the line below. */
function withMarks(lines: readonly Line[]): readonly Line[] {
  const isMark = (line: Line | undefined): boolean => /^(?:\d{1,2}[.)]|[•·*])$/u.test(line?.text ?? '');
  return lines.flatMap((line, index) => {
    const before = lines[index - 1];
    if (isMark(line) && lines[index + 1] !== undefined) return [];
    if (before === undefined || !isMark(before)) return [line];
    return [{ ...line, text: `${before.text} ${line.text}`, blanksBefore: before.blanksBefore }];
  });
}

/**
 * Lines that were broken because a page was narrow, in one again. The signs are a small letter and,
 * on such a page, a long line without an end.
 */
function unwrapped(lines: readonly Line[]): readonly Line[] {
  const goesOn = (index: number): boolean => mayGoOn(lines[index - 1], lines[index]);
  const startsSmall = (index: number): boolean => /^\p{Ll}/u.test(lines[index]?.text ?? '');
  const broken = lines.filter((_, index) => goesOn(index) && startsSmall(index)).length;
  const isNarrow = broken >= 3 && lines.every(({ text }) => text.length <= 100);
  const joined: Line[] = [];
  let section: string | undefined;
  for (const [index, line] of lines.entries()) {
    const last = joined.at(-1);
    section = sectionOf(line) ?? section;
    // Titles of other pages end without a full stop, too, and each is a line of its own.
    const isProse = isNarrow && section !== 'related';
    if (last !== undefined && goesOn(index) && (startsSmall(index) || (isProse && isBroken(lines[index - 1], line))))
      joined[joined.length - 1] = joinedLine(last, line);
    else joined.push(line);
  }
  return joined;
}

function mayGoOn(before: Line | undefined, line: Line | undefined): boolean {
  if (before === undefined || line === undefined || line.blanksBefore > 0 || line.level > 0) return false;
  const isWhole = before.text.length < 40 || /[.!?:;|]["')]?$/u.test(before.text) || /[|=]/u.test(line.text);
  return !isWhole && !/^\d{1,5}(?:[.)]\s|\s*[-–—(]|$)/u.test(line.text);
}

function isBroken(before: Line | undefined, { text }: Line): boolean {
  return before !== undefined && before.text.length >= 55 && /^[\p{Lu}\d(]/u.test(text);
}

function joinedLine(one: Line, { text, links = [] }: Line): Line {
  const all = [...(one.links ?? []), ...links];
  return { ...one, text: `${one.text} ${text}`, ...(all.length === 0 ? {} : { links: all }) };
}

function withoutMarkdown(raw: string, left: string[]): Omit<Line, 'blanksBefore'> {
  const line = raw.trim().replace(/^(?:>\s*)+/u, '');
  if (/^(?:`{3}|~{3})/u.test(line)) return { text: '', level: 0 };
  const heading = /^(?<marks>#{1,6})\s+(?<text>.+?)\s*#*$/u.exec(line)?.groups;
  const whole = heading?.['text'] ?? line.replace(/^\[!(?<kind>NOTE|TIP|IMPORTANT|CAUTION|WARNING)\]$/u, '$<kind>');
  if (whole.replaceAll(INCLUDE, '') === '' && whole !== '') {
    left.push(whole);
    return { text: '', level: 0 };
  }
  const links = linksOf(whole);
  return {
    text: withoutMarks(whole),
    level: heading?.['marks']?.length ?? 0,
    ...(links.length === 0 ? {} : { links }),
  };
}

function linksOf(text: string): readonly Link[] {
  return [...text.replaceAll(INCLUDE, '').matchAll(LINK)].flatMap(({ groups: { title = '', url = '' } = {} }) =>
    title === '' || url.startsWith('#') ? [] : [{ title: withoutMarks(title), url }],
  );
}

function withoutMarks(text: string): string {
  const plain = text
    .replaceAll(INCLUDE, (_, name: string) => INCLUDED.get(name.toLowerCase()) ?? `[${name}]`)
    .replaceAll(/!?\[([^\]]{0,300})\]\([^)]{0,500}\)/gu, '$1')
    .replaceAll(/<br\s*\/?>/giu, '\n')
    .replaceAll(TAG, '')
    .replaceAll(/(?<!\\)\*\*(.+?)(?<!\\)\*\*/gu, '$1')
    .replaceAll(/(?<![\w*\\.%])\*(?=[^\s*])([^*\n]*[^\s*\\])\*(?![\w*])/gu, '$1')
    .replaceAll(/`([^`]+)`/gu, '$1')
    .replaceAll(/\\([*_@#|<>[\]`])/gu, '$1')
    .replaceAll(/&#(\d{2,5});/gu, (_, code: string) => String.fromCodePoint(Number(code)));
  return [...ENTITIES]
    .reduce((sofar, [entity, character]) => sofar.replaceAll(entity, character), plain)
    .replaceAll(/ ?\n ?(?:\n ?)*/gu, '\n')
    .trim();
}
