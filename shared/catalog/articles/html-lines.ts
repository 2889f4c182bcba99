// The lines of an HTML page, gathered element by element. Pure.
import { appliesToOf, factOf } from './labels.ts';
import type { Line, Link } from './lines.ts';
import { namesNote } from './paragraph.ts';
import { plainTypography } from './typography.ts';

type Attributes = Readonly<Record<string, string>>;

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
/** Their content is for the browser. */
const HIDDEN = words('script style noscript template svg iframe object applet canvas audio video datalist');
const BLOCKS = words(
  'address article blockquote body center dd details div dl dt fieldset figcaption figure form h1 h2 h3 h4 h5 h6 hr html legend li ol p pre section summary table tbody thead tfoot tr ul menu dir caption',
);
/**
 * What a page has around its article, by element and by role
 * (https://www.w3.org/TR/wai-aria-1.2/#landmark_roles).
 */
const AROUND: ReadonlyMap<string, string> = new Map([
  ['title', 'title of the page'],
  ['nav', 'navigation'],
  ['navigation', 'navigation'],
  ['header', 'head of the page'],
  ['banner', 'head of the page'],
  ['footer', 'foot of the page'],
  ['contentinfo', 'foot of the page'],
  ['aside', 'beside the article'],
  ['complementary', 'beside the article'],
  ['search', 'controls'],
  ['toolbar', 'controls'],
  ['dialog', 'controls'],
  ['form', 'controls'],
  ['button', 'controls'],
  ['select', 'controls'],
  ['textarea', 'controls'],
]);
const HEADING = /^h[1-6]$/u;
const LISTS = words('ul ol menu dir');
/** A cell of data has no more lines. */
const MAX_CELL_LINES = 6;
/** Deeper than any page; below it tables and landmarks are taken for plain blocks. */
const MAX_DEPTH = 64;

/** Lines gathered apart: of a cell, of the main part, or of the surroundings. */
interface Part {
  readonly element: string;
  readonly lines: Line[];
  text: string;
  links: Link[];
  blanks: number;
  /** Mark of the list item that has begun and has no line yet. */
  mark: string;
  /** Term of a definition list whose definition comes next. */
  term: Line | undefined;
}

interface OpenElement {
  readonly name: string;
  /** The part it has opened. */
  readonly part: boolean;
  readonly label: string;
}

/** Gathers lines; `end` gives them. */
export class HtmlLines {
  readonly #parts: Part[] = [newPart('page')];
  readonly #open: OpenElement[] = [];
  readonly #lists: { readonly isNumbered: boolean; next: number }[] = [];
  readonly #rows: Part[][] = [];
  readonly #main: Line[] = [];
  readonly #left: string[] = [];
  #hidden = 0;
  #pre = 0;
  #level = 0;
  #link: { readonly start: number; readonly url: string | undefined } | undefined;

