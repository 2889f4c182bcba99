// Event XML that a converter turned into JSON, back to elements: one tolerant reader for the
// conventions for attributes, text and repeated elements. Conventions:
// `#attributes`/`NAME_attributes` (evtx_dump), `@a` (BadgerFish, syslog-ng), `@_a`
// (fast-xml-parser), `$`/`_` (xml2js), `_attributes`/`_text` (xml-js), `-a` (mxj), `_a`/`__text`
// (x2js), and attributes as plain fields beside `content` (XmlSimple) or `Value` (Go).
import { CUT_TAG, MAX_DEPTH } from '../limits.ts';
import type { XmlElement } from '../xml-tree.ts';
import { isObject, type Json, objectOf, scalarText, text } from './fields.ts';

/**
 * The kind of an element's place, which decides what its plain fields are: attributes in a leaf of
 * System, attributes beside a text in an item of EventData, children elsewhere.
 */
type Place = 'leaf' | 'item' | 'nest';

const ATTRIBUTE_KEYS = new Set(['#attributes', '_attributes', '$', ':@']);
const TEXT_KEYS = new Set(['#text', '_text', '__text', '$t', '$', '_', '#cdata-section', '__cdata', '_cdata']);
/**
 * Names of a text that may also be names of data: they count only where an element cannot have
 * children, or beside `Name`.
 */
const PLAIN_TEXT_KEYS = ['content', 'Value', 'value', 'text', 'Text'] as const;
const PREFIX = /^(?:@_?|-)(?=[^@])/u;
const SIBLING = '_attributes';

/** The elements of one name: several of a list, one of anything else. */
export function elementsOf(name: string, value: unknown, place: Place, tags: Set<string>): XmlElement[] {
  return elementsAt({ place, tags, depth: 1 }, name, value);
}

interface Context {
  readonly place: Place;
  readonly tags: Set<string>;
  /** Of lists and objects inside one another, from 1. */
  readonly depth: number;
}

function elementsAt(context: Context, name: string, value: unknown): XmlElement[] {
  const { place, tags, depth } = context;
  if (depth > MAX_DEPTH) {
    tags.add(CUT_TAG);
    return [];
  }
  if (Array.isArray(value)) return value.flatMap((item) => elementsAt({ ...context, depth: depth + 1 }, name, item));
  if (!isObject(value)) return [leaf(name, scalarText(value) ?? '')];
  const { attributes, texts, rest } = partsOf(value, place);
  const inner: Context = { place: 'nest', tags, depth: depth + 1 };
  const children = rest.flatMap(([key, item]) => elementsAt(inner, key, withSibling(item, value, key)));
  const [first = '', ...others] = texts;
  return [{ name, attributes, text: first, children }, ...others.map((text) => leaf(name, text, attributes))];
}

/** The items of EventData: named fields, `Data` as text, list, list of elements or map of names. */
export function dataElements(section: unknown, tags: Set<string>): XmlElement[] {
  if (Array.isArray(section))
    return section.flatMap((item) => dataElements(isItem(item) ? { Data: item } : item, tags));
  if (!isObject(section)) return scalarText(section) === undefined ? [] : elementsOf('Data', section, 'item', tags);
  return fieldsOf(section).flatMap(([name, item]) => {
    const value = withSibling(item, section, name);
    if (name === 'Data' && isObject(value) && !isItem(value)) return dataElements(value, tags);
    if (name !== 'Data' || !Array.isArray(value)) return elementsOf(name, value, 'item', tags);
    return value.flatMap((one) =>
      isObject(one) && !isItem(one) ? dataElements(one, tags) : elementsOf(name, one, 'item', tags),
    );
  });
}

/** The children of any other section. */
export function childElements(section: unknown, place: Place, tags: Set<string>): XmlElement[] {
  const parent = objectOf(single(section));
  return fieldsOf(parent).flatMap(([name, item]) => elementsOf(name, withSibling(item, parent, name), place, tags));
}

/** The attribute `Name` of a section, if any. */
export function sectionName(parent: Json, section: string): XmlElement['attributes'] {
  const value = withSibling(single(parent[section]), parent, section);
  if (!isObject(value)) return {};
  const groups = [...ATTRIBUTE_KEYS].map((key) => objectOf(value[key])['Name']);
  const own = ['@Name', '@_Name', '-Name', '_Name'].map((key) => value[key]);
  const name = [...groups, ...own].map(text).find((item) => item !== undefined);
  return name === undefined ? {} : { Name: name };
}

