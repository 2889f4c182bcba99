// OpenTelemetry's windows event log receiver: the body of a log record, alone, inside its record,
// or in OTLP's JSON of a single record.
// Source: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/windowseventlogreceiver.
import type { EventUser, ReadResult } from '../../contracts/windows-event.ts';
import { processingError } from '../processing-error.ts';
import { traceOf } from '../trace-fields.ts';
import { boundedData, boundedPairs } from './bounded-data.ts';
import { eventOfXml } from './embedded-xml.ts';
import { isObject, type Json, objectOf, scalarText, text, textList, whole } from './fields.ts';
import { insertData, joinedData } from './inserts.ts';
import { keywordsOf } from './keywords.ts';
import { bad, eventOf, messageText, userOf, timeOf } from './system-fields.ts';

/** Whether it is such a body or holds one. */
export function isOtel(value: Json): boolean {
  const body = bodyOf(value);
  return typeof body === 'string' || isObject(body);
}

/**
 * Reads such an event. Of a Security message that the receiver parsed, only the first line is left.
 * Never throws.
 */
export function readOtel(value: Json): ReadResult {
  const body = bodyOf(value);
  if (typeof body === 'string')
    return eventOfXml('opentelemetry', body, {}) ?? bad('the XML in the body is not a whole event');
  const fields = objectOf(body);
  const original = eventOfXml('opentelemetry', originalOf(value), { message: messageOf(fields) });
  return original ?? readBody(fields, levelOf(value));
}

function readBody(fields: Json, level: number | undefined): ReadResult {
  // The first builds wrote the number alone.
  const id = isObject(fields['event_id']) ? fields['event_id'] : { id: fields['event_id'] };
  const provider = objectOf(fields['provider']);
  const execution = objectOf(fields['execution']);
  const correlation = objectOf(fields['correlation']);
  const failure = objectOf(fields['processing_error_data']);
  const tags = new Set<string>();
  return eventOf(
    'opentelemetry',
    {
      provider: text(provider['name']) ?? provider['event_source'],
      providerGuid: provider['guid'],
      eventId: id['id'],
      qualifiers: id['qualifiers'],
      version: fields['version'],
      ...namesOf(objectOf(fields['rendering_info'])),
      level,
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
      message: messageOf(fields),
    },
    {
      eventData: dataOf(fields['event_data'], tags),
      userData: userDataOf(fields['user_data'], tags),
      moreData: moreDataOf(fields, tags),
      error: processingError(failure['error_code'], failure['data_item_name']),
      tags,
    },
  );
}

/**
 * The body: an object with the receiver's fields, or a text that is XML. Undefined when there is
 * neither.
 */
function bodyOf(value: Json): Json | string | undefined {
  const given = value['body'] ?? value['Body'];
  const plain = given === undefined ? value : plainOf(given, MAX_WRAPPING);
  const wrapped = objectOf(plain);
  const xml = text(wrapped['text']);
  // With other fields, a text is one of them.
  const isBody = given !== undefined;
  const body = isObject(wrapped['structured']) ? wrapped['structured'] : isBody && isXml(xml) ? xml : plain;
  if (typeof body === 'string') return isXml(body) ? body : undefined;
  return isObject(body) && isObject(body['provider']) && isEventId(body['event_id']) ? body : undefined;
}

function isEventId(value: unknown): boolean {
  return isObject(value) || typeof value === 'number';
}

/** The value of a record's body without the wrapping of OTLP, whoever's event it is. */
export function plainBody(value: unknown): unknown {
  return plainOf(value, MAX_WRAPPING);
}

function isXml(value: string | undefined): boolean {
  return value !== undefined && /^\s*</u.test(value);
}

/**
 * Level numbers by the first severity of each range that the log data model has: trace and debug,
 * info, warn, error, fatal.
 */
const LEVEL_OF_SEVERITY: readonly (readonly [number, number])[] = [
  [21, 1],
  [17, 2],
  [13, 3],
  [9, 4],
  [1, 5],
];

/**
 * The level by the record's severity, which the receiver sets from the number and not from the
 * localised name.
 */
function levelOf(record: Json): number | undefined {
  const severity = severityOf(record['severityNumber'] ?? record['severity_number'] ?? record['SeverityNumber']);
  return severity === undefined ? undefined : LEVEL_OF_SEVERITY.find(([first]) => severity >= first)?.[1];
}

/**
 * The number, which protobuf's JSON may write as the name of an enumeration:
 * `SEVERITY_NUMBER_ERROR2`.
 */