  open(name: string, attributes: Attributes): void {
    if (HIDDEN.has(name)) this.#hidden += 1;
    if (this.#hidden > 0) return;
    const label = partOf(name, attributes);
    const isPart = label !== '' && this.#parts.length < MAX_DEPTH;
    if (label !== '' || BLOCKS.has(name)) this.#flush(1);
    this.#open.push({ name, part: isPart, label });
    if (isPart) this.#parts.push(newPart(name));
    this.#begin(name, attributes);
  }

  close(name: string): void {
    if (HIDDEN.has(name)) this.#hidden = Math.max(0, this.#hidden - 1);
    else if (this.#hidden === 0) this.#close(name);
  }

  text(raw: string): void {
    if (this.#hidden > 0) return;
    const plain = plainTypography(raw);
    if (this.#pre > 0) {
      const [first = '', ...rest] = plain.split('\n');
      this.#part.text += first;
      for (const line of rest) {
        this.#break();
        this.#part.text += line;
      }
      return;
    }
    const one = plain.replaceAll(/\s+/gu, ' ');
    this.#part.text += /(?:^|\s)$/u.test(this.#part.text) ? one.trimStart() : one;
  }

  end(): { readonly lines: readonly Line[]; readonly left: readonly string[] } {
    this.#flush(1);
    this.#endTerm();
    const all = this.#part.lines;
    if (this.#main.length === 0) return { lines: all, left: this.#left };
    return { lines: this.#main, left: [...this.#left, ...all.map(({ text }) => text)] };
  }

  get #part(): Part {
    return this.#parts.at(-1) as Part;
  }

  #begin(name: string, attributes: Attributes): void {
    const part = this.#part;
    if (name === 'br') this.#break();
    else if (name === 'pre') this.#pre += 1;
    else if (name === 'img') this.#takeImage(attributes['alt']);
    else if (name === 'a') this.#link = { start: part.text.length, url: attributes['href'] };
    else if (HEADING.test(name)) this.#level = Number(name.slice(1));
    else if (name === 'li') part.mark = this.#markOf(attributes);
    else if (name === 'tr') this.#rows.push([]);
    else if (LISTS.has(name)) this.#lists.push({ isNumbered: name === 'ol', next: numberIn(attributes['start']) ?? 1 });
  }

  #close(name: string): void {
    const { part: isPart = false, label = '' } = this.#open.pop() ?? {};
    if (name === 'a') this.#endLink();
    if (label !== '' || BLOCKS.has(name)) this.#endBlock(name);
    if (isPart) this.#endPart(label);
  }

  #endBlock(name: string): void {
    this.#flush(1);
    if (name === 'pre') this.#pre -= 1;
    else if (LISTS.has(name)) this.#lists.pop();
    else if (name === 'li') this.#part.mark = '';
    else if (name === 'tr') this.#endRow();
    else if (name === 'dt') this.#keepTerm();
    else if (name === 'dl') this.#endTerm();
    else if (HEADING.test(name)) this.#level = 0;
  }

  /** The term of a definition list waits for what defines it. */
  #keepTerm(): void {
    const { lines } = this.#part;
    const last = lines.at(-1);
    if (last === undefined || last.text.length > 60) return;
    lines.pop();
    this.#endTerm();
    this.#part.term = last;
  }

