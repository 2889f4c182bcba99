// The log records of a request in protobuf, each made a JSON object of its own: the names of OTLP's
// JSON around plain values. Pure.
// Source: https://github.com/open-telemetry/opentelemetry-proto, logs/v1/logs.proto and
// common/v1/common.proto.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { computerOfXml } from '../../../../shared/windows/computer-of.ts';
import { MAX_DOCUMENT_DEPTH } from '../../../../shared/windows/limits.ts';
import { COMPUTER_NAMES } from './computer.ts';

/** Where a message stands in a request: its first byte, and the one behind its last. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A log record as what goes to Kafka. */
export interface MadeRecord {
  readonly json: Buffer;
  /** The computer of its event, where it is found cheaply. */
  readonly computer: string | undefined;
}

/** ExportLogsServiceRequest.resource_logs, ResourceLogs.scope_logs, ScopeLogs.log_records. */
const PATH_TO_RECORDS = [1, 2, 2];

/**
 * The places of the log records in a request, `most` and one more at most; none of them is looked
 * into. Throws Error for bytes that are no such request.
 */
export function placesOfRecords(body: Buffer, most: number): readonly Place[] {
  const places: Place[] = [];
  const reader = new BinaryReader(body);
  const collect = (end: number, level: number): void => {
    while (reader.pos < end && places.length <= most) {
      const [field, type] = reader.tag();
      if (field !== PATH_TO_RECORDS[level] || type !== WireType.LengthDelimited) {
        skip(reader, { field, type, end });
        continue;
      }
      const stop = endOfNested(reader, end);
      if (level === PATH_TO_RECORDS.length - 1) places.push({ start: reader.pos, end: stop });
      else collect(stop, level + 1);
      reader.pos = stop;
    }
  };
  collect(body.length, 0);
  return places;
}

/** The log record at a place. Throws Error for bytes that are none, or are nested too deep. */
export function recordAt(body: Buffer, { start, end }: Place): MadeRecord {
  const reader = new BinaryReader(body);
  reader.pos = start;
  const source: Source = { body, reader };
  const fields: string[] = [];
  const attributes: string[] = [];
  let computer: string | undefined;
  eachField(reader, end, (field, type) => {
    if (field === ATTRIBUTES && type === WireType.LengthDelimited) attributes.push(pairOf(source, end, 1));
    else {
      const known = LOG_RECORD[field];
      if (known?.type !== type) return false;
      if (field === BODY) computer = computerOfBody(source, end);
      fields.push(`"${known.name}":${known.read(source, end)}`);
    }
    return true;
  });
  if (attributes.length > 0) fields.push(`"attributes":{${attributes.join(',')}}`);
  return { json: Buffer.from(`{${fields.join(',')}}`, 'latin1'), computer };
}

interface Source {
  readonly body: Buffer;
  readonly reader: BinaryReader;
}

/** Reads a value, which ends before `end`, and writes it as JSON whose characters are bytes. */
type Read = (source: Source, end: number) => string;

const numberOf = (value: number | bigint | string): string => String(value);
const textOf = (value: number | bigint | string): string => `"${value}"`;
const { Varint, Bit64, LengthDelimited, Bit32 } = WireType;
const [BODY, ATTRIBUTES] = [5, 6];

/** The fields of a LogRecord, but for its attributes. */
const LOG_RECORD: Readonly<
  Record<number, { readonly name: string; readonly type: WireType; readonly read: Read } | undefined>
> = {
  1: { name: 'timeUnixNano', type: Bit64, read: ({ reader }) => textOf(reader.fixed64()) },
  2: { name: 'severityNumber', type: Varint, read: ({ reader }) => numberOf(reader.int32()) },
  3: { name: 'severityText', type: LengthDelimited, read: quoted },
  [BODY]: { name: 'body', type: LengthDelimited, read: (source, end) => valueOf(source, end, 1) },
  7: { name: 'droppedAttributesCount', type: Varint, read: ({ reader }) => numberOf(reader.uint32()) },
  8: { name: 'flags', type: Bit32, read: ({ reader }) => numberOf(reader.fixed32()) },
  9: { name: 'traceId', type: LengthDelimited, read: (source, end) => inBytes(source, end, 'hex') },
  10: { name: 'spanId', type: LengthDelimited, read: (source, end) => inBytes(source, end, 'hex') },
  11: { name: 'observedTimeUnixNano', type: Bit64, read: ({ reader }) => textOf(reader.fixed64()) },
  12: { name: 'eventName', type: LengthDelimited, read: quoted },
};

/** The kinds of an AnyValue, each with what reads it. */
const KINDS: Readonly<
  Record<
    number,
    | {
        readonly type: WireType;
        readonly read: (source: Source, end: number, depth: number) => string;
      }
    | undefined
  >
> = {
  1: { type: LengthDelimited, read: quoted },
  2: { type: Varint, read: ({ reader }) => String(reader.bool()) },
  3: { type: Varint, read: ({ reader }) => numberOf(reader.int64()) },
  4: { type: Bit64, read: ({ reader }) => doubleOf(reader.double()) },
  5: { type: LengthDelimited, read: (source, end, depth) => `[${membersOf(source, end, { depth, read: valueOf })}]` },
  6: { type: LengthDelimited, read: (source, end, depth) => `{${membersOf(source, end, { depth, read: pairOf })}}` },
  7: { type: LengthDelimited, read: (source, end) => inBytes(source, end, 'base64') },
};

