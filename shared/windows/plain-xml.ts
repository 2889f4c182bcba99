// A fast reader of XML as Windows writes it, in one pass: elements, attributes, text and
// references, no other part of XML. Other and malformed XML is left to the strict parser, which
// reads it or reports the error; where this one reads, both give the same tree.
import { MAX_DEPTH, MAX_ELEMENTS } from './limits.ts';
import { nameAt } from './xml-names.ts';
import { localAttributes, type XmlElement } from './xml-tree.ts';

interface Scan {
  readonly text: string;
  at: number;
  /** The place of the next reference from `at` on; the text's length if there is none. */
  reference: number;
  readonly open: XmlElement[];
  /** The names of the open elements with their prefixes: an end tag has to have the same. */
  readonly names: string[];
  root: XmlElement | undefined;
  count: number;
}

const NAME_START = 1;
const NAME_PART = 2;
const WHITE = 4;
/**
 * The class of each ASCII character. A name with others, or with a leading underscore, is legal but
 * not plain.
 */
const KINDS = new Uint8Array(128);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
  KINDS[letter.charCodeAt(0)] = NAME_START | NAME_PART;
for (const part of '0123456789.-_:') KINDS[part.charCodeAt(0)] = NAME_PART;
for (const white of ' \t\n') KINDS[white.charCodeAt(0)] = WHITE;

const [BLANK, QUOTE, APOSTROPHE, SLASH, LESS, EQUALS, GREATER] = [0x20, 0x22, 0x27, 0x2f, 0x3c, 0x3d, 0x3e];
/** Writers of log files as XML put it before each event. Source: XML 1.0 section 2.8. */
const DECLARATION = /^<\?xml version=(["'])1\.0\1(?: encoding=(["'])[A-Za-z][\w.-]*\2)? ?\?>/u;
const REFERENCE = /^&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([\dA-Fa-f]{1,6}));/u;
const LONGEST_REFERENCE = 10;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});

/**
 * The root element, or undefined for the strict parser. `given` has no character that XML forbids,
 * nor a reference to one.
 * Source: XML 1.0 sections 2.4, 2.11, 3.1, 3.3.3 and 4.1.
 */
export function parsePlainXml(given: string): XmlElement | undefined {
  const text = given.includes('\r') ? given.replaceAll(/\r\n?/gu, '\n') : given;
  // Marked sections, and their end where none began; everything else that is not plain shows at its
  // `<`.
  if (text.includes(']]>')) return undefined;
  const scan: Scan = {
    text,
    at: endOfDeclaration(text),
    reference: -1,
    open: [],
    names: [],
    root: undefined,
    count: 0,
  };
  for (;;) {
    const tag = text.indexOf('<', scan.at);
    if (!takeText(scan, tag === -1 ? text.length : tag)) return undefined;
    if (tag === -1) return scan.open.length === 0 ? scan.root : undefined;
    const isPlain = text.charCodeAt(tag + 1) === SLASH ? takeEndTag(scan, tag) : takeStartTag(scan, tag);
    if (!isPlain) return undefined;
  }
}

function endOfDeclaration(text: string): number {
  return text.startsWith('<?') ? (DECLARATION.exec(text)?.[0].length ?? 0) : 0;
}

/** Text up to `end`; outside of the root only white space may stand. */
function takeText(scan: Scan, end: number): boolean {
  if (end === scan.at) return true;
  const element = scan.open.at(-1);
  if (element === undefined) return skipWhite(scan.text, scan.at) >= end;
  const value = resolved(scan, scan.at, end);
  if (value === undefined) return false;
  element.text += value;
  return true;
}

function takeEndTag(scan: Scan, tag: number): boolean {
  const name = scan.names.pop();
  scan.open.pop();
  if (name === undefined || !scan.text.startsWith(name, tag + 2)) return false;
  const end = skipWhite(scan.text, tag + 2 + name.length);
  scan.at = end + 1;
  return scan.text.charCodeAt(end) === GREATER;
}

