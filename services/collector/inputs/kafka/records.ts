// The events of a record that an agent wrote to a topic, recognised by its bytes. Pure.
import { isUtf8 } from 'node:buffer';
import { Refusal } from '../../../../shared/http/refusal.ts';
import type { ForeignRecord } from '../../../../shared/kafka/group-reader.ts';
import { isSyslog } from '../../../../shared/windows/syslog.ts';
import { encodingOf } from '../../../../shared/windows/text.ts';
import { type BodyOptions, type BodyPiece, eventsOfBody } from '../http/events-of-body.ts';
import type { RefusalReason } from '../input.ts';
import { piecesOfProtobuf } from '../otlp/pieces.ts';
import { placesOfRecords } from '../otlp/protobuf.ts';
import { eventOfMessage } from '../syslog/event.ts';

/** The place of a record as headers and documents have it. */
export function placeOf(topic: string, partition: number, { offset }: Pick<ForeignRecord, 'offset'>): string {
  return `${topic}/${partition}/${offset}`;
}

/**
 * The events of a record, one at least: what holds none is a bad piece with all of its bytes. Never
 * throws.
 */
export function piecesOfRecord(
  { value, undecodable }: Pick<ForeignRecord, 'value' | 'undecodable'>,
  options: BodyOptions,
): readonly BodyPiece[] {
  const bytes = value ?? Buffer.alloc(0);
  const whole = (reason: RefusalReason, detail: string): readonly BodyPiece[] => [
    { kind: 'bad', reason, detail, piece: { ...options.arrival, bytes, encoding: 'utf-8', format: 'json' } },
  ];
  if (undecodable !== undefined) return whole('undecodable', undecodable);
  const agent = agentOf(bytes);
  try {
    return cut(unquoted(bytes), agent === undefined ? options : { ...options, arrival: { ...options.arrival, agent } });
  } catch (error) {
    if (!(error instanceof Refusal)) options.onBug?.(error);
    const { message } = error as Error;
    return whole(error instanceof Refusal && error.status === 413 ? 'too_large' : 'not_an_event', message);
  }
}

const QUOTE = 0x22;

/** The text of a JSON string: so the OpenTelemetry exporter writes a body of text as `raw`. */
function unquoted(bytes: Buffer): Buffer {
  if (bytes[0] !== QUOTE || !isUtf8(bytes)) return bytes;
  try {
    const text: unknown = JSON.parse(bytes.toString());
    return typeof text === 'string' && text.isWellFormed() ? Buffer.from(text) : bytes;
  } catch {
    return bytes;
  }
}

const LOOK_AHEAD = 64;
/** JSON, event XML, and what may stand before them; a byte order mark as bytes. */
const DOCUMENT = /^(?:[\s\0\u001E]|\u00EF\u00BB\u00BF)*(?:[[{<]|Record \d|-\s*<|$)/u;

function cut(bytes: Buffer, options: BodyOptions): readonly BodyPiece[] {
  if (isOtlp(bytes)) return piecesOfProtobuf(bytes, options);
  const start = bytes.toString('latin1', 0, LOOK_AHEAD);
  const isDocument = encodingOf(bytes, 'utf-8') !== 'utf-8' || (DOCUMENT.test(start) && !isSyslog(start.trimStart()));
  if (isDocument) return eventsOfBody(bytes, options);
  return [{ kind: 'event', event: eventOfMessage({ bytes }, options.arrival) }];
}

/** The tag of resource_logs, which every request begins with. */
const RESOURCE_LOGS = 0x0a;

function isOtlp(bytes: Buffer): boolean {
  if (bytes[0] !== RESOURCE_LOGS) return false;
  try {
    return placesOfRecords(bytes, 1).length > 0;
  } catch {
    // A line feed before something else.
    return false;
  }
}

const METADATA_BYTES = 1024;
const BEAT = /"@metadata":\{[^{}]{0,500}?"beat":"([\w.-]{1,100})"/u;
const VERSION = /"@metadata":\{[^{}]{0,500}?"version":"([\w.-]{1,100})"/u;

/**
 * The program as it names itself: a Beat at the beginning of its document.
 * Source: https://www.elastic.co/docs/reference/beats/winlogbeat/kafka-output
 */
function agentOf(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, METADATA_BYTES);
  const beat = BEAT.exec(start)?.[1];
  const version = VERSION.exec(start)?.[1];
  return version === undefined ? beat : beat && `${beat}/${version}`;
}