/** The value of a list of one, as from a converter that makes a list of every element. */
export function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function leaf(name: string, text: string, attributes: XmlElement['attributes'] = {}): XmlElement {
  return { name, attributes, text, children: [] };
}

/** Whether a value is one element `Data` and not a map of names. */
function isItem(value: unknown): boolean {
  if (!isObject(value)) return true;
  const keys = Object.keys(value);
  if (keys.length === 0 || keys.some((key) => PREFIX.test(key) || key === '_Name' || isMarked(key, value[key])))
    return true;
  return 'Name' in value && keys.every((key) => key === 'Name' || isPlainText(key)) && keys.length === 2;
}

function isMarked(key: string, item: unknown): boolean {
  return TEXT_KEYS.has(key) || (ATTRIBUTE_KEYS.has(key) && isObject(item));
}

function isPlainText(key: string): boolean {
  return (PLAIN_TEXT_KEYS as readonly string[]).includes(key);
}

interface Parts {
  readonly attributes: Record<string, string>;
  readonly texts: string[];
  readonly rest: (readonly [string, unknown])[];
}

function partsOf(value: Json, place: Place): Parts {
  const parts: Parts = { attributes: Object.create(null) as Record<string, string>, texts: [], rest: [] };
  const isAlone = place === 'leaf' || (place === 'item' ? isItem(value) : isUnderscored(value));
  for (const [key, item] of Object.entries(value)) addPart(parts, isAlone, [key, item]);
  for (const key of Object.keys(value)) addOrphan(parts, value, key);
  return parts;
}

/** Whether everything in it is x2js's attributes and text, so that it has no children. */
function isUnderscored(value: Json): boolean {
  return Object.keys(value).every((key) => key.startsWith('_'));
}

function addPart(parts: Parts, isAlone: boolean, [key, item]: readonly [string, unknown]): void {
  const isPlain = isAlone && !isObject(item);
  if (ATTRIBUTE_KEYS.has(key) && isObject(item))
    for (const [name, given] of Object.entries(item)) setAttribute(parts, name.replace(PREFIX, ''), given);
  else if (TEXT_KEYS.has(key) || (isPlain && isPlainText(key))) parts.texts.push(...textsOf(item));
  else if (PREFIX.test(key)) setAttribute(parts, key.replace(PREFIX, ''), item);
  else if (isPlain) setAttribute(parts, key.replace(/^_/u, ''), single(item));
  else if (!isSibling(key, item)) parts.rest.push([key, item]);
}

/** `NAME_attributes` without a NAME: an element with nothing but attributes. */
function addOrphan({ rest }: Parts, value: Json, key: string): void {
  if (!isSibling(key, value[key]) || key === SIBLING) return;
  const name = key.slice(0, -SIBLING.length);
  if (!(name in value)) rest.push([name, null]);
}

function isSibling(key: string, item: unknown): boolean {
  return key.endsWith(SIBLING) && isObject(item);
}

function setAttribute({ attributes }: Parts, name: string, value: unknown): void {
  if (/^xmlns(?::|$)/u.test(name)) return;
  const text = scalarText(value);
  if (text !== undefined) attributes[name] = text;
}

function textsOf(item: unknown): string[] {
  if (!Array.isArray(item)) return [scalarText(item) ?? ''];
  return item.map((one) => scalarText(one) ?? '');
}

/** Fields that are elements, including those with attributes only. */
function fieldsOf(section: Json): readonly (readonly [string, unknown])[] {
  const parts: Parts = { attributes: {}, texts: [], rest: [] };
  for (const [key, item] of Object.entries(section)) {
    if (isMarked(key, item) || PREFIX.test(key) || /^xmlns(?::|$)/u.test(key) || isSibling(key, item)) continue;
    parts.rest.push([key, item]);
  }
  for (const key of Object.keys(section)) addOrphan(parts, section, key);
  return parts.rest;
}

/** The value with the attributes next to it. */
function withSibling(value: unknown, parent: Json, name: string): unknown {
  const beside = parent[`${name}${SIBLING}`];
  if (!isObject(beside)) return value;
  return isObject(value)
    ? { ...value, '#attributes': { ...beside, ...objectOf(value['#attributes']) } }
    : { '#attributes': beside, '#text': value };
}