/** An AnyValue of which nothing is known is null; of several kinds the last counts. */
function valueOf(source: Source, end: number, depth: number): string {
  if (depth > MAX_DOCUMENT_DEPTH) throw new RangeError(`values are nested deeper than ${MAX_DOCUMENT_DEPTH}`);
  const { reader } = source;
  const stop = endOfNested(reader, end);
  let value = 'null';
  eachField(reader, stop, (field, type) => {
    const kind = KINDS[field];
    if (kind?.type !== type) return false;
    value = kind.read(source, stop, depth);
    return true;
  });
  return value;
}

/** What an ArrayValue or a KeyValueList holds, both in field 1. */
function membersOf(
  source: Source,
  end: number,
  { depth, read }: { readonly depth: number; readonly read: typeof valueOf },
): string {
  const stop = endOfNested(source.reader, end);
  let members = '';
  eachField(source.reader, stop, (field, type) => {
    if (field !== 1 || type !== LengthDelimited) return false;
    members += `${members === '' ? '' : ','}${read(source, stop, depth + 1)}`;
    return true;
  });
  return members;
}

function pairOf(source: Source, end: number, depth: number): string {
  const { reader } = source;
  const stop = endOfNested(reader, end);
  let [key, value] = ['""', 'null'];
  eachField(reader, stop, (field, type) => {
    if (type !== LengthDelimited) return false;
    if (field === 1) key = quoted(source, stop);
    else if (field === 2) value = valueOf(source, stop, depth);
    else return false;
    return true;
  });
  return `${key}:${value}`;
}

/**
 * The computer in the body that begins at the reader's place, to which it goes back: under one of
 * its names in a list of pairs, or in event XML.
 */
function computerOfBody({ body, reader }: Source, end: number): string | undefined {
  const start = reader.pos;
  let computer: string | undefined;
  const stop = endOfNested(reader, end);
  eachField(reader, stop, (field, type) => {
    if (type !== LengthDelimited) return false;
    if (field === 1) {
      const text = rangeOf(reader, stop);
      if (startsLikeXml(body, text)) computer = computerOfXml(body.subarray(text.start, text.end), 'utf-8');
    } else if (field === 6) {
      const list = endOfNested(reader, stop);
      eachField(reader, list, (member, kind) => {
        if (member !== 1 || kind !== LengthDelimited || computer !== undefined) return false;
        computer = computerOfPair({ body, reader }, list);
        return true;
      });
    } else return false;
    return true;
  });
  reader.pos = start;
  return computer;
}

function computerOfPair({ body, reader }: Source, end: number): string | undefined {
  const stop = endOfNested(reader, end);
  let isComputer = false;
  let computer: string | undefined;
  eachField(reader, stop, (field, type) => {
    if (type !== LengthDelimited) return false;
    if (field === 1) {
      const key = rangeOf(reader, stop);
      isComputer = COMPUTER_NAMES.has(body.toString('latin1', key.start, key.end));
      return true;
    }
    if (field !== 2 || !isComputer) return false;
    const value = endOfNested(reader, stop);
    eachField(reader, value, (kind, inner) => {
      if (kind !== 1 || inner !== LengthDelimited) return false;
      const text = rangeOf(reader, value);
      computer = body.toString('utf8', text.start, text.end) || undefined;
      return true;
    });
    return true;
  });
  return computer;
}

const LESS_THAN = 0x3c;
const SPACE = 0x20;

function startsLikeXml(body: Buffer, { start, end }: Place): boolean {
  let at = start;
  while (at < end && (body[at] ?? 0) <= SPACE) at += 1;
  return body[at] === LESS_THAN;
}

/** As JSON writes a number; those that it has none for are texts (proto3's mapping to JSON). */
function doubleOf(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/**
 * A text, its bytes unchanged: what is no UTF-8 stays what it is, and the reader of the event deals
 * with it.
 */
function quoted({ body, reader }: Source, end: number): string {
  const { start, end: stop } = rangeOf(reader, end);
  return JSON.stringify(body.toString('latin1', start, stop));
}

function inBytes({ body, reader }: Source, end: number, encoding: 'hex' | 'base64'): string {
  const { start, end: stop } = rangeOf(reader, end);
  return `"${body.toString(encoding, start, stop)}"`;
}

/** The bytes of a length-delimited field, past which the reader goes. */
function rangeOf(reader: BinaryReader, end: number): Place {
  const stop = endOfNested(reader, end);
  const start = reader.pos;
  reader.pos = stop;
  return { start, end: stop };
}

/** Reads a length, and says where what follows ends. */
function endOfNested(reader: BinaryReader, end: number): number {
  const length = reader.uint32();
  const stop = reader.pos + length;
  if (stop > end) throw new RangeError(`a field at byte ${reader.pos} is longer than what it is in`);
  return stop;
}

/** Gives the fields of a message to `take`, and skips those for which it says false. */
function eachField(reader: BinaryReader, end: number, take: (field: number, type: WireType) => boolean): void {
  while (reader.pos < end) {
    const [field, type] = reader.tag();
    if (!take(field, type)) skip(reader, { field, type, end });
  }
  if (reader.pos > end) throw new RangeError(`a message ends at byte ${end}, within a field`);
}

function skip(
  reader: BinaryReader,
  { field, type, end }: { readonly field: number; readonly type: WireType; readonly end: number },
): void {
  reader.skip(type, field);
  if (reader.pos > end) throw new RangeError(`a message ends at byte ${end}, within a field`);
}
