// Records of Kafka, free of any client library: those to produce, those read, and the codec of a
// topic.

/**
 * The logical names of Foghorn's topics; the configured prefix makes the real name (`<prefix>.raw`,
 * …).
 */
export type TopicKey =
  | 'raw'
  | 'events'
  | 'alerts'
  | 'incidents'
  | 'actions'
  | 'commands'
  | 'sources'
  | 'catalog'
  | 'deadLetters';

/**
 * A record to produce. `key` decides the partition; `value` null is a tombstone in a compacted
 * topic.
 */
export interface OutRecord {
  readonly topic: TopicKey;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The place of a produced record. */
export interface RecordPosition {
  readonly partition: number;
  readonly offset: string;
}

/**
 * A record as read: `timestampMs` is Kafka's (epoch milliseconds), `headers` are decoded as UTF-8.
 */
export interface InRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
  /** How many more headers the record had than are read. */
  readonly droppedHeaders?: number;
}

/** A decoded record, or why it cannot be decoded; `none`: a tombstone, with nothing to do. */
export type Decoded<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'bad'; readonly detail: string }
  | { readonly kind: 'none' };

/**
 * The codec of a topic: how its records are read. The `encode…` function next to each type writes
 * them.
 */
export interface Topic<T> {
  readonly key: TopicKey;
  decode(record: InRecord): Decoded<T>;
}
