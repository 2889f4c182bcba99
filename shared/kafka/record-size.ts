// How large records are: requests that a broker takes, and records that it refuses.
import type { OutRecord, RecordPosition } from '../contracts/record.ts';
import { Unavailable } from '../runtime/errors.ts';
import { KafkaJSProtocolError, type KafkaSettings } from './client.ts';
import { COMPRESSION_RATIO } from './decoding/record-set.ts';

/**
 * Kafka refuses records for their size; the others of the same send are there. Without this
 * distinction a producer would wait until the topic takes more.
 */
export class RecordsTooLarge extends Unavailable {
  /** One for each record sent; undefined for the refused. */
  readonly positions: readonly (RecordPosition | undefined)[];

  constructor(records: readonly OutRecord[], positions: readonly (RecordPosition | undefined)[]) {
    const refused = records.filter((_, index) => positions[index] === undefined);
    const shown = refused.slice(0, 3).map((record) => `${bytesOf(record)} bytes for ${record.topic}`);
    super('Kafka', `it refuses ${refused.length} records as larger than max.message.bytes: ${shown.join(', ')}`, {
      code: 'too_large',
    });
    this.positions = positions;
  }
}

/** Whether a broker refused a request for the size of its records. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof KafkaJSProtocolError && TOO_LARGE.has(error.type);
}

const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** Each record takes some objects until the broker answers, however small it is. */
const MAX_REQUEST_RECORDS = 2000;
/** What a record takes beside key, value and headers, and a bit to spare. */
const RECORD_FRAME_BYTES = 64;

/**
 * Cuts what goes to Kafka into requests: the records of one partition become one batch, and a
 * broker refuses a batch beyond `max.message.bytes`.
 */
export function* slicesOf(records: readonly OutRecord[], maxBytes: number): Generator<readonly OutRecord[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const own = bytesOf(record);
    if (index > from && (bytes + own > maxBytes || index - from === MAX_REQUEST_RECORDS)) {
      yield records.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += own;
  }
  yield records.slice(from);
}

/**
 * About what a record takes in a batch: bytes, of which a text may have three times as many as
 * characters.
 */
function bytesOf({ key, value, headers }: OutRecord): number {
  let bytes = RECORD_FRAME_BYTES + lengthOf(key) + lengthOf(value);
  for (const name in headers) bytes += name.length + lengthOf(headers[name] ?? null);
  return bytes;
}

function lengthOf(data: string | Buffer | null): number {
  return data === null ? 0 : Buffer.byteLength(data);
}

/** How many bytes to fetch of records that take so many in memory. */
export function fetchedBytes(bytes: number, { compression }: Pick<KafkaSettings, 'compression'>): number {
  return compression === 'none' ? bytes : Math.ceil(bytes / COMPRESSION_RATIO);
}
