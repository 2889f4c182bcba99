// Records that a reader without dead letters of its own skips: counted, and logged at a bounded
// rate.
import type { TopicKey } from '../contracts/record.ts';
import { errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { rateLimited } from '../runtime/rate-limited-log.ts';

/** The place of a record; topic as named in Kafka. */
export interface RecordPlace {
  readonly key: TopicKey;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** Reports skipped records. */
export interface SkippedRecords {
  /** It cannot be read. */
  unreadable(place: RecordPlace, detail: string): void;
  /** A bug was met with it. */
  failed(place: RecordPlace, error: unknown): void;
}

/** Writes to a log, and calls `onSkipped` for each. */
export function createSkippedRecords(
  log: Logger,
  onSkipped: (key: TopicKey) => void = () => undefined,
): SkippedRecords {
  const limited = rateLimited(log);
  return {
    unreadable: ({ key, ...place }, detail) => {
      onSkipped(key);
      limited.warn(key, { ...place, detail }, 'a record cannot be read and is skipped');
    },
    failed: ({ key, ...place }, error) => {
      onSkipped(key);
      limited.error(
        `${key} bug`,
        { ...place, detail: errorText(error), err: error },
        'a bug met with one record; it is skipped',
      );
    },
  };
}
