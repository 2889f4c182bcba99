// Takes apart the text of a vendor's article on an event: labels, sections, lists, whatever page furniture stands around them. Pure.

/** What an article says, each thing where it was found; `unread` is what no rule took. */
export interface Article {
  readonly title: string | undefined;
  /** By lower-case label: `id`, `product`, `source`, `version`, `symbolic name`, `message`. */
  readonly details: ReadonlyMap<string, string>;
  readonly appliesTo: readonly string[];
  readonly introduction: readonly string[];
  readonly sections: readonly Section[];
  readonly unread: readonly string[];
}

/** A section with its heading in lower case: `resolve`, `verify`, `diagnose`, `explanation`, `user action`. */
export interface Section {
  readonly heading: string;
  readonly paragraphs: readonly Paragraph[];
}

/** A paragraph, or one item of a list. */
export interface Paragraph {
  readonly kind: 'text' | 'item' | 'note';
  readonly text: string;
}

const TITLE = /^Event ID:? (?<id>\d+)\s*(?:[—–-]+\s*(?<rest>.+))?$/iu;
const HEADINGS: ReadonlyMap<string, string> = new Map([
  ['event details', 'details'],
  ['details', 'details'],
  ['explanation', 'explanation'],
  ['diagnose', 'diagnose'],
  ['cause', 'diagnose'],
  ['resolve', 'resolve'],
  ['resolution', 'resolve'],
  ['user action', 'resolve'],
  ['verify', 'verify'],
]);
/** Labels as the dialects spell them, and how they are called here. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['product', 'product'],
  ['product name', 'product'],
  ['id', 'id'],
  ['event id', 'id'],
  ['source', 'source'],
  ['event source', 'source'],
  ['version', 'version'],
  ['product version', 'version'],
  ['symbolic name', 'symbolic name'],
  ['message', 'message'],
  ['message text', 'message'],
]);
const LIST_ITEM = /^(?:\d{1,2}[.)]|[-*•·])\s+(?<text>.+)$/u;
const NOTE = /^Notes?:\s*(?<text>.*)$/iu;

/** The articles of a page, one after the other; a page that holds several has a title line for each. */
export function splitArticles(page: string): readonly string[] {
  const lines = linesOf(page);
  const starts = lines.flatMap((line, index) => (TITLE.test(line) && !isDoubled(lines, index) ? [index] : []));
  if (starts.length < 2) return [lines.join('\n')];
  return starts.map((start, place) => lines.slice(start, starts[place + 1]).join('\n'));
}

/** Reads one article. */
export function readArticle(text: string): Article {
  const reader = new ArticleReader();
  for (const line of linesOf(text)) reader.take(line);
  return reader.article();
}

class ArticleReader {
  #title: string | undefined;
  #section = '';
  #label: string | undefined;
  readonly #details = new Map<string, string>();
  readonly #appliesTo: string[] = [];
  readonly #introduction: string[] = [];
  readonly #sections: { readonly heading: string; readonly paragraphs: Paragraph[] }[] = [];
  readonly #unread: string[] = [];

  take(line: string): void {
    if (line === '') {
      this.#label = undefined;
      return;
    }
    if (this.#takeTitle(line) || this.#takeAppliesTo(line) || this.#takeHeading(line) || this.#takeLabel(line)) return;
    if (this.#label !== undefined) {
      this.#details.set(this.#label, `${this.#details.get(this.#label) ?? ''}\n${line}`);
      return;
    }
    this.#takeParagraph(line);
  }

  article(): Article {
    return {
      title: this.#title,
      details: this.#details,
      appliesTo: this.#appliesTo,
      introduction: this.#introduction,
      sections: this.#sections,
      unread: this.#unread,
    };
  }

  #takeTitle(line: string): boolean {
    const found = TITLE.exec(line);
    if (found === null || (this.#title !== undefined && this.#title !== line)) return false;
    this.#title = line;
    return true;
  }

  #takeAppliesTo(line: string): boolean {
    const list = /^Applies To:?\s*(?<list>.+)$/iu.exec(line)?.groups?.['list'];
    if (list === undefined) return false;
    this.#appliesTo.push(...list.split(/,|;/u).map((item) => item.trim()));
    return true;
  }

  #takeHeading(line: string): boolean {
    const heading = HEADINGS.get(line.toLowerCase().replace(/^#+\s*|:$/gu, ''));
    if (heading === undefined) return false;
    this.#section = heading;
    this.#label = undefined;
    if (heading !== 'details') this.#sections.push({ heading, paragraphs: [] });
    return true;
  }

  #takeLabel(line: string): boolean {
    const row = /^\|?\s*\**(?<label>[A-Za-z ]{2,20}?)\**\s*(?::\s*\|?|\|)\s*(?<value>.+?)\s*\|?$/u.exec(line)?.groups;
    const label = LABELS.get(row?.['label']?.toLowerCase() ?? '');
    if (label === undefined || this.#details.has(label) || (this.#section !== '' && this.#section !== 'details'))
      return false;
    this.#details.set(label, row?.['value'] ?? '');
    this.#section = 'details';
    this.#label = label === 'message' ? label : undefined;
    return true;
  }

  #takeParagraph(line: string): void {
    const section = this.#sections.at(-1);
    if (this.#section === '' && this.#title !== undefined) this.#introduction.push(line);
    else if (section === undefined || this.#section === 'details') this.#unread.push(line);
    else section.paragraphs.push(paragraphOf(line));
  }
}

function paragraphOf(line: string): Paragraph {
  const item = LIST_ITEM.exec(line)?.groups?.['text'];
  if (item !== undefined) return { kind: 'item', text: item };
  const note = NOTE.exec(line)?.groups?.['text'];
  return note === undefined ? { kind: 'text', text: line } : { kind: 'note', text: note };
}

/** Lines without the typographer's quotes and blanks at either end. */
function linesOf(text: string): readonly string[] {
  return text
    .replaceAll(/\r\n?/gu, '\n')
    .replaceAll(/[‘’]/gu, "'")
    .replaceAll(/[“”]/gu, '"')
    .replaceAll('\u00a0', ' ')
    .split('\n')
    .map((line) => line.trim());
}

function isDoubled(lines: readonly string[], index: number): boolean {
  return lines.slice(Math.max(0, index - 3), index).includes(lines[index] ?? '');
}