function severityOf(value: unknown): number | undefined {
  const [, name = '', step = '1'] =
    /^SEVERITY_NUMBER_(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)([2-4])?$/u.exec(text(value) ?? '') ?? [];
  const first = FIRST_SEVERITY[name];
  return first === undefined ? whole(value, 24) : first + Number(step) - 1;
}

const FIRST_SEVERITY: Readonly<Record<string, number>> = {
  TRACE: 1,
  DEBUG: 5,
  INFO: 9,
  WARN: 13,
  ERROR: 17,
  FATAL: 21,
};

/** The event's XML, which the receiver adds to the record with `include_log_record_original`. */
function originalOf(record: Json): unknown {
  const given = record['attributes'] ?? record['Attributes'];
  const attributes = Array.isArray(given) ? objectOf(plainOf({ kvlistValue: { values: given } }, 2)) : objectOf(given);
  return attributes['log.record.original'] ?? attributes['log_record_original'];
}

/**
 * The whole message. Builds of 2026 make one of the named data where Windows had none; that one is
 * dropped.
 */
function messageOf(fields: Json): unknown {
  const whole = messageText(objectOf(fields['rendering_info'])['message']);
  const message = text(fields['message']);
  return whole ?? (message === undefined || isMadeUp(message, fields['event_data']) ? undefined : message);
}

/**
 * Whether a text is only `Name: value` pairs of the data joined with commas, in any order, because
 * a map loses the order.
 */
function isMadeUp(message: string, section: unknown): boolean {
  const { data: list, binary: _binary, name: _name, ...others } = objectOf(section);
  const items = Array.isArray(list) ? list.flatMap((item) => Object.entries(objectOf(item))) : Object.entries(others);
  const parts = items
    .filter(([name, value]) => name !== '' && value !== '')
    .map(([name, value]) => `${name}: ${scalarText(value) ?? ''}`);
  const length = parts.reduce((sum, part) => sum + part.length + 2, -2);
  return parts.length > 0 && message.length === length && parts.every((part) => message.includes(part));
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

/**
 * OTLP's JSON wraps each value in its kind (opentelemetry-proto, common/v1: AnyValue); other values
 * are given back as they are.
 */
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

function userFor(security: Json): EventUser | undefined {
  const user: { -readonly [K in keyof EventUser]: EventUser[K] } = { ...userOf(security['user_id']) };
  const [name, domain] = [text(security['user_name']), text(security['domain'])];
  if (name !== undefined) user.name = name;
  if (domain !== undefined) user.domain = domain;
  return Object.keys(user).length === 0 ? undefined : user;
}

/**
 * A map of names, with `param1` and so on for the unnamed; or, of other builds, `data` as a list of
 * one-name maps, the name empty for the unnamed.
 */
function dataOf(section: unknown, tags: Set<string>) {
  if (!isObject(section)) return undefined;
  const { data: list, binary, name: _name, ...others } = section;
  const more = binary === undefined ? [] : [['Binary', binary] as const];
  // Next to a list, `name` is that of the section; in a map it may be data of the event.
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

/** The schema's names of fields that the receiver names differently. */
const DEBUG_NAMES: Readonly<Record<string, string>> = {
  sequence_number: 'SequenceNumber',
  flag_name: 'FlagsName',
  level_name: 'LevelName',
  component: 'Component',
  sub_component: 'SubComponent',
  file_line: 'FileLine',
  function: 'Function',
  message: 'Message',
};

function moreDataOf(fields: Json, tags: Set<string>) {
  const section = objectOf(fields['event_data']);
  const debug = Object.entries(objectOf(fields['debug_data'])).filter(([, value]) => value !== 0);
  return boundedPairs(
    [
      ...(Array.isArray(section['data']) ? [['xml_name', section['name']] as const] : []),
      ['BinaryEventData', fields['binary_event_data']],
      ...debug.map(([name, value]) => [`DebugData.${DEBUG_NAMES[name] ?? name}`, value] as const),
      ['EventPayload', objectOf(fields['processing_error_data'])['event_payload']],
    ],
    tags,
  );
}

/** `name` and `data`, or in other builds the pairs themselves with `xml_name`. */
function userDataOf(section: unknown, tags: Set<string>) {
  if (!isObject(section)) return undefined;
  const { xml_name: xmlName, ...others } = section;
  const isWrapped = isObject(section['data']);
  const values = boundedData(isWrapped ? section['data'] : others, tags);
  if (values === undefined) return undefined;
  return { xmlName: text(isWrapped ? section['name'] : xmlName) ?? '', values };
}
