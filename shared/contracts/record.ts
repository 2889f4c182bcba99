// What lies in Kafka, free of any client library: records going out, records coming in, and the codec of a topic.

/** The logical names of Foghorn's topics; the configured prefix makes the real name (`<prefix>.raw`, …). */
export type TopicKey = 'raw' | 'events' | 'alerts' | 'incidents' | 'actions' | 'commands' | 'deadLetters';

/** A record to produce. `key` decides the partition; `value` null is a tombstone in a compacted topic. */
export interface OutRecord {
  readonly topic: TopicKey;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a produced record lies. */
export interface RecordPosition {
  readonly partition: number;
  readonly offset: string;
}

/** A record as read: `timestampMs` is Kafka's (epoch milliseconds), `headers` are decoded as UTF-8. */
export interface InRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
  /** How many more headers the record had than are read. */
  readonly droppedHeaders?: number;
}

/** A decoded record, or why it cannot be decoded; `none`: it says that something is no more, and there is nothing to do. */
export type Decoded<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'bad'; readonly detail: string }
  | { readonly kind: 'none' };

/** A topic's language: how its records are read. Writing is the matter of the `encode…` function beside each type. */
export interface Topic<T> {
  readonly key: TopicKey;
  decode(record: InRecord): Decoded<T>;
}
