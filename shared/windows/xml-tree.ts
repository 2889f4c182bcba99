// One XML element as a small tree, by a strict parser within bounds. No document type, so no entity
// beyond the five of XML.
import { SaxesParser } from 'saxes';
import { MAX_DEPTH, MAX_ELEMENTS } from './limits.ts';

/**
 * An element: its name without prefix, attributes without prefix, its direct text, its children in
 * order.
 */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
  readonly children: XmlElement[];
}

/** The root element, or the error and its place. */
type XmlResult =
  | { readonly kind: 'root'; readonly root: XmlElement }
  | {
      readonly kind: 'bad';
      readonly detail: string;
      /** The complete elements of a text that ends too early. */
      readonly whole?: XmlElement;
    };

/** The parser quotes names, and a name may be as long as the payload. */
const MAX_DETAIL_LENGTH = 200;

class XmlFault extends Error {}

/**
 * Parses text that holds one element. Never throws; refuses document types, deep nesting and a
 * second root.
 */
export function parseXml(text: string): XmlResult {
  const parser = new SaxesParser({ xmlns: false, position: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  const fail = (what: string): never => {
    throw new XmlFault(`line ${parser.line}, column ${parser.column}: ${what}`);
  };
  parser.on('error', (error) => {
    // The parser puts the place before its message; ours has the same form.
    throw new XmlFault(error.message.replace(/^(\d+):(\d+): /u, 'line $1, column $2: '));
  });
  parser.on('doctype', () => fail('a document type is not allowed in an event'));
  parser.on('opentag', ({ name, attributes }) => {
    count += 1;
    if (open.length >= MAX_DEPTH) fail(`elements are nested deeper than ${MAX_DEPTH}`);
    if (count > MAX_ELEMENTS) fail(`there are more than ${MAX_ELEMENTS} elements`);
    const element: XmlElement = {
      name: localName(name),
      attributes: localAttributes(attributes),
      text: '',
      children: [],
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => void open.pop());
  let isWritten = false;
  try {
    parser.write(text);
    isWritten = true;
    parser.close();
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    const whole = isWritten && root !== undefined ? withoutCutLeaves(open) : undefined;
    return {
      kind: 'bad',
      detail: error.message.slice(0, MAX_DETAIL_LENGTH),
      ...(whole === undefined ? {} : { whole }),
    };
  }
  return root === undefined ? { kind: 'bad', detail: 'there is no element' } : { kind: 'root', root };
}

/** The root with its complete elements; undefined when System is incomplete. */
function withoutCutLeaves(open: readonly XmlElement[]): XmlElement | undefined {
  for (let depth = open.length - 1; depth > 0; depth -= 1) {
    const [element, parent] = [open[depth], open[depth - 1]];
    if (element?.name === 'System' && depth === 1) return undefined;
    if (element?.children.length === 0) parent?.children.pop();
  }
  return open[0];
}

/** A name without its prefix. */
export function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

/** Attributes by their names without prefixes; declarations of prefixes are left out. */
export function localAttributes(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const local: Record<string, string> = {};
  for (const name in attributes) {
    if (name.startsWith('xmlns:')) continue;
    const own = localName(name);
    // The schema's attributes have no prefix; one of another vocabulary does not replace them.
    if (own === name || !(own in attributes)) local[own] = attributes[name] ?? '';
  }
  return local;
}
