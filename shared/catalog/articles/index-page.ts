// An index of events, as the vendor has one for each aspect: rows of id, source and message, with
// whichever of them a page has kept. Pure.
import type { Article } from './article.ts';
import { appliesToOf, factOf, isColour, isFurniture, isHeadingLike } from './labels.ts';
import type { Line } from './lines.ts';

const COLUMNS: ReadonlyMap<string, string> = new Map([
  ['event id', 'id'],
  ['id', 'id'],
  ['source', 'source'],
  ['event source', 'source'],
  ['symbolic name', 'symbolic name'],
  ['type', 'severity'],
  ['event type', 'severity'],
  ['severity', 'severity'],
  ['category', 'category'],
  ['event category', 'category'],
  ['message', 'message'],
  ['event message', 'message'],
  ['event text', 'message'],
  ['description', 'message'],
]);
const NAMES = [...COLUMNS.keys()].toSorted((one, other) => other.length - one.length).join('|');
const HEADER_WORDS = new RegExp(`(?:${NAMES})(?=\\s|$)`, 'giu');

interface Header {
  readonly columns: readonly string[];
  readonly start: number;
  /** The first line below it. */
  readonly end: number;
  readonly hasBars: boolean;
}

/**
 * The rows of a page that is an index, each as an article, else undefined. A row that has lost its
 * id has none here either.
 */
export function readIndex(lines: readonly Line[]): readonly Article[] | undefined {
  const header = headerOf(lines);
  if (
    header === undefined ||
    lines.some(({ text }) => /^\|?\s*\**ID\b/iu.test(text) && factOf(text, false)?.label === 'id' && /\d/u.test(text))
  )
    return undefined;
  const { aspect, unread, ...head } = headOf(lines.slice(0, header.start));
  const reader = new RowReader(header, aspect);
  for (const line of lines.slice(header.end)) reader.take(line);
  const { rows, role, cutOffAt, unread: left } = reader.end();
  if (rows.length === 0) return undefined;
  return rows.map((details, place) => ({
    ...head,
    ...(aspect === undefined ? {} : { aspect }),
    ...(role === undefined ? {} : { role }),
    details,
    sections: [],
    ...(place === rows.length - 1 && cutOffAt !== undefined ? { cutOffAt } : {}),
    unread: place === 0 ? [...unread, ...left] : [],
  }));
}

/**
 * The names of the columns stand in one line, with or without bars, or each in a line of its own.
 */
function headerOf(lines: readonly Line[]): Header | undefined {
  for (const [index, { text }] of lines.entries()) {
    if (!/^\|?\s*(?:Event )?ID\b/iu.test(text)) continue;
    const alone = lines
      .slice(index, index + 5)
      .map((line) => COLUMNS.get(line.text.replace(/^\|\s*|\s*\|$/gu, '').toLowerCase()));
    const count = alone.findIndex((column) => column === undefined);
    const columns = (count > 1 ? alone.slice(0, count) : columnsOf(text)).flatMap((column) => column ?? []);
    const isHeader = columns[0] === 'id' && columns.includes('message') && new Set(columns).size === columns.length;
    if (isHeader)
      return {
        columns,
        start: index,
        end: index + (count > 1 ? count : 1),
        hasBars: lines.slice(index).some((line) => line.text.includes('|')),
      };
  }
  return undefined;
}

function columnsOf(text: string): readonly (string | undefined)[] {
  const names = text.includes('|')
    ? text
        .split('|')
        .map((cell) => cell.trim())
        .filter((cell) => cell !== '')
    : (text.match(HEADER_WORDS) ?? []);
  const isWhole = text.includes('|') || text.replaceAll(HEADER_WORDS, '').trim() === '';
  return isWhole ? names.map((name) => COLUMNS.get(name.replaceAll('*', '').toLowerCase())) : [];
}

