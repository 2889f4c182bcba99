// The page of the catalogue as a tree of elements: the HTML file and the console draw the same. No
// text in it is markup.
import type { Block, EntryPage, Point, Words } from './page-blocks.ts';

/** A text, or an element with its attributes and what is in it. */
export type Tree = string | Element;

/** See `Tree`. */
export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Tree[];
}

/** What the page adds to an entry, e.g. how many incidents are open. */
export type Extra = (entry: EntryPage) => readonly Tree[];

/** An element. */
export function element(tag: string, attributes: Element['attributes'], children: readonly Tree[]): Element {
  return { tag, attributes, children };
}

/** The index, by provider and event: a link for each entry. */
export function indexTree(
  entries: readonly EntryPage[],
  hrefOf: (id: string) => string,
  extra: Extra = () => [],
): Tree {
  const items = entries.map((entry) => {
    const { id, name, provider, events, kind, severity } = entry;
    const about = [`${provider} ${events}`.trim(), severity ?? kind].join(' · ');
    return element('li', {}, [
      element('a', { href: hrefOf(id) }, [name]),
      element('span', { class: 'muted' }, [about]),
      ...extra(entry),
    ]);
  });
  return element('ul', { class: 'index' }, items);
}

/** An entry in full; its id is the anchor. */
export function entryTree({ id, name, blocks }: EntryPage, extra: readonly Tree[] = []): Tree {
  return element('section', { class: 'entry-page', id, 'aria-label': name }, [
    element('h2', {}, [name]),
    ...extra,
    ...blocks.map(blockTree),
  ]);
}

/**
 * The entries that have all words; first those that have them in what the index shows, or in their
 * id.
 */
export function foundEntries(entries: readonly EntryPage[], typed: string): readonly EntryPage[] {
  const words = typed.toLowerCase().split(/\s+/u);
  const has = (texts: readonly string[]): boolean => {
    const text = texts.join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const first = entries.filter((entry) => has(headOf(entry)));
  const others = entries.filter((entry) => !first.includes(entry));
  return [...first, ...others.filter((entry) => has([...headOf(entry), ...entry.blocks.flatMap(textsIn)]))];
}

function headOf({ id, name, provider, events, kind, severity }: EntryPage): readonly string[] {
  return [id, name, provider, events, severity ?? kind];
}

function textsIn(block: Block): readonly string[] {
  if (block.kind !== 'list') return [block.text];
  return block.points.flatMap(({ text, below, command = '' }) => [text, command, ...below]);
}

function blockTree(block: Block): Tree {
  if (block.kind === 'text') return element('p', {}, [block.text]);
  if (block.kind === 'heading') return element('h3', {}, [block.text]);
  return element(block.isOrdered ? 'ol' : 'ul', {}, block.points.map(pointTree));
}

function pointTree(point: Point): Tree {
  const below = point.below.map((line) => element('div', { class: 'below' }, [line]));
  const command = point.command === undefined ? [] : [element('pre', { tabindex: '0' }, [point.command])];
  return element('li', {}, [wordsTree(point), ...below, ...command]);
}

/** Only addresses of the web become links. */
function wordsTree({ text, url }: Words): Tree {
  if (url === undefined || !/^https?:\/\//u.test(url)) return text;
  return element('a', { href: url, rel: 'noreferrer noopener' }, [text]);
}
