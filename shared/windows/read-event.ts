// Reads one event, whatever its form: recognised by what is there, not by what the sender calls it.
import type { RawEncoding } from '../contracts/raw-event.ts';
import type { ReadResult } from '../contracts/windows-event.ts';
import { holdsLossyInteger, isDeeper } from './json/depth.ts';
import { withExactIntegers } from './json/exact-integers.ts';
import { type Json, objectOf } from './json/fields.ts';
import { type Shape, SHAPES } from './json/shapes.ts';
import { MAX_DOCUMENT_DEPTH } from './limits.ts';
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
  const first = /\S/u.exec(text)?.[0];
  if (first === '<') return readEventXml(text.trimStart());
  if (first === '{') return readJson(text);
  return {
    kind: 'bad',
    reason: 'unknown_format',
    detail: first === undefined ? 'there is nothing but white space' : 'it begins like neither XML nor a JSON object',
  };
}

function tagged(read: ReadResult): ReadResult {
  if (read.kind === 'bad') return read;
  const tags = new Set([...(read.event.tags ?? []), TEXT_REPAIRED_TAG]);
  return { kind: 'event', event: { ...read.event, tags: [...tags] } };
}

/** The object with the shape that recognises it. A collector of events, as Splunk's, may have the sender's whole object in `event`. */
function shapeOf(object: Json): readonly [Json, Shape] | undefined {
  const shape = SHAPES.find(({ isThis }) => isThis(object));
  return shape === undefined ? undefined : [object, shape];
}

function readJson(text: string): ReadResult {
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
  if (isDeeper(value, MAX_DOCUMENT_DEPTH))
    return {
      kind: 'bad',
      reason: 'invalid_event',
      detail: `objects or lists are nested deeper than ${MAX_DOCUMENT_DEPTH}`,
    };
  if (holdsLossyInteger(value)) value = JSON.parse(withExactIntegers(text));
  const isRepaired = mayBeIllFormed(text) && repairTexts(value);
  const given = value as Json;
  const [object, shape] = shapeOf(given) ?? shapeOf(objectOf(given['event'])) ?? [given, undefined];
  if (shape !== undefined) return isRepaired ? tagged(shape.read(object)) : shape.read(object);
  const names = Object.keys(object).slice(0, 8).join(', ').slice(0, 200);
  return {
    kind: 'bad',
    reason: 'unknown_format',
    detail: `no known shape of a Windows event; it has ${names === '' ? 'no fields' : names}`,
  };
}