function headOf(lines: readonly Line[]) {
  const at = lines.findIndex(({ text }) => appliesToOf(text) !== undefined);
  const titleAt = at > 0 ? at - 1 : lines.findIndex(({ level }) => level === 1);
  const named = lines[titleAt]?.text;
  const aspect = named !== undefined && isHeadingLike(named) && !isFurniture(named) ? named : undefined;
  const below = lines.slice(Math.max(at, titleAt) + 1).map(({ text }) => text);
  const isSaid = (text: string): boolean => !isFurniture(text) && !isColour(text) && (at !== -1 || text.length > 60);
  return {
    aspect,
    appliesTo: appliesToOf(lines[at]?.text ?? '') ?? [],
    introduction: below.filter(isSaid).map((text) => ({ text })),
    unread: [
      ...lines.slice(0, Math.max(0, aspect === undefined ? Math.max(at, 0) : titleAt)).map(({ text }) => text),
      ...below.filter((text) => !isSaid(text)),
    ],
  };
}

class RowReader {
  readonly #header: Header;
  readonly #aspect: string | undefined;
  readonly #rows: Map<string, string>[] = [];
  readonly #unread: string[] = [];
  #tail: string[] | undefined;
  #hasId = false;
  /** Whether the last cell may go on in the next line. */
  #isOpen = false;

  constructor(header: Header, aspect: string | undefined) {
    this.#header = header;
    this.#aspect = aspect;
  }

  take(line: Line): void {
    const isFoot = line.text === this.#aspect && !line.text.includes('|');
    if (isFoot) this.#tail = [];
    else if (this.#tail !== undefined) this.#tail.push(line.text);
    else if (this.#header.hasBars) this.#takeCells(line);
    else this.#takeLine(line);
  }

  end() {
    const [role, ...others] = this.#tail ?? [];
    const end = this.#rows.at(-1)?.get('message') ?? '';
    const cutOffAt = this.#tail === undefined && !/[.!?]["']?$/u.test(end) ? end : undefined;
    return { rows: this.#rows, role, cutOffAt, unread: [...this.#unread, ...others] };
  }

  #takeCells({ text }: Line): void {
    const cells = text.split('|').map((cell) => cell.trim());
    const [first = ''] = cells;
    if (this.#isOpen && first !== '' && !/^\d{1,5}$/u.test(first)) {
      this.#add(first);
      cells.shift();
    } else if (cells.length === 1 && this.#rows.at(-1)?.has('message') === true && !looksLikeMessage(first)) {
      // Neither a row nor the end of one.
      this.#unread.push(text);
      return;
    }
    for (const cell of cells) if (cell !== '') this.#takeCell(cell);
    this.#isOpen = cells.length > 0 && cells.at(-1) !== '';
  }

  #takeLine({ text, blanksBefore }: Line): void {
    const names = this.#header.columns.includes('source') ? '(?<source>[\\w-]*[A-Za-z][\\w-]*)\\s+' : '';
    const row = new RegExp(`^(?<id>\\d{1,5})\\s+${names}(?<message>\\S.*)$`, 'u').exec(text)?.groups;
    if (row !== undefined) for (const cell of Object.values(row)) this.#takeCell(cell);
    else if (/^\d{1,5}$/u.test(text)) this.#takeCell(text);
    else if (this.#rows.at(-1)?.has('message') !== true) this.#takeCell(text);
    else if (blanksBefore === 0 || (this.#hasId && looksLikeMessage(text))) this.#add(text);
    else if (looksLikeMessage(text)) this.#takeCell(text);
    else this.#unread.push(text);
  }

  #takeCell(cell: string): void {
    const text = cell.replaceAll(/\*\*/gu, '');
    const last = this.#rows.at(-1);
    if (/^\d{1,5}$/u.test(text)) {
      this.#hasId = true;
      this.#rows.push(new Map([['id', text]]));
      return;
    }
    const row = last === undefined || last.has('message') ? new Map<string, string>() : last;
    if (row !== last) this.#rows.push(row);
    const free = this.#header.columns.filter((column) => column !== 'id' && !row.has(column));
    row.set(looksLikeMessage(text) ? 'message' : (free[0] ?? 'message'), text);
  }

  #add(text: string): void {
    const last = this.#rows.at(-1);
    const label = [...(last?.keys() ?? [])].at(-1) ?? 'message';
    last?.set(label, `${last.get(label) ?? ''}\n${text}`);
  }
}

/** No source ends like a sentence or holds an insert. */
function looksLikeMessage(text: string): boolean {
  return /[.!?]["']?$/u.test(text) || /%(?:\d|\w)/u.test(text) || text.length > 60;
}
