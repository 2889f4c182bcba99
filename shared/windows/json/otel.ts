// OpenTelemetry's windows event log receiver: the body of a log record, alone, inside its record, or in OTLP's JSON of a single record.
// Source: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/windowseventlogreceiver.
import type { EventUser, ReadResult } from '../../contracts/windows-event.ts';
import { processingError } from '../processing-error.ts';
import { traceOf } from '../trace-fields.ts';
import { boundedData, boundedPairs } from './bounded-data.ts';
import { eventOfXml } from './embedded-xml.ts';
import { isObject, type Json, objectOf, scalarText, text, textList, whole } from './fields.ts';
import { insertData, joinedData } from './inserts.ts';
import { bad, eventOf, messageText, userOf, timeOf } from './system-fields.ts';

/** The audit bits by the names that the receiver has in place of the mask when the event came rendered. */
const MASK_OF_NAME: ReadonlyMap<string, bigint> = new Map([
  ['Audit Success', 0x20_0000_0000_0000n],
  ['Audit Failure', 0x10_0000_0000_0000n],
  ['Classic', 0x80_0000_0000_0000n],
]);

/** Whether it is such a body or holds one. */
export function isOtel(value: Json): boolean {
  const body = bodyOf(value);
  return typeof body === 'string' || isObject(body);
}

/** Reads such an event. Where the receiver took a Security message apart, only its first line is left of it. Never throws. */
export function readOtel(value: Json): ReadResult {
  const body = bodyOf(value);
  if (typeof body === 'string')
    return eventOfXml('opentelemetry', body, {}) ?? bad('the XML in the body is not a whole event');
  const fields = objectOf(body);
  const [id, provider] = [objectOf(fields['event_id']), objectOf(fields['provider'])];
  const execution = objectOf(fields['execution']);
  const correlation = objectOf(fields['correlation']);
  const failure = objectOf(fields['processing_error_data']);
  const rendering = objectOf(fields['rendering_info']);
  const tags = new Set<string>();
  return eventOf(
    'opentelemetry',
    {
      provider: text(provider['name']) ?? provider['event_source'],
      providerGuid: provider['guid'],
      eventId: id['id'],
      qualifiers: id['qualifiers'],
      version: fields['version'],
      ...namesOf(rendering),
      level: levelOf(value),
      ...numberOrName('level', fields['level'], 0xff),
      ...numberOrName('task', fields['task'], 0xff_ff),
      ...numberOrName('opcode', fields['opcode'], 0xff),
      ...keywordsOf(fields['keywords']),
      time: timeOf(fields['system_time'], tags),
      recordId: fields['record_id'],
      activityId: correlation['activity_id'],
      relatedActivityId: correlation['related_activity_id'],
      processId: execution['process_id'],
      threadId: execution['thread_id'],
      trace: traceOf((_attribute, field) => execution[field]),
      channel: fields['channel'],
      computer: fields['computer'],
      user: userFor(objectOf(fields['security'])),
      message: messageText(rendering['message']) ?? fields['message'],
    },
    {
      eventData: dataOf(fields['event_data'], tags),
      userData: userDataOf(fields['user_data'], tags),
      error: processingError(failure['error_code'], failure['data_item_name']),
      tags,
    },
  );
}

/** The body: an object with the receiver's fields, or a text that is XML. Undefined when there is neither. */
function bodyOf(value: Json): Json | string | undefined {
  const given = value['body'] ?? value['Body'];
  const plain = given === undefined ? value : plainOf(given, MAX_WRAPPING);
  const wrapped = objectOf(plain);
  const xml = text(wrapped['text']);
  const body = isObject(wrapped['structured']) ? wrapped['structured'] : isXml(xml) ? xml : plain;
  if (typeof body === 'string') return isXml(body) ? body : undefined;
  return isObject(body) && isObject(body['event_id']) && isObject(body['provider']) ? body : undefined;
}

function isXml(value: string | undefined): boolean {
  return value !== undefined && /^\s*</u.test(value);
}

/** Level numbers by the first severity of each range that the log data model has: trace and debug, info, warn, error, fatal. */
const LEVEL_OF_SEVERITY: readonly (readonly [number, number])[] = [
  [21, 1],
  [17, 2],
  [13, 3],
  [9, 4],
  [1, 5],
];

