// Reads one event in any form, recognised by its content, not by the sender's declaration.
import type { RawEncoding } from '../contracts/raw-event.ts';
import type { ReadResult } from '../contracts/windows-event.ts';
import { hazardsOf, LOSSY_INTEGER, TOO_DEEP } from './json/depth.ts';
import { withExactIntegers } from './json/exact-integers.ts';
import { isObject, type Json } from './json/fields.ts';
import { plainBody } from './json/otel.ts';
import { type Shape, SHAPES } from './json/shapes.ts';
import { readOrdinary } from './json/winlogbeat.ts';
import { MAX_DOCUMENT_DEPTH } from './limits.ts';
import { isOrdinary } from './ordinary.ts';
import { isSnare, readSnare } from './snare.ts';
import { isSplunkText, readSplunkText } from './splunk-text.ts';
import { isSyslog, syslogContentOf } from './syslog.ts';
import { decodeText, repairedText } from './text.ts';
import { mayBeIllFormed, repairTexts, TEXT_REPAIRED_TAG } from './well-formed.ts';
import { readEventXml } from './xml.ts';

/** Reads an event's bytes. Never throws: what is no event is `bad` with a reason. */
export function readEvent(bytes: Buffer, encoding: RawEncoding): ReadResult {
  const text = decodeText(bytes, encoding);
  if (text !== undefined) return readText(text);
  const repaired = repairedText(bytes, encoding);
  if (repaired === undefined)
    return { kind: 'bad', reason: 'invalid_event', detail: `the bytes are not valid ${encoding}` };
  return tagged(readText(repaired));
}

function readText(text: string): ReadResult {
  const first = firstOf(text);
  if (first === '{' || (first === '<' && !isSyslog(text))) return readMarkup(text, first);
  const content = syslogContentOf(text);
  if (content === undefined) return readMarkup(text, isSyslog(text) ? SYSLOG : first);
  const { payload, sentAt } = content;
  if (isSplunkText(payload)) return readSplunkText(payload, sentAt);
  return isSnare(payload) ? readSnare(payload, sentAt) : readMarkup(payload, payload[0]);
}

/** In place of the first character of a message that holds no event. */
const SYSLOG = 'syslog';

function readMarkup(text: string, first: string | undefined): ReadResult {
  if (first === '<') return readEventXml(text.trimStart());
  if (first === '{') return readJson(text, MAX_CARRIERS);
  return { kind: 'bad', reason: 'unknown_format', detail: NO_EVENT_TEXTS[first ?? ''] ?? OTHER_TEXT };
}

const OTHER_TEXT = 'it begins like neither XML nor a JSON object';
const NO_EVENT_TEXTS: Readonly<Record<string, string>> = {
  '': 'there is nothing but white space',
  [SYSLOG]: 'it is a syslog message with neither JSON nor event XML nor Snare’s or Splunk’s text in it',
};

/** The first character that is no white space. */
function firstOf(text: string): string | undefined {
  const first = text[0];
  return first === '{' || first === '<' ? first : /\S/u.exec(text)?.[0];
}

function tagged(read: ReadResult): ReadResult {
  if (read.kind === 'bad') return read;
  const tags = new Set([...(read.event.tags ?? []), TEXT_REPAIRED_TAG]);
  return { kind: 'event', event: { ...read.event, tags: [...tags] } };
}

function shapeOf(object: Json): Shape | undefined {
  for (const shape of SHAPES) if (shape.isThis(object)) return shape;
  return undefined;
}

/** How deep shippers nest the sender's object, e.g. a collector's within a container's log line. */
const MAX_CARRIERS = 3;
/**
 * Where they have it, as an object or as its JSON: Splunk's `event`, Cribl's `_raw`, a container's
 * `log`, Elasticsearch's `_source`.
 */
const CARRIER_FIELDS = [
  'event',
  '_raw',
  'message',
  'log',
  '@message',
  'line',
  'raw',
  'msg',
  'data',
  '_source',
  'record',
  'body',
  'full_log',
];

/** The event that an object carries in one of its fields; undefined where none has one. */
function readCarried(carrier: Json, depth: number): ReadResult | undefined {
  if (depth === 0) return undefined;
  for (const field of CARRIER_FIELDS) {
    const value = field === 'body' ? plainBody(carrier[field]) : carrier[field];
    const read =
      typeof value === 'string'
        ? readCarriedText(value, carrier, depth - 1)
        : isObject(value)
          ? readObject(value, depth - 1)
          : undefined;
    if (read !== undefined && !(read.kind === 'bad' && NO_EVENT.has(read.reason))) return read;
  }
  return undefined;
}

/** JSON, or Splunk's text, whose local time its envelope has as UTC. */
function readCarriedText(text: string, carrier: Json, depth: number): ReadResult | undefined {
  if (/^\s*\{/u.test(text)) return readJson(text, depth);
  return isSplunkText(text) ? readSplunkText(text, carrier['time']) : undefined;
}

/** A field with another kind of content. */
const NO_EVENT = new Set(['unknown_format', 'invalid_json']);

function readJson(text: string, depth: number): ReadResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      kind: 'bad',
      reason: 'invalid_json',
      detail: error instanceof Error ? error.message.slice(0, 200) : 'not JSON',
    };
  }
  const mayNeedRepair = mayBeIllFormed(text);
  if (!mayNeedRepair && isOrdinary(value as Json)) return readOrdinary(value as Json);
  const hazards = hazardsOf(value as Json, MAX_DOCUMENT_DEPTH);
  if ((hazards & TOO_DEEP) !== 0)
    return {
      kind: 'bad',
      reason: 'invalid_event',
      detail: `objects or lists are nested deeper than ${MAX_DOCUMENT_DEPTH}`,
    };
  if ((hazards & LOSSY_INTEGER) !== 0) value = JSON.parse(withExactIntegers(text));
  const isRepaired = mayNeedRepair && repairTexts(value);
  const read = readObject(value as Json, depth);
  return isRepaired ? tagged(read) : read;
}

function readObject(object: Json, depth: number): ReadResult {
  const read = shapeOf(object)?.read(object) ?? readCarried(object, depth);
  if (read !== undefined) return read;
  const names = Object.keys(object).slice(0, 8).join(', ').slice(0, 200);
  return {
    kind: 'bad',
    reason: 'unknown_format',
    detail: `no known shape of a Windows event; it has ${names === '' ? 'no fields' : names}`,
  };
}