function takeStartTag(scan: Scan, tag: number): boolean {
  const { text, open } = scan;
  scan.count += 1;
  if (open.length >= MAX_DEPTH || scan.count > MAX_ELEMENTS) return false;
  if (scan.root !== undefined && open.length === 0) return false;
  const nameEnd = endOfName(text, tag + 1);
  if (nameEnd === -1) return false;
  scan.at = nameEnd;
  const attributes = takeAttributes(scan);
  if (attributes === undefined) return false;
  const { whole, local } = nameAt(text, tag + 1, nameEnd);
  const element: XmlElement = { name: local, attributes, text: '', children: [] };
  open.at(-1)?.children.push(element);
  scan.root ??= element;
  const isEmpty = text.charCodeAt(scan.at) === SLASH;
  if (isEmpty) scan.at += 1;
  else {
    open.push(element);
    scan.names.push(whole);
  }
  scan.at += 1;
  return text.charCodeAt(scan.at - 1) === GREATER;
}

/** The attributes up to the tag's end or the slash before it. */
function takeAttributes(scan: Scan): Readonly<Record<string, string>> | undefined {
  const { text } = scan;
  let attributes: Record<string, string> | undefined;
  let hasPrefix = false;
  for (;;) {
    const start = skipWhite(text, scan.at);
    const first = text.charCodeAt(start);
    if (first === GREATER || first === SLASH) {
      scan.at = start;
      if (attributes === undefined) return NO_ATTRIBUTES;
      return hasPrefix ? localAttributes(attributes) : attributes;
    }
    // White space is required before each.
    const nameEnd = start === scan.at ? -1 : endOfName(text, start);
    if (nameEnd === -1) return undefined;
    const { whole: name, local } = nameAt(text, start, nameEnd);
    const value = takeValue(scan, nameEnd);
    attributes ??= {};
    if (value === undefined || Object.hasOwn(attributes, name)) return undefined;
    attributes[name] = value;
    hasPrefix ||= name !== local;
  }
}

/** `="…"` or `='…'` from `from` on, its references resolved. */
function takeValue(scan: Scan, from: number): string | undefined {
  const { text } = scan;
  const equals = skipWhite(text, from);
  if (text.charCodeAt(equals) !== EQUALS) return undefined;
  const start = skipWhite(text, equals + 1);
  const quote = text.charCodeAt(start);
  if (quote !== QUOTE && quote !== APOSTROPHE) return undefined;
  const end = endOfValue(text, start + 1, quote);
  scan.at = end + 1;
  return end === -1 ? undefined : resolved(scan, start + 1, end);
}

/**
 * The place of the quote, or -1 if a character that is not plain in a value comes first: the
 * beginning of a tag, or a tab or line end, which would become a blank.
 */
function endOfValue(text: string, from: number, quote: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code < BLANK || code === LESS) return -1;
  }
  return -1;
}

function endOfName(text: string, from: number): number {
  if (((KINDS[text.charCodeAt(from)] ?? 0) & NAME_START) === 0) return -1;
  let at = from + 1;
  while (((KINDS[text.charCodeAt(at)] ?? 0) & NAME_PART) !== 0) at += 1;
  // A letter beyond ASCII continues the name.
  return text.charCodeAt(at) < KINDS.length ? at : -1;
}

function skipWhite(text: string, from: number): number {
  let at = from;
  while (KINDS[text.charCodeAt(at)] === WHITE) at += 1;
  return at;
}

/**
 * The text between two places with its references resolved; most texts have none and are returned
 * unchanged.
 */
function resolved(scan: Scan, from: number, end: number): string | undefined {
  const { text } = scan;
  if (scan.reference < from) {
    const next = text.indexOf('&', from);
    scan.reference = next === -1 ? text.length : next;
  }
  const value = text.slice(from, end);
  return scan.reference < end ? withoutReferences(value) : value;
}

/** The text with its references resolved, or undefined when one is none of XML's own. */
function withoutReferences(text: string): string | undefined {
  let from = text.indexOf('&');
  if (from === -1) return text;
  let value = text.slice(0, from);
  while (from !== -1) {
    const [reference, name, decimal, hexadecimal] = REFERENCE.exec(text.slice(from, from + LONGEST_REFERENCE)) ?? [];
    if (reference === undefined) return undefined;
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
    if (name === undefined && code > 0x10_ff_ff) return undefined;
    value += name === undefined ? String.fromCodePoint(code) : (ENTITIES[name] ?? '');
    const next = text.indexOf('&', from + reference.length);
    value += text.slice(from + reference.length, next === -1 ? undefined : next);
    from = next;
  }
  return value;
}