/** By the severity of the record around the body, which the receiver sets from the number and not from the name in the machine's language. */
function levelOf(record: Json): number | undefined {
  const severity = whole(record['severityNumber'] ?? record['severity_number'] ?? record['SeverityNumber'], 24);
  return severity === undefined ? undefined : LEVEL_OF_SEVERITY.find(([first]) => severity >= first)?.[1];
}

/** The names of the rendering, where the fields have the numbers. */
function namesOf(rendering: Json): Readonly<Record<string, unknown>> {
  return {
    levelName: rendering['level'],
    taskName: rendering['task'],
    opcodeName: rendering['opcode'],
    keywordNames: textList(rendering['keywords']),
  };
}

const MAX_WRAPPING = 8;
const KINDS = ['stringValue', 'intValue', 'doubleValue', 'boolValue', 'bytesValue'] as const;

/** OTLP's JSON wraps each value in its kind (opentelemetry-proto, common/v1: AnyValue); other values are given back as they are. */
function plainOf(value: unknown, depth: number): unknown {
  if (!isObject(value) || depth === 0) return value;
  const kind = KINDS.find((name) => name in value);
  if (kind !== undefined) return value[kind];
  const map = objectOf(value['kvlistValue'])['values'];
  if (Array.isArray(map)) {
    const pairs = map
      .filter(isObject)
      .map((pair): [string, unknown] => [scalarText(pair['key']) ?? '', plainOf(pair['value'], depth - 1)]);
    return Object.fromEntries(pairs);
  }
  const list = objectOf(value['arrayValue'])['values'];
  return Array.isArray(list) ? list.map((item) => plainOf(item, depth - 1)) : value;
}

/** The receiver writes the rendered name over the number where there is one. */
function numberOrName(
  key: 'level' | 'task' | 'opcode',
  value: unknown,
  most: number,
): Readonly<Record<string, unknown>> {
  const number = whole(value, most);
  return number === undefined ? { [`${key}Name`]: value } : { [key]: number };
}

/** A list of the mask, or of the rendered names. */
function keywordsOf(value: unknown) {
  const list = textList(Array.isArray(value) ? value : [value]) ?? [];
  const first = list[0];
  if (first === undefined) return {};
  if (/^(?:0x[\da-f]+|\d+)$/iu.test(first)) return { keywords: first };
  const mask = list.reduce((sum, name) => sum | (MASK_OF_NAME.get(name) ?? 0n), 0n);
  return { keywordNames: list, ...(mask === 0n ? {} : { keywords: String(mask) }) };
}

function userFor(security: Json): EventUser | undefined {
  const user: { -readonly [K in keyof EventUser]: EventUser[K] } = { ...userOf(security['user_id']) };
  const [name, domain] = [text(security['user_name']), text(security['domain'])];
  if (name !== undefined) user.name = name;
  if (domain !== undefined) user.domain = domain;
  return Object.keys(user).length === 0 ? undefined : user;
}

/** A map of names, with `param1` and so on for the unnamed; or, of other builds, `data` as a list of one-name maps, the name empty for the unnamed. */
function dataOf(section: unknown, tags: Set<string>) {
  if (!isObject(section)) return undefined;
  const { data: list, binary, name: _name, ...others } = section;
  const more = binary === undefined ? [] : [['Binary', binary] as const];
  // Beside a list, `name` is the section's own; in a map it may as well be of the event.
  if (!Array.isArray(list)) {
    const { binary: _binary, ...named } = section;
    return boundedPairs([...Object.entries(named), ...more], tags);
  }
  const isPlain = list.length > 0 && list.every((item) => scalarText(item) !== undefined);
  if (isPlain)
    return joinedData(boundedPairs([...Object.entries(others), ...more], tags), insertData(list, tags), tags);
  const pairs = list.flatMap((item, index) =>
    Object.entries(objectOf(item)).map(([key, value]) => [key === '' ? `param${index + 1}` : key, value] as const),
  );
  return boundedPairs([...Object.entries(others), ...pairs, ...more], tags);
}

/** `name` and `data`, or in other builds the pairs themselves beside `xml_name`. */
function userDataOf(section: unknown, tags: Set<string>) {
  if (!isObject(section)) return undefined;
  const { xml_name: xmlName, ...others } = section;
  const isWrapped = isObject(section['data']);
  const values = boundedData(isWrapped ? section['data'] : others, tags);
  if (values === undefined) return undefined;
  return { xmlName: text(isWrapped ? section['name'] : xmlName) ?? '', values };
}
