// The lines of a page as the readers of articles take them: without typography, mark-up and empty lines. Pure.

/** A line that holds something. */
export interface Line {
  readonly text: string;
  /** How many empty lines stand in front of it. */
  readonly blanksBefore: number;
  /** Level of a Markdown heading, 0 for any other line. */
  readonly level: number;
}

/** A page's lines, and what was left out of them with a word on what it was. */
export interface CleanPage {
  readonly lines: readonly Line[];
  readonly left: readonly string[];
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
  const body = `${typed}\n`.replace(FRONT_MATTER, (_, text: string) => {
    left.push(`front matter of the page: ${[...text.matchAll(/^([\w.-]+):/gmu)].map(([, key]) => key).join(', ')}`);
    return '';
  });
  const isMarkdown = IS_MARKDOWN.test(body);
  const lines: Line[] = [];
  let blanks = 0;
  for (const raw of body.split('\n')) {
    const { text, level } = isMarkdown ? withoutMarkdown(raw, left) : { text: raw.trim(), level: 0 };
    if (text === '') blanks += 1;
    // Rules and the frames of tables hold no word.
    else if (!/^[|:\s=_-]+$/u.test(text)) {
      lines.push({ text, blanksBefore: blanks, level });
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
    return [before !== undefined && isMark(before) ? { ...before, text: `${before.text} ${line.text}` } : line];
  });
}

/** Lines that were broken because a page was narrow, in one again. A small letter tells it, and on such a page a long line without an end. */
function unwrapped(lines: readonly Line[]): readonly Line[] {
  const goesOn = (index: number): boolean => {
    const [before = '', { text = '', blanksBefore = 1, level = 0 } = {}] = [lines[index - 1]?.text, lines[index]];
    const isWhole = before.length < 40 || /[.!?:;|]["')]?$/u.test(before) || /[|=]/u.test(text);
    return !isWhole && blanksBefore === 0 && level === 0;
  };
  const startsSmall = (index: number): boolean => /^\p{Ll}/u.test(lines[index]?.text ?? '');
  const broken = lines.filter((_, index) => goesOn(index) && startsSmall(index)).length;
  const isNarrow = broken >= 3 && lines.every(({ text }) => text.length <= 100);
  const joined: Line[] = [];
  for (const [index, line] of lines.entries()) {
    const last = joined.at(-1);
    const isCapital = isNarrow && (lines[index - 1]?.text.length ?? 0) >= 55 && /^[\p{Lu}\d(]/u.test(line.text);
    const isItem = /^\d{1,5}(?:[.)]\s|\s*[-–—(]|$)/u.test(line.text);
    if (last !== undefined && goesOn(index) && !isItem && (startsSmall(index) || isCapital))
      joined[joined.length - 1] = { ...last, text: `${last.text} ${line.text}` };
    else joined.push(line);
  }
  return joined;
}

function plainTypography(text: string): string {
  return text
    .replaceAll(/\r\n?/gu, '\n')
    .replaceAll(/[‘’‚]/gu, "'")
    .replaceAll(/[“”„]/gu, '"')
    .replaceAll(/[\u00a0\u2007\u202f\t]/gu, ' ')
    .replaceAll(/[\u200b-\u200f\u2060\ufeff]/gu, '');
}

function withoutMarkdown(raw: string, left: string[]): { readonly text: string; readonly level: number } {
  const line = raw.trim().replace(/^(?:>\s*)+/u, '');
  if (/^(?:`{3}|~{3})/u.test(line)) return { text: '', level: 0 };
  const heading = /^(?<marks>#{1,6})\s+(?<text>.+?)\s*#*$/u.exec(line)?.groups;
  const whole = heading?.['text'] ?? line.replace(/^\[!(?<kind>NOTE|TIP|IMPORTANT|CAUTION|WARNING)\]$/u, '$<kind>');
  if (whole.replaceAll(INCLUDE, '') === '' && whole !== '') {
    left.push(whole);
    return { text: '', level: 0 };
  }
  return { text: withoutMarks(whole), level: heading?.['marks']?.length ?? 0 };
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
