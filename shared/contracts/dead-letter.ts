// A record that a stage could not process: the untouched original, with headers for stage, reason
// and place.
import { digestBytes } from './ids.ts';
import type { InRecord, OutRecord, Topic } from './record.ts';

/**
 * Why a record became a dead letter; the list is closed, so that dead letters can be counted by
 * reason.
 */
export const DEAD_LETTER_REASONS = [
  'undecodable',
  'unknown_format',
  'invalid_xml',
  'invalid_json',
  'invalid_event',
  'too_large',
  'host_not_allowed',
  'index_refused',
  'conflict',
  'internal',
] as const;
/** See `DEAD_LETTER_REASONS`. */
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** Where the original is: topic as named in Kafka. */
interface DeadLetterSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** What a stage failed on, with the record as it was read. */
export interface DeadLetter {
  readonly stage: string;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  readonly source: DeadLetterSource;
  readonly original: {
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, string>>;
    /** How many more headers it had. */
    readonly droppedHeaders?: number;
  };
}

const MAX_DETAIL_LENGTH = 2000;
/**
 * The number of the original's headers kept; the others are counted. A reader of the dead letter
 * has to hold them, too.
 */
const MAX_ORIGINAL_HEADERS = 50;
const HEADER_PREFIX = 'dead-';
/** Stands before a header of the original that begins as ours do. */
const ORIGINAL_PREFIX = `${HEADER_PREFIX}original-`;

/**
 * Puts a dead letter on the wire: value and key untouched, the original's first fifty headers kept,
 * ours beside them with the prefix `dead-`. A header of the original that has this prefix itself
 * gets `dead-original-` before its name.
 */
export function encodeDeadLetter(letter: DeadLetter): OutRecord {
  const original = Object.entries(letter.original.headers).map(
    ([name, text]) => [name.startsWith(HEADER_PREFIX) ? `${ORIGINAL_PREFIX}${name}` : name, text] as const,
  );
  const dropped = Math.max(0, original.length - MAX_ORIGINAL_HEADERS) + (letter.original.droppedHeaders ?? 0);
  return {
    topic: 'deadLetters',
    key: letter.original.key,
    value: letter.original.value,
    headers: {
      ...Object.fromEntries(original.slice(0, MAX_ORIGINAL_HEADERS)),
      ...(dropped === 0 ? {} : { [`${HEADER_PREFIX}headers-dropped`]: String(dropped) }),
      [`${HEADER_PREFIX}stage`]: letter.stage,
      [`${HEADER_PREFIX}reason`]: letter.reason,
      [`${HEADER_PREFIX}detail`]: letter.detail.slice(0, MAX_DETAIL_LENGTH),
      [`${HEADER_PREFIX}topic`]: letter.source.topic,
      [`${HEADER_PREFIX}partition`]: String(letter.source.partition),
      [`${HEADER_PREFIX}offset`]: letter.source.offset,
    },
  };
}

const MAX_SHORT_KEY_BYTES = 1024;

/**
 * A dead letter that was refused for its size, shortened: the beginning of the value and of the
 * key, none of the original's headers. `dead-value-bytes` and `dead-key-bytes` say how long they
 * were; topic, partition and offset lead to the whole original.
 */
export function shortened({ key, value, headers = {}, ...letter }: OutRecord, maxValueBytes: number): OutRecord {
  const own = Object.entries(headers).filter(([name]) => isOwn(name) && name.length < 40);
  return {
    ...letter,
    key: key === null ? null : Buffer.from(key).subarray(0, MAX_SHORT_KEY_BYTES),
    value: value === null ? null : Buffer.from(value).subarray(0, maxValueBytes),
    headers: {
      ...Object.fromEntries(own.map(([name, text]) => [name, text.slice(0, MAX_DETAIL_LENGTH)])),
      [`${HEADER_PREFIX}value-bytes`]: String(value === null ? 0 : Buffer.byteLength(value)),
      [`${HEADER_PREFIX}key-bytes`]: String(key === null ? 0 : Buffer.byteLength(key)),
    },
  };
}

function isOwn(name: string): boolean {
  return name.startsWith(HEADER_PREFIX) && !name.startsWith(ORIGINAL_PREFIX);
}

/** A dead letter as read from its topic. */
export interface ReadDeadLetter extends Omit<DeadLetter, 'reason'> {
  /** The same record that fails in the same stage again has the same id. */
  readonly id: string;
  /** One of `DEAD_LETTER_REASONS`, or a reason of a later version. */
  readonly reason: string;
  /** When it was written, epoch milliseconds. */
  readonly atMs: number;
}

/**
 * `foghorn.dead-letters`. Every record is one, whatever it lacks: there is no further topic for one
 * that cannot be read.
 */
export const deadLettersTopic: Topic<ReadDeadLetter> = {
  key: 'deadLetters',
  decode: (record) => ({ kind: 'value', value: readDeadLetter(record) }),
};

const UNKNOWN = 'unknown';

function readDeadLetter({ key, value, headers, timestampMs }: InRecord): ReadDeadLetter {
  const of = (name: string): string => headers[`${HEADER_PREFIX}${name}`] ?? UNKNOWN;
  const partition = Number(headers[`${HEADER_PREFIX}partition`] ?? -1);
  const source = {
    topic: of('topic'),
    partition: Number.isSafeInteger(partition) ? partition : -1,
    offset: of('offset'),
  };
  const place = `${of('stage')} ${source.topic} ${source.partition} ${source.offset} `;
  return {
    id: digestBytes(Buffer.concat([Buffer.from(place, 'utf8'), value ?? Buffer.alloc(0)])),
    stage: of('stage'),
    reason: of('reason'),
    detail: of('detail'),
    source,
    original: {
      key,
      value,
      headers: Object.fromEntries(
        Object.entries(headers)
          .filter(([name]) => !isOwn(name))
          .map(([name, text]) => [name.startsWith(ORIGINAL_PREFIX) ? name.slice(ORIGINAL_PREFIX.length) : name, text]),
      ),
    },
    atMs: timestampMs,
  };
}
