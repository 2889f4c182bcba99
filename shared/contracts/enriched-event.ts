// The ECS document of one Windows event with its id and, when the catalogue knows the fault, its
// match; and its form on the wire.
import { alert as alertSchema, clearing as clearingSchema } from './alert-schema.ts';
import type { Clearing } from './incident.ts';
import type { HostClock } from './moment.ts';
import type { Probe } from './probe.ts';
import type { Decoded, InRecord, OutRecord, Topic } from './record.ts';
import type { Remediation, UnfilledRemediation } from './remediation.ts';
import { decodeBySchema, isDigest, isMark } from './schema.ts';

/** An ECS document as it goes to Elasticsearch; nested objects, no dotted keys at the top. */
export type EcsDocument = Record<string, unknown>;

/**
 * The catalogue entry an event matched. `params` are the entry's named parameters taken from the
 * event, valid ones only.
 */
export interface Match {
  readonly ruleId: string;
  readonly ruleVersion: number;
  /** The address of the vendor's article, or the entry's first reference. */
  readonly reference?: string;
  readonly params: Readonly<Record<string, string | number>>;
  /**
   * Values that distinguish two faults of the same entry on the same host (for 309 the port), as
   * text.
   */
  readonly discriminators: readonly string[];
  /** The entry with this event's values; of Foghorn's own faults the whole text. */
  readonly remediation: Remediation | UnfilledRemediation;
  /** Where the entry declares one and the event has its port. */
  readonly probe?: Probe;
}

/** One event, ready to index and, with a match, to alert. */
export interface EnrichedEvent {
  /** `_id` in Elasticsearch. */
  readonly id: string;
  readonly host: string;
  readonly document: EcsDocument;
  readonly match?: Match;
  /** Set when `match` is. */
  readonly incidentId?: string;
}

/**
 * What the indexer needs of an event: its id, its host, and the document's bytes, which it passes
 * on unread.
 */
export interface IndexableEvent {
  readonly id: string;
  readonly json: Buffer;
  /** When the collector received it, epoch milliseconds; for the latency histograms. */
  readonly receivedAtMs: number;
  /** Its own time, epoch milliseconds; absent where it has none. */
  readonly createdAtMs?: number;
  /** See `contentOf`; absent where the id itself is of the content. */
  readonly content?: string;
}

/** The arrival of an event at Foghorn. */
export interface Arrival {
  /** When the collector received it, epoch milliseconds. */
  readonly receivedAtMs: number;
  /**
   * Who sent it: an authenticated identity where there is one, else the address; the sender speaks
   * for the host that the event names.
   */
  readonly sender?: string;
  /** The sending program as it names itself. */
  readonly agent?: string;
  /** The state of the host's clock, by the latest events of its sender. */
  readonly clock?: HostClock;
  /** What the event states, see `contentOf`; absent where its id is of its content. */
  readonly content?: string;
}

/** What the notifier reads: an event that is a known fault. */
export interface Alert extends Arrival {
  readonly incidentId: string;
  readonly eventId: string;
  readonly match: Match;
  readonly document: EcsDocument;
}

/**
 * What the indexer gets with an event's document. Times are epoch milliseconds: the receipt, and
 * the event's own time, which is absent where the event has none or its host's clock is known to be
 * ahead.
 */
interface EventHeaders {
  readonly receivedAtMs: number;
  readonly createdAtMs?: number | undefined;
  readonly content?: string | undefined;
}

/** Characters of the content in a counted id: a snapshot holds hundreds of them. */
const COUNTED_CONTENT = 8;

/**
 * The id under which an alert counts as seen: it includes what the alert states, so that a second
 * event that claims the identity of the first and states something else is not taken for a repeat.
 * What was counted by an earlier version is known by the event id alone.
 */
export function countedIdOf({ eventId, content }: Pick<Alert, 'eventId' | 'content'>): string {
  return content === undefined ? eventId : `${eventId}~${content.slice(0, COUNTED_CONTENT)}`;
}

/** Whether one of the ids counted is of the same event, stating something else. */
export function isConflict(alert: Pick<Alert, 'eventId' | 'content'>, counted: readonly string[]): boolean {
  const own = countedIdOf(alert);
  return alert.content !== undefined && counted.some((id) => id !== own && id.startsWith(`${alert.eventId}~`));
}

/**
 * Puts a document on `foghorn.events`; `json` is the serialised document, so that it is serialised
 * once for all topics.
 */
export function encodeEnrichedEvent({ id, host }: EnrichedEvent, json: string, known: EventHeaders): OutRecord {
  const { receivedAtMs, createdAtMs, content } = known;
  const headers: Record<string, string> = { id, received: String(receivedAtMs) };
  if (createdAtMs !== undefined) headers['created'] = String(createdAtMs);
  if (content !== undefined) headers['content'] = content;
  return { topic: 'events', key: host, value: json, headers };
}

/**
 * Puts a fault on `foghorn.alerts`. The event has to carry a match and an incident id; throws a
 * TypeError otherwise.
 */
export function encodeAlert(event: EnrichedEvent, json: string, arrival: Arrival): OutRecord {
  if (event.match === undefined || event.incidentId === undefined)
    throw new TypeError(`Event ${event.id} matched no entry, so it is no alert.`);
  const head = JSON.stringify({ incidentId: event.incidentId, eventId: event.id, ...arrival, match: event.match });
  return {
    topic: 'alerts',
    key: event.incidentId,
    value: `${head.slice(0, -1)},"document":${json}}`,
    headers: { id: event.id },
  };
}

/** `foghorn.events`. */
export const eventsTopic: Topic<IndexableEvent> = { key: 'events', decode: decodeIndexableEvent };

function decodeIndexableEvent(record: InRecord): Decoded<IndexableEvent> {
  const id = record.headers['id'];
  if (id === undefined || !isDigest(id)) return { kind: 'bad', detail: 'the header id is no id of an event' };
  if (record.value === null || !isFramed(record.value)) return { kind: 'bad', detail: 'the value is no JSON object' };
  const { content } = record.headers;
  if (content !== undefined && !isMark(content))
    return { kind: 'bad', detail: 'the header content is no mark of content' };
  const received = Number(record.headers['received']);
  const created = Number(record.headers['created']);
  const receivedAtMs = Number.isSafeInteger(received) ? received : record.timestampMs;
  const value: { -readonly [K in keyof IndexableEvent]: IndexableEvent[K] } = { id, json: record.value, receivedAtMs };
  if (content !== undefined) value.content = content;
  if (Number.isSafeInteger(created)) value.createdAtMs = created;
  return { kind: 'value', value };
}

const BRACES = [0x7b, 0x7d] as const;

/**
 * Whether it begins and ends like an object. Elasticsearch parses it whole, so a cheap check is
 * enough here; this is the hot path.
 */
function isFramed(json: Buffer): boolean {
  return json[0] === BRACES[0] && json.at(-1) === BRACES[1];
}

/** `foghorn.alerts`. */
export const alertsTopic: Topic<Alert | Clearing> = {
  key: 'alerts',
  decode: (record) =>
    decodeBySchema<Alert | Clearing>((value) => (value['kind'] === 'clearing' ? clearingSchema : alertSchema), record),
};
