// Event XML in the ways in which programs write the same elements.
import type { Form } from './form.ts';
import { NO_RENDERING } from './losses.ts';
import type { MadeEvent, Node } from './made-event.ts';
import { treeOf } from './tree.ts';

/** How a program writes XML. */
interface Style {
  readonly quote: '"' | "'";
  /** A text as it stands in an element. */
  readonly text: (text: string) => string;
  /** A line end and what else stands between elements, by their depth. */
  readonly between: (depth: number) => string;
  readonly prefix: string;
  readonly order: (names: readonly string[]) => readonly string[];
  /** Whether an element without text and children is one tag. */
  readonly isShort: boolean;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** XML cannot hold every character; what it cannot is written as Windows does, as it is. */
const numeric = (text: string): string =>
  text.replaceAll(/[^\w ]/gu, (one) => `&#x${(one.codePointAt(0) ?? 0).toString(16)};`);
const marked = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

const WINDOWS: Style = {
  quote: "'",
  text: escaped,
  between: () => '',
  prefix: '',
  order: (names) => names,
  isShort: true,
};

/** An element as XML. */
export function xmlOf(node: Node, given: Partial<Style> = {}, depth = 0): string {
  const style: Style = { ...WINDOWS, ...given };
  const { quote, prefix, text, between, order, isShort } = style;
  const attributes = order(Object.keys(node.attributes)).map((name) => {
    const declared = name === 'xmlns' && prefix !== '' ? `xmlns:${prefix.slice(0, -1)}` : name;
    return ` ${declared}=${quote}${inAttribute(node.attributes[name] ?? '')}${quote}`;
  });
  const open = `<${prefix}${node.name}${attributes.join('')}`;
  const close = `</${prefix}${node.name}>`;
  if (node.children.length > 0) {
    const children = node.children.map((child) => between(depth + 1) + xmlOf(child, style, depth + 1)).join('');
    return `${open}>${children}${between(depth)}${close}`;
  }
  if (node.text === '' && isShort) return `${open}/>`;
  // A writer that lays out its elements puts the end tag of an empty one below.
  return `${open}>${node.text === '' ? between(depth) : text(node.text)}${close}`;
}

function inAttribute(text: string): string {
  return escaped(text).replaceAll('"', '&quot;').replaceAll("'", '&apos;').replaceAll('\n', '&#10;');
}

/** The event as Windows renders it. */
export function windowsXml(event: MadeEvent): string {
  return xmlOf(treeOf(event));
}

/** A line for each element. */
export const indented = (depth: number): string => `\n${'  '.repeat(depth)}`;
const form = (name: string, style: Partial<Style>): Form => ({
  name,
  form: 'event-xml',
  write: (event) => xmlOf(treeOf(event), style),
});

/** Event XML: the same elements, other characters. */
export const XML_FORMS: readonly Form[] = [
  {
    name: 'event XML, not rendered',
    form: 'event-xml',
    write: (event) => windowsXml(NO_RENDERING.take(event)),
    losses: [NO_RENDERING],
  },
  form('event XML with double quotation marks', { quote: '"' }),
  form('event XML, attributes the other way round', { order: (names) => names.toReversed() }),
  form('event XML, pretty-printed', { between: indented }),
  form('event XML, pretty-printed, with end tags of empty elements', { between: indented, isShort: false }),
  form('event XML with character references', { text: numeric }),
  form('event XML with marked sections', { text: marked }),
  form('event XML with a prefix', { prefix: 'e:' }),
  {
    name: 'event XML with a declaration and a comment',
    form: 'event-xml',
    write: (event) => `<?xml version="1.0" encoding="utf-8"?>\n<!-- as exported -->\n${windowsXml(event)}\n`,
  },
  {
    name: 'event XML in UTF-16',
    form: 'event-xml',
    write: (event) => Buffer.from(`\ufeff${windowsXml(event)}`, 'utf16le'),
  },
];
