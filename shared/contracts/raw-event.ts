// What the collector received: the event's bytes untouched, and how they came.
import type { Decoded, InRecord, OutRecord, Topic } from './record.ts';
import { isTime } from './schema.ts';

/** The encoding of a raw event's bytes. */
const RAW_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be'] as const;
/** See `RAW_ENCODINGS`. */
export type RawEncoding = (typeof RAW_ENCODINGS)[number];

/** What the input took the bytes for; a hint only, the reader looks for itself. */
const RAW_FORMATS = ['xml', 'json', 'syslog', 'text'] as const;
type RawFormat = (typeof RAW_FORMATS)[number];

/** What identifies a sender beside its address. */
const SENDER_KINDS = ['certificate', 'token'] as const;
/** See `SENDER_KINDS`. */
export type SenderKind = (typeof SENDER_KINDS)[number];

/** One event as received. */
export interface RawEvent {
  readonly bytes: Buffer;
  readonly encoding: RawEncoding;
  readonly format: RawFormat;
  /** The input that took it, e.g. `http`. */
  readonly input: string;
  /** Who sent it: an authenticated identity where there is one, else the address. */
  readonly sender: string;
  /** What shows that it is that sender; absent: nothing but its address. */
  readonly senderKind?: SenderKind;
  /** The address it sent from, where `sender` is not the address. */
  readonly senderAddress?: string;
  /** The hosts that the sender may speak for, as patterns (`host-patterns.ts`); absent: all. */
  readonly senderHosts?: readonly string[];
  /** The sending program as it names itself (User-Agent), where known. */
  readonly agent?: string;
  /** Where it was read in a topic of others: `topic/partition/offset`. */
  readonly place?: string;
  /** When the collector received it, epoch milliseconds. */
  readonly receivedAtMs: number;
  /**
   * Its number among the events of its request with the same bytes, from 2: without record numbers,
   * equal events are still two. Absent for the first.
   */
  readonly copy?: number;
  /**
   * Whether the input refused it and only keeps its bytes. Not on the wire: the enricher finds out
   * itself that it is no event.
   */
  readonly isRefused?: boolean;
  /**
   * The computer the event is of, where the input knows it cheaply; it keeps one computer's events
   * in one partition.
   */
  readonly computer?: string;
}

/** Patterns hold no blank, so that blanks part them. */
const HOSTS_HEADER = 'sender-hosts';

/** Puts a raw event on the wire. */
export function encodeRawEvent(event: RawEvent): OutRecord {
  const headers: Record<string, string> = {
    received: String(event.receivedAtMs),
    input: event.input,
    sender: event.sender,
    format: event.format,
  };
  if (event.senderKind !== undefined) headers['sender-kind'] = event.senderKind;
  if (event.senderAddress !== undefined) headers['sender-address'] = event.senderAddress;
  if (event.senderHosts !== undefined) headers[HOSTS_HEADER] = event.senderHosts.join(' ');
  if (event.agent !== undefined) headers['agent'] = event.agent;
  if (event.place !== undefined) headers['place'] = event.place;
  if (event.copy !== undefined) headers['copy'] = String(event.copy);
  if (event.encoding !== 'utf-8') headers['encoding'] = event.encoding;
  return { topic: 'raw', key: (event.computer ?? event.sender).toLowerCase(), value: event.bytes, headers };
}

/**
 * `foghorn.raw`. Records that others wrote there (Winlogbeat's or OpenWEC's Kafka output) have no
 * headers: they are read with defaults.
 */
export const rawTopic: Topic<RawEvent> = { key: 'raw', decode: decodeRawEvent };

function decodeRawEvent(record: InRecord): Decoded<RawEvent> {
  if (record.value === null) return { kind: 'bad', detail: 'the record has no value' };
  const { headers } = record;
  const receivedAtMs = receivedAt(record);
  if (!isTime(receivedAtMs))
    return { kind: 'bad', detail: 'neither the header received nor the record’s own time is a time' };
  // Every event takes this path: copying parts of it together would take longer.
  const value: Mutable<RawEvent> = {
    bytes: record.value,
    encoding: RAW_ENCODINGS.find((known) => known === headers['encoding']) ?? 'utf-8',
    format: RAW_FORMATS.find((known) => known === headers['format']) ?? 'json',
    input: headers['input'] ?? 'kafka',
    sender: headers['sender'] ?? '',
    receivedAtMs,
  };
  addWhatMayLack(value, headers);
  return { kind: 'value', value };
}

function addWhatMayLack(value: Mutable<RawEvent>, headers: InRecord['headers']): void {
  const { agent, place, copy, 'sender-address': senderAddress, [HOSTS_HEADER]: hosts } = headers;
  const senderKind = SENDER_KINDS.find((known) => known === headers['sender-kind']);
  if (agent !== undefined) value.agent = agent;
  if (senderKind !== undefined) value.senderKind = senderKind;
  if (senderAddress !== undefined) value.senderAddress = senderAddress;
  if (place !== undefined) value.place = place;
  if (hosts !== undefined) value.senderHosts = hosts.split(' ');
  if (copy !== undefined && isCopy(Number(copy))) value.copy = Number(copy);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * As the collector says, but no later than the record's own time: agents that write to Kafka
 * themselves can state any time, and the receipt decides how far a clock is off.
 */
function receivedAt({ headers, timestampMs }: InRecord): number {
  const received = Number(headers['received']);
  if (!Number.isSafeInteger(received) || received <= 0 || !isTime(received)) return timestampMs;
  return isTime(timestampMs) ? Math.min(received, timestampMs) : received;
}

function isCopy(number: number): boolean {
  return Number.isSafeInteger(number) && number > 1;
}
