// Event XML turned to JSON element by element, as evtx_dump, converters of many languages, and
// shippers that use one write it; OpenWEC's JSON has the same structure.
// Sources: https://github.com/omerbenamram/evtx, https://github.com/cea-sec/openwec,
// https://github.com/Velocidex/evtx, https://github.com/0xrawsec/golang-evtx,
// https://axoflow.com/docs/axosyslog-core/chapter-parsers/windows-eventlog-xml-parser,
// https://github.com/DataDog/datadog-agent (windowsevent tailer).
import type { EventForm, ReadResult } from '../../contracts/windows-event.ts';
import { readEventTree } from '../xml.ts';
import type { XmlElement } from '../xml-tree.ts';
import { isObject, type Json, objectOf, scalarText, text } from './fields.ts';
import { maskOf } from './system-fields.ts';
import { childElements, dataElements, elementsOf, sectionName, single } from './xml-object.ts';

/** Whether it has `Event.System`, or `System` with an event id. */
export function isEvtxDump(value: Json): boolean {
  const event = single(value['Event']);
  if (isObject(event)) return isObject(single(event['System']));
  const system = single(value['System']);
  return isObject(system) && 'EventID' in system;
}

/** Reads such an event. Never throws. */
export function readEvtxDump(value: Json): ReadResult {
  const wrapped = single(value['Event']);
  const event = isObject(wrapped) ? wrapped : value;
  const form: EventForm = 'OpenWEC' in value ? 'openwec' : 'evtx-json';
  const tags = new Set<string>();
  const system = systemOf(objectOf(single(event['System'])), tags);
  const root: XmlElement = { name: 'Event', attributes: {}, text: '', children: [system] };
  const add = (name: string, children: XmlElement[], attributes: XmlElement['attributes'] = {}): void => {
    const isThere = children.length > 0 || Object.keys(attributes).length > 0;
    if (isThere) root.children.push({ name, attributes, text: '', children });
  };
  add('EventData', dataElements(event['EventData'], tags), sectionName(event, 'EventData'));
  const userData = scalarText(single(event['UserData']));
  if (userData === undefined) add('UserData', childElements(event['UserData'], 'nest', tags));
  else root.children.push({ name: 'UserData', attributes: {}, text: userData, children: [] });
  add('RenderingInfo', renderingOf(objectOf(single(event['RenderingInfo'])), { system, event, value, tags }));
  add('ProcessingErrorData', childElements(event['ProcessingErrorData'], 'leaf', tags));
  add('DebugData', childElements(event['DebugData'], 'leaf', tags));
  const binary = event['BinaryEventData'];
  if (binary !== undefined) root.children.push(...elementsOf('BinaryEventData', binary, 'leaf', tags));
  return readEventTree(root, { form, tags });
}

/** Attributes that some writers put in place of the element, or next to it. */
const ONLY_ATTRIBUTE: Readonly<Record<string, string>> = {
  Provider: 'Name',
  TimeCreated: 'SystemTime',
  Security: 'UserID',
};

/**
 * Attributes that some writers put into fields next to their element: `Provider_Name`,
 * `TimeCreated.SystemTime`.
 */
const FLAT = /^(Provider|EventID|TimeCreated|Correlation|Execution|Security)(?:[_.]|_?@)(\w+)$/u;

function withoutFlat(system: Json): Json {
  if (!Object.keys(system).some((name) => FLAT.test(name))) return system;
  const whole: Record<string, unknown> = {};
  const attributes: Record<string, Record<string, unknown>> = {};
  for (const [name, item] of Object.entries(system)) {
    const [, element, attribute] = isObject(item) ? [] : (FLAT.exec(name) ?? []);
    if (element === undefined || attribute === undefined) whole[name] = item;
    else (attributes[element] ??= {})[attribute] = item;
  }
  for (const [element, given] of Object.entries(attributes)) {
    const present = whole[element];
    whole[element] = isObject(present)
      ? { ...present, '#attributes': given }
      : { '#attributes': given, '#text': present };
  }
  return whole;
}

function systemOf(given: Json, tags: Set<string>): XmlElement {
  const system = withoutFlat(given);
  const children = childElements(system, 'leaf', tags).map((element) => {
    const only = ONLY_ATTRIBUTE[element.name];
    const isOnly = only !== undefined && element.text.trim() !== '' && element.attributes[only] === undefined;
    const attributes = isOnly ? { ...element.attributes, [only]: element.text.trim() } : element.attributes;
    if (element.name === 'EventID') return { ...element, attributes: { ...qualifiersOf(system), ...attributes } };
    if (element.name === 'TimeCreated') return { ...element, attributes: withMs(attributes) };
    return { ...element, attributes, text: element.name === 'Keywords' ? unsigned(element.text) : element.text };
  });
  return { name: 'System', attributes: {}, text: '', children };
}

/** Seconds since 1970 as a number have lost the zeros at their end. */
function withMs(attributes: XmlElement['attributes']): XmlElement['attributes'] {
  const [, seconds = '', digits = ''] = /^(\d{9,10}\.)(\d{1,2})$/u.exec(attributes['SystemTime'] ?? '') ?? [];
  return digits === '' ? attributes : { ...attributes, SystemTime: `${seconds}${digits.padEnd(3, '0')}` };
}

function qualifiersOf(system: Json): Readonly<Record<string, string>> {
  const given = scalarText(system['EventIDQualifiers'] ?? system['EventIDQualifier']);
  return given === undefined ? {} : { Qualifiers: given };
}

/**
 * The mask as digits, for signed and unsigned forms of its 64 bits; the reader handles other texts.
 */
function unsigned(mask: string): string {
  const read = /^-?\d/u.test(mask.trim()) && !/^0x/iu.test(mask.trim()) ? maskOf(mask) : undefined;
  return typeof read === 'bigint' ? String(read) : mask;
}

interface Surroundings {
  readonly system: XmlElement;
  readonly event: Json;
  readonly value: Json;
  readonly tags: Set<string>;
}

/** The rendering, with its parts that a writer puts elsewhere or in place of a number of System. */
function renderingOf(rendering: Json, { system, event, value, tags }: Surroundings): XmlElement[] {
  const { Keywords: keywords, ...others } = rendering;
  const children = childElements(others, 'leaf', tags);
  const fill = (name: string, given: unknown): void => {
    const present = children.find((child) => child.name === name);
    const filled = text(given);
    if (filled !== undefined && (present === undefined || present.text === '')) {
      if (present === undefined) children.push({ name, attributes: {}, text: filled, children: [] });
      else present.text = filled;
    }
  };
  fill('Message', event['Message'] ?? event['message'] ?? value['Message'] ?? value['message']);
  for (const { name, text: given } of system.children)
    if (NAMED.has(name) && /\p{L}/u.test(given) && !/^0x/iu.test(given)) fill(name, given);
  if (event !== value) fill('Level', value['level']);
  const words = single(keywords);
  const named = isObject(words) ? (words['Keyword'] ?? words['#text']) : keywords;
  const given = [named].flat().filter((one) => isObject(one) || text(one) !== undefined);
  const names = elementsOf('Keyword', given, 'leaf', tags).filter((one) => one.text !== '');
  if (names.length > 0) children.push({ name: 'Keywords', attributes: {}, text: '', children: names });
  return children;
}

/** Fields of System that some writers give by name. */
const NAMED = new Set(['Level', 'Task', 'Opcode']);
