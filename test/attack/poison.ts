// Writes hostile records to every topic of a running stack: all odd bytes, keys and headers, and a
// sample of the valid records with one field spoilt.
import { sourcesTopic } from '../../shared/contracts/source.ts';
import { activityTopic } from '../../shared/contracts/activity.ts';
import { allIncidentsTopic, incidentsTopic } from '../../shared/contracts/incident.ts';
import { commandsTopic } from '../../shared/contracts/command.ts';
import { deadLettersTopic } from '../../shared/contracts/dead-letter.ts';
import { alertsTopic, eventsTopic } from '../../shared/contracts/enriched-event.ts';
import { rawTopic } from '../../shared/contracts/raw-event.ts';
import type { InRecord, OutRecord, RecordPosition, Topic, TopicKey } from '../../shared/contracts/record.ts';
import { TOPICS } from '../../shared/contracts/topics.ts';
import type { RecordProducer } from '../../shared/kafka/producer.ts';
import { type HostileRecord, hostileRecords } from './hostile-records.ts';
import { samplesOf } from './samples.ts';

/** How much, and which: the same seed gives the same sample. */
export interface PoisonOptions {
  /** Records with a spoilt field for each topic, at most; the other kinds are written whole. */
  readonly perTopic: number;
  readonly seed: number;
  /** Epoch milliseconds, of the samples. */
  readonly nowMs: number;
}

/** A hostile record that lies in its topic. */
export interface Poison extends HostileRecord, RecordPosition {
  readonly topic: TopicKey;
  /** Nobody who reads the topic can take it, so that it has to become a dead letter. */
  readonly isRefused: boolean;
}

const THOUSANDS_OF_HEADERS = 5000;
/** How `hostileRecords` names what was spoilt in a sample. */
const SPOILT_FIELD = /^sample \d+: /u;

/** How every topic is read; a topic with several kinds of readers has several. */
const READERS: Readonly<Record<TopicKey, readonly Topic<unknown>[]>> = {
  raw: [rawTopic],
  events: [eventsTopic],
  alerts: [alertsTopic],
  incidents: [incidentsTopic, allIncidentsTopic],
  actions: [activityTopic],
  commands: [commandsTopic],
  sources: [sourcesTopic],
  // Only followed: what cannot be read there is logged, and stays where it is.
  catalog: [],
  deadLetters: [deadLettersTopic],
};

/** Writes the records of all topics; resolves with where they lie. */
export async function poison(producer: RecordProducer, options: PoisonOptions): Promise<readonly Poison[]> {
  const written: Poison[] = [];
  const samples = samplesOf(options.nowMs);
  for (const topic of Object.keys(TOPICS) as TopicKey[]) {
    const records = chosen(topic, samples[topic], options);
    const positions = await producer.send(records.map(({ record }) => record));
    for (const [index, hostile] of records.entries()) {
      const position = positions[index];
      if (position !== undefined)
        written.push({ ...hostile, ...position, topic, isRefused: isRefused(topic, hostile.record, options.nowMs) });
    }
  }
  return written;
}

function chosen(
  topic: TopicKey,
  samples: readonly OutRecord[],
  { perTopic, seed }: PoisonOptions,
): readonly HostileRecord[] {
  const [first] = samples;
  // The broker itself takes no record without a key into a compacted topic.
  const all = hostileRecords(topic, samples).filter(
    ({ record }) => TOPICS[topic].cleanup !== 'compact' || record.key !== null,
  );
  const spoilt = shuffled(
    all.filter(({ what }) => SPOILT_FIELD.test(what)),
    seed,
  ).slice(0, perTopic);
  const others = all.filter(({ what }) => !SPOILT_FIELD.test(what));
  return [...others, ...(first === undefined ? [] : [thousandsOfHeaders(first)]), ...spoilt];
}

function thousandsOfHeaders(good: OutRecord): HostileRecord {
  const many = Object.fromEntries(Array.from({ length: THOUSANDS_OF_HEADERS }, (_, at) => [`x${at}`, `${at}`]));
  return { what: 'thousands of headers', record: { ...good, headers: { ...good.headers, ...many } } };
}

function isRefused(topic: TopicKey, { key, value, headers = {} }: OutRecord, timestampMs: number): boolean {
  const bytes = (data: string | Buffer | null): Buffer | null => (data === null ? null : Buffer.from(data));
  const record: InRecord = { key: bytes(key), value: bytes(value), headers, timestampMs };
  const readers = READERS[topic];
  return readers.length > 0 && readers.every((reader) => reader.decode(record).kind === 'bad');
}

/** Fisher and Yates, with mulberry32 as the source of chance. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const left = [...items];
  let state = seed;
  return Array.from(items, () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const [item] = left.splice(((mixed ^ (mixed >>> 14)) >>> 0) % left.length, 1);
    return item as T;
  });
}
