// Cuts the body of a request into its log records, one event each. Pure.
import { errorText } from '../../../../shared/runtime/errors.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import {
  type BodyOptions,
  type BodyPiece,
  eventsOfDocuments,
  lookedAt,
  numbered,
  tooMany,
} from '../http/events-of-body.ts';
import { splitWrapped } from '../http/split-json.ts';
import { OTLP_LISTS } from '../http/wrappers.ts';
import { parseJson } from '../parse-json.ts';
import { computerOfRecord } from './computer.ts';
import { type Place, placesOfRecords, recordAt } from './protobuf.ts';

/**
 * The log records of a request in JSON, byte for byte as received. Throws Refusal for a body that
 * is no such request or has too many of them, and what `admit` throws.
 */
export function piecesOfJson(body: Buffer, options: BodyOptions): readonly BodyPiece[] {
  const parsed = parseJson(body, 'utf-8');
  if (parsed.kind === 'bad') throw notOtlp(`JSON: ${parsed.detail}`);
  const expected = countOf(parsed.value, OTLP_LISTS);
  const records = splitWrapped(body, 'utf-8', { lists: OTLP_LISTS, maxPieces: options.maxEvents });
  if (records.length > options.maxEvents) throw tooMany(options);
  // A name that is written with escapes is found by none but the parser.
  if (records.length < expected) throw notOtlp('JSON: its names are written in a way that is not understood');
  options.admit(records.length);
  return eventsOfDocuments(records, options, computerOfRecord);
}

/** How many log records a parsed request has. */
function countOf(value: unknown, [list, ...inner]: readonly string[]): number {
  if (list === undefined) return 1;
  if (typeof value !== 'object' || value === null) throw notOtlp(`JSON: what has to hold ${list} is no object`);
  const items = (value as Readonly<Record<string, unknown>>)[list];
  if (items === undefined || items === null) {
    const [name] = list === OTLP_LISTS[0] ? Object.keys(value) : [];
    if (name === undefined) return 0;
    throw notOtlp(`JSON: it has ${JSON.stringify(name.slice(0, 100))} and no ${list}`);
  }
  if (!Array.isArray(items)) throw notOtlp(`JSON: ${list} is no list`);
  return items.reduce<number>((sum, item) => sum + countOf(item, inner), 0);
}

/**
 * The log records of a request in protobuf, each made JSON; one that cannot be read keeps its
 * bytes. Throws Refusal for a body that is no such request or has too many of them, and what
 * `admit` and `grow` throw.
 */
export function piecesOfProtobuf(body: Buffer, options: BodyOptions): readonly BodyPiece[] {
  const places = placesIn(body, options);
  if (places.length > options.maxEvents) throw tooMany(options);
  options.admit(places.length);
  // The body's own room is for what is made of it: it is not used any more then.
  let room = body.length;
  return numbered(
    places.map((place) => {
      const piece = pieceAt(body, place, options);
      room -= bytesOf(piece);
      if (room < 0) options.grow?.(-room);
      room = Math.max(room, 0);
      return piece;
    }),
  );
}

function placesIn(body: Buffer, { maxEvents }: BodyOptions): readonly Place[] {
  try {
    return placesOfRecords(body, maxEvents);
  } catch (error) {
    throw notOtlp(`protobuf: ${errorText(error)}`);
  }
}

function pieceAt(body: Buffer, place: Place, options: BodyOptions): BodyPiece {
  const event: Omit<RawEvent, 'bytes'> = { ...options.arrival, encoding: 'utf-8', format: 'json' };
  try {
    const { json, computer } = recordAt(body, place);
    return lookedAt({ ...event, bytes: json }, options, () => computer);
  } catch (error) {
    // The library throws others for bytes that make no sense.
    if (error instanceof TypeError) options.onBug?.(error);
    const bytes = Buffer.from(body.subarray(place.start, place.end));
    return { kind: 'bad', reason: 'invalid_protobuf', detail: errorText(error), piece: { ...event, bytes } };
  }
}

function bytesOf(piece: BodyPiece): number {
  return (piece.kind === 'event' ? piece.event : piece.piece)?.bytes.length ?? 0;
}

function notOtlp(detail: string): Refusal {
  return new Refusal(
    400,
    'not_otlp',
    `The body is no ExportLogsServiceRequest in ${detail}. Nothing of it was stored; do not send it again as it is.`,
  );
}
