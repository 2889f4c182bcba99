// Cuts a body into events: the form is recognised by the first character, and each piece is checked
// just enough to be an event. Pure.
import { isUtf8 } from 'node:buffer';
import { digestBytes } from '../../../../shared/contracts/ids.ts';
import type { RawEncoding, RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { matchesHost } from '../../../../shared/contracts/host-patterns.ts';
import { computerOfJson, computerOfXml } from '../../../../shared/windows/computer-of.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';
import { splitEventXml } from '../../../../shared/windows/split-xml.ts';
import { computerOfSplunkText, isSplunkText, startsOfSplunkText } from '../../../../shared/windows/splunk-text.ts';
import { encodingOf } from '../../../../shared/windows/text.ts';
import type { RefusalReason } from '../input.ts';
import { parseJson } from '../parse-json.ts';
import type { Origin } from '../senders.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { splitJoined, splitJson, splitWrapped } from './split-json.ts';
import { wrapperOf } from './wrappers.ts';

/** How a request came. */
export type Arrival = Origin & Pick<RawEvent, 'agent' | 'receivedAtMs'>;

/** An event, or why a piece of the body is none. */
export type BodyPiece =
  | { readonly kind: 'event'; readonly event: RawEvent }
  | {
      readonly kind: 'bad';
      readonly reason: RefusalReason;
      readonly detail: string;
      /**
       * The piece as received, which becomes a dead letter when other events are taken; absent
       * where there is none, or where it may not be stored.
       */
      readonly piece?: RawEvent;
    };

/** How a protocol's objects hold events. */
export interface Envelope {
  /** Why an object holds none, or undefined. */
  faultOf(value: object): { readonly reason: RefusalReason; readonly detail: string } | undefined;
  /** The computer of the event in it, where it is found. */
  computerOf(value: object): string | undefined;
}

/** What is asked of a body. */
export interface BodyOptions {
  readonly arrival: Arrival;
  /** The charset of the Content-Type, where it is one of ours; a byte order mark outranks it. */
  readonly charset: RawEncoding;
  readonly maxEvents: number;
  /**
   * Called with the number of pieces before any of them is looked at; what it throws ends the
   * reading.
   */
  admit(count: number): void;
  /** Takes room for bytes that are made beside the body; what it throws ends the reading. */
  grow?(bytes: number): void;
  /**
   * The objects of a protocol that has one around each event; without it an object is the event.
   */
  readonly envelope?: Envelope;
  /**
   * Gets what was thrown while one piece was looked at; the piece goes on without its computer, and
   * the others are not touched.
   */
  onBug?(error: unknown): void;
}

/**
 * The pieces of a body in order. Throws Refusal for a body without events or with too many, and
 * what `admit` throws.
 */
export function eventsOfBody(body: Buffer, options: BodyOptions): readonly BodyPiece[] {
  const encoding = encodingOf(body, options.charset);
  const first = firstCharacter(body, encoding);
  const isText = encoding === 'utf-8' && isSplunkText(body.toString('latin1', 0, LOOK_AHEAD_BYTES));
  const read = first === '<' ? xmlPieces : isText ? textPieces : jsonPieces;
  return first === undefined ? admitted([], options) : numbered(read(body, encoding, options));
}

/**
 * The pieces of a protocol that has each event as a document of its own, in UTF-8, in order: one
 * for each. The caller admits them.
 */
export function eventsOfDocuments(
  documents: readonly Buffer[],
  options: BodyOptions,
  computerOf: (document: object) => string | undefined = computerOfJson,
): readonly BodyPiece[] {
  return numbered(
    documents.map((bytes) => {
      const event: RawEvent = { ...options.arrival, bytes, encoding: 'utf-8', format: 'json' };
      const parsed = parseJson(bytes, 'utf-8');
      if (parsed.kind === 'object') return lookedAt(event, options, () => computerOf(parsed.value));
      return { ...parsed, ...(bytes.length === 0 ? {} : { piece: event }) };
    }),
  );
}

/**
 * Numbers events of equal bytes, so that indistinguishable ones stay separate, and each stays one
 * when the request is repeated. Bytes are compared only where another event has as many.
 */
export function numbered(pieces: readonly BodyPiece[]): readonly BodyPiece[] {
  const lengths = new Map<number, number>();
  for (const piece of pieces)
    if (piece.kind === 'event') lengths.set(piece.event.bytes.length, (lengths.get(piece.event.bytes.length) ?? 0) + 1);
  const copies = new Map<string, number>();
  return pieces.map((piece) => {
    if (piece.kind === 'bad' || (lengths.get(piece.event.bytes.length) ?? 0) < 2) return piece;
    const mark = digestBytes(piece.event.bytes);
    const copy = (copies.get(mark) ?? 0) + 1;
    copies.set(mark, copy);
    return copy === 1 ? piece : { kind: 'event', event: { ...piece.event, copy } };
  });
}

/** The same pieces; what they become costs more than cutting did, so they are counted first. */
function admitted<T>(pieces: readonly T[], options: BodyOptions): readonly T[] {
  if (pieces.length === 0) throw new Refusal(400, 'empty', 'The body holds no event; send at least one.');
  if (pieces.length > options.maxEvents) throw tooMany(options);
  options.admit(pieces.length);
  return pieces;
}

/** The refusal of a body with too many events. */
export function tooMany({ arrival, maxEvents }: BodyOptions): Refusal {
  const message = `The body has more than ${maxEvents} events (collector.${arrival.input}.maxEvents); send fewer a request.`;
  return new Refusal(413, 'too_many_events', message);
}

const LOOK_AHEAD_BYTES = 4096;

/** What may stand before the first event. */
const BEFORE = /^(?:[\s\0\u001E\uFEFF]|\u00EF\u00BB\u00BF)+/u;
/** evtx_dump's line before a record, and the minus sign of what is copied from Event Viewer. */
const BEFORE_XML = /^(?:Record \d{1,20}\s+|-\s*)</u;

function firstCharacter(body: Buffer, encoding: RawEncoding): string | undefined {
  const wide = encoding === 'utf-8' ? 'latin1' : 'utf16le';
  for (let from = 0; from < body.length; from += LOOK_AHEAD_BYTES) {
    const part = Buffer.from(body.subarray(from, from + LOOK_AHEAD_BYTES - (LOOK_AHEAD_BYTES % 2)));
    if (encoding === 'utf-16be' && part.length % 2 === 0) part.swap16();
    const found = part.toString(wide).replace(BEFORE, '');
    if (found !== '') return BEFORE_XML.test(found) ? '<' : found[0];
  }
  return undefined;
}

function xmlPieces(body: Buffer, encoding: RawEncoding, options: BodyOptions): readonly BodyPiece[] {
  const { arrival, maxEvents } = options;
  return admitted(splitEventXml(body, encoding, maxEvents), options).map((piece) => {
    const { bytes } = piece;
    const event: RawEvent = { ...arrival, bytes, encoding, format: 'xml' };
    if (piece.kind === 'event') return lookedAt(event, options, () => computerOfXml(bytes, encoding));
    return { kind: 'bad', reason: 'not_an_event', detail: `${piece.detail} (at byte ${piece.offset})`, piece: event };
  });
}

const SPACE = 0x20;

/** Splunk's text, of which one event has many lines. */
function textPieces(body: Buffer, encoding: RawEncoding, options: BodyOptions): readonly BodyPiece[] {
  const starts = [0, ...startsOfSplunkText(body.toString('latin1')).filter((start) => start > 0)];
  return admitted(starts, options).map((start, index) => {
    let end = starts[index + 1] ?? body.length;
    while (end > start && (body[end - 1] ?? 0) <= SPACE) end -= 1;
    const bytes = body.subarray(start, end);
    const event: RawEvent = { ...options.arrival, bytes, encoding, format: 'text' };
    return lookedAt(event, options, () => computerOfSplunkText(bytes.toString('utf8')));
  });
}

function jsonPieces(body: Buffer, encoding: RawEncoding, options: BodyOptions): readonly BodyPiece[] {
  const isValid = encoding === 'utf-8' && isUtf8(body);
  const pieces = admitted(splitJson(body, encoding, options.maxEvents), options);
  const room = { left: options.maxEvents - pieces.length };
  return pieces.flatMap((bytes): readonly BodyPiece[] => {
    const how = { encoding, isValid, room };
    const piece = jsonPiece(bytes, how, options);
    if (!('kind' in piece)) return piece;
    if (piece.kind === 'event' || piece.reason !== 'invalid_json') return [piece];
    // Several values in one line, or in a body that has none, show when they are parsed.
    const values = splitJoined(bytes, encoding, room.left + 1);
    return values === undefined ? [piece] : piecesOf(values, how, options);
  });
}

/** The item in place of one piece. */
function piecesOf(values: readonly Buffer[], how: How, options: BodyOptions): readonly BodyPiece[] {
  how.room.left -= values.length - 1;
  if (how.room.left < 0) throw tooMany(options);
  if (values.length > 1) options.admit(values.length - 1);
  return values.flatMap((value) => jsonPiece(value, how, options));
}

interface How {
  readonly encoding: RawEncoding;
  /** Whether the whole body is known to be valid UTF-8. */
  readonly isValid: boolean;
  /** How many more pieces there may be. */
  readonly room: { left: number };
}

/** The piece, or those of the object that wraps them. */
function jsonPiece(bytes: Buffer, how: How, options: BodyOptions): BodyPiece | readonly BodyPiece[] {
  const { encoding, isValid, room } = how;
  const event: RawEvent = { ...options.arrival, bytes, encoding, format: 'json' };
  const piece = bytes.length === 0 ? {} : { piece: event };
  const parsed = parseJson(bytes, encoding, isValid);
  if (parsed.kind === 'bad') return { ...parsed, ...piece };
  const { value } = parsed;
  const { envelope } = options;
  if (envelope !== undefined) {
    const fault = envelope.faultOf(value);
    return fault === undefined
      ? lookedAt(event, options, () => envelope.computerOf(value))
      : { kind: 'bad', ...fault, ...piece };
  }
  const lists = wrapperOf(value);
  if (lists === undefined) return lookedAt(event, options, () => computerOfJson(value));
  const wrapped = splitWrapped(bytes, encoding, { lists, maxPieces: room.left + 1 });
  // An object that wraps no event at all is read as it is.
  return wrapped.length === 0 ? lookedAt(event, options, () => undefined) : piecesOf(wrapped, how, options);
}

/**
 * The event with its computer, where one is found; a bug in the search costs no more than the
 * computer, which the reader looks for again.
 */
export function lookedAt(event: RawEvent, options: BodyOptions, find: () => string | undefined): BodyPiece {
  try {
    const computer = find();
    if (computer === undefined) return { kind: 'event', event };
    if (isForeign(event, computer)) return hostNotAllowed(event, computer);
    return { kind: 'event', event: { ...event, computer } };
  } catch (error) {
    options.onBug?.(error);
    return { kind: 'event', event };
  }
}

/**
 * Whether the sender may not speak for the event's computer. What was found cheaply may be another
 * field's, so the reader is asked before an event is refused; the enricher asks again whatever is
 * said here.
 */
function isForeign({ senderHosts, bytes, encoding }: RawEvent, computer: string): boolean {
  if (senderHosts === undefined || matchesHost(computer, senderHosts)) return false;
  const read = readEvent(bytes, encoding);
  return read.kind === 'event' && read.event.computer !== undefined && !matchesHost(read.event.computer, senderHosts);
}

function hostNotAllowed({ sender }: RawEvent, computer: string): BodyPiece {
  const detail = `the event is of ${JSON.stringify(computer.slice(0, 100))}, for which ${sender} may not send (the hosts of its token or certificate)`;
  return { kind: 'bad', reason: 'host_not_allowed', detail };
}
