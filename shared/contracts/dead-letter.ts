// A record that a stage could not take: the untouched original, with headers that say where, why and from which place.
import type { OutRecord } from './record.ts';

/** Why a record became a dead letter; the list is closed, so that dead letters can be counted by reason. */
export const DEAD_LETTER_REASONS = [
  'undecodable',
  'unknown_format',
  'invalid_xml',
  'invalid_json',
  'invalid_event',
  'too_large',
  'index_refused',
  'internal',
] as const;
/** See `DEAD_LETTER_REASONS`. */
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** Where the original lay: topic as named in Kafka. */
export interface DeadLetterSource {
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
  };
}

const MAX_DETAIL_LENGTH = 2000;
const HEADER_PREFIX = 'dead-';

/** Puts a dead letter on the wire: value and key untouched, the original's headers kept, ours beside them with the prefix `dead-`. */
export function encodeDeadLetter(letter: DeadLetter): OutRecord {
  return {
    topic: 'deadLetters',
    key: letter.original.key,
    value: letter.original.value,
    headers: {
      ...letter.original.headers,
      [`${HEADER_PREFIX}stage`]: letter.stage,
      [`${HEADER_PREFIX}reason`]: letter.reason,
      [`${HEADER_PREFIX}detail`]: letter.detail.slice(0, MAX_DETAIL_LENGTH),
      [`${HEADER_PREFIX}topic`]: letter.source.topic,
      [`${HEADER_PREFIX}partition`]: String(letter.source.partition),
      [`${HEADER_PREFIX}offset`]: letter.source.offset,
    },
  };
}