  /** A term that nothing defines is a line. */
  #endTerm(): void {
    const { term, lines } = this.#part;
    if (term !== undefined) lines.push(term);
    this.#part.term = undefined;
  }

  #markOf({ value }: Attributes): string {
    const list = this.#lists.at(-1);
    if (list?.isNumbered !== true) return '- ';
    const number = numberIn(value) ?? list.next;
    list.next = number + 1;
    return number > 0 && number < 100 ? `${number}. ` : '- ';
  }

  /** An icon is named by its file; a colour shows the severity: `Cc1234.yellow(WS.10).jpg`. */
  #takeImage(alt = ''): void {
    const file = /^[\w-]*\.?(?<name>[\w -]+)(?:\([^)]*\))?\.(?:gif|jpe?g|png|bmp|svg)$/iu.exec(alt.trim())?.groups;
    const colour = /^(?:red|yellow|green|blue)$/iu.exec(file?.['name'] ?? '')?.[0];
    if (file !== undefined && colour === undefined) this.#left.push(`picture: ${alt.trim()}`);
    else this.text(` ${colour ?? alt} `);
  }

  #endLink(): void {
    const { start, url = '#' } = this.#link ?? { start: 0 };
    const title = this.#part.text.slice(start).trim();
    this.#link = undefined;
    // Those that lead to another place of the same page are no references.
    if (title !== '' && !/^(?:#|javascript:)/iu.test(url)) this.#part.links.push({ title, url });
  }

  /** Ends a line; two on each other leave one empty. */
  #break(): void {
    this.#flush(this.#part.text.trim() === '' ? 1 : 0);
  }

  #flush(blanks: 0 | 1): void {
    const part = this.#part;
    if (this.#link !== undefined) {
      const { url } = this.#link;
      this.#endLink();
      this.#link = { start: 0, url };
    }
    const text = part.text.trim();
    const { links } = part;
    part.text = '';
    part.links = [];
    if (text === '') {
      part.blanks = Math.max(part.blanks, blanks);
      return;
    }
    const term = part.term === undefined ? '' : `${part.term.text.replace(/\s*:$/u, '')}: `;
    part.lines.push({
      text: `${part.mark}${term}${text}`,
      blanksBefore: part.blanks,
      level: this.#level,
      ...(links.length === 0 ? {} : { links }),
    });
    part.mark = '';
    part.term = undefined;
    part.blanks = blanks;
  }

  /** A cell waits for its row; the surroundings of the article are listed apart. */
  #endPart(label: string): void {
    this.#endTerm();
    const part = this.#parts.pop() as Part;
    const row = this.#rows.at(-1);
    if (label === 'cell' && row !== undefined) row.push(part);
    else if (label === 'main') for (const line of part.lines) this.#main.push(line);
    else if (label === 'cell' || isArticle(part.lines)) this.#addAll(part.lines);
    else if (part.lines.length > 0) this.#left.push(`${label}: ${part.lines.map(({ text }) => text).join(' · ')}`);
  }

  /** A row of data is one line with bars; cells of a layout table are ordinary lines. */
  #endRow(): void {
    const cells = (this.#rows.pop() ?? []).filter(({ lines }) => lines.length > 0);
    const isLayout = cells.some(({ lines }) => lines.length > MAX_CELL_LINES || lines.some(isOfArticle));
    const [first, ...others] = cells;
    if (first === undefined) return;
    if (others.length === 0 || isLayout) {
      for (const { lines } of cells) this.#addAll(lines);
      return;
    }
    const texts = cells.map(({ lines }) => lines.map(({ text }) => text).join('\n'));
    const links = cells.flatMap(({ lines }) => lines.flatMap((line) => line.links ?? []));
    const isNote = others.length === 1 && namesNote(texts[0] ?? '');
    this.#addAll([
      {
        text: isNote ? texts.join(': ').replace('::', ':') : `| ${texts.join(' | ')} |`,
        blanksBefore: 0,
        level: 0,
        ...(links.length === 0 ? {} : { links }),
      },
    ]);
  }

  #addAll(lines: readonly Line[]): void {
    const part = this.#part;
    for (const [place, line] of lines.entries()) {
      const mark = place === 0 ? part.mark : '';
      if (place === 0) part.mark = '';
      part.lines.push({ ...line, text: `${mark}${line.text}` });
    }
    part.blanks = 1;
  }
}

function numberIn(text = ''): number | undefined {
  return /^-?\d{1,6}$/u.test(text.trim()) ? Number(text) : undefined;
}

function newPart(element: string): Part {
  return { element, lines: [], text: '', links: [], blanks: 0, mark: '', term: undefined };
}

/** What an element opens a part for; empty when it opens none. */
function partOf(name: string, { role = '' }: Attributes): string {
  if (name === 'td' || name === 'th') return 'cell';
  if (name === 'main' || role === 'main') return 'main';
  return AROUND.get(role.toLowerCase()) ?? AROUND.get(name) ?? '';
}

/** Old pages stand in a form as a whole. */
function isArticle(lines: readonly Line[]): boolean {
  const labels = new Set(lines.map(({ text }) => factOf(text, false)?.label));
  const isTitled = lines.some(({ level }) => level === 1);
  return isTitled || (labels.has('id') && (labels.has('source') || labels.has('message'))) || lines.some(isHead);
}

/** A heading or a row of a table inside. */
function isOfArticle({ level, text }: Line): boolean {
  return level > 0 || text.startsWith('| ');
}

function isHead({ text }: Line): boolean {
  return (appliesToOf(text)?.length ?? 0) > 0;
}
