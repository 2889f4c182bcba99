// A source: one channel of one host, as its events show it; and its form on the wire.
import { z } from 'zod';
import { digestId } from './ids.ts';
import type { HostClock } from './moment.ts';
import { hostClock } from './moment-schema.ts';
import type { OutRecord, Topic } from './record.ts';
import { count, decodeBySchema, digest, durationMs, epochMs, name, schemaOf } from './schema.ts';

/**
 * How the silence of a source is checked: by a configured limit, by its rhythm, or not: `off` by
 * the settings, `learning` because it is not known for long enough, `irregular` because it is quiet
 * for hours anyway.
 */
export const SOURCE_WATCHES = ['limit', 'rhythm', 'learning', 'irregular', 'off'] as const;
/** See `SOURCE_WATCHES`. */
export type SourceWatch = (typeof SOURCE_WATCHES)[number];

/** What is wrong with the times of its events: they come late, or its host's clock is off. */
export const SOURCE_DRIFTS = ['late', 'clock_off'] as const;
/** See `SOURCE_DRIFTS`. */
export type SourceDrift = (typeof SOURCE_DRIFTS)[number];

/** The states of a source, the worst first; `dropped`: not seen for so long that it is dropped. */
export const SOURCE_STATES = ['silent', 'late', 'clock_off', 'ok', 'dropped'] as const;
/** See `SOURCE_STATES`. */
export type SourceState = (typeof SOURCE_STATES)[number];

/**
 * Whether all records of a source are expected: it is declared complete, its record ids were dense
 * for long, neither is so, or it is declared filtered.
 */
export const SOURCE_COMPLETENESS = ['declared', 'dense', 'unknown', 'filtered'] as const;
/** See `SOURCE_COMPLETENESS`. */
export type SourceCompleteness = (typeof SOURCE_COMPLETENESS)[number];

/** Successive record ids, both ends included. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

/** Ids whose records did not come, with the times of the records in front and behind. */
export interface RecordGap extends IdRange {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** What is known of the record ids of a source; bounded, as JSON below 4 kB. */
export interface SourceRecords {
  readonly completeness: SourceCompleteness;
  readonly highest: number;
  readonly highestAtMs: number;
  /** From here on up to the first open gap, every id arrived. */
  readonly runFrom: number;
  readonly isDense: boolean;
  /** Where the latest gaps began that were reported because the ids were dense. */
  readonly jumps: readonly number[];
  /** The latest gaps that were reported and did not arrive since. */
  readonly missing: readonly RecordGap[];
  /** The ids of all such gaps, also of those no longer kept. */
  readonly missingCount: number;
  /** The time of the latest event that says that the log was cleared. */
  readonly clearedAtMs?: number;
  /** The time of the record by which the latest new numbering was recognised. */
  readonly restartedAtMs?: number;
}

/** The program that sent an event. */
export interface SourceAgent {
  /** In lower case, e.g. `winlogbeat`. */
  readonly name: string;
  readonly version?: string;
}

/** The snapshot of a source. Times are epoch milliseconds, by Foghorn's clock. */
export interface Source {
  readonly id: string;
  readonly host: string;
  /** Absent where events name none. */
  readonly channel?: string;
  /** How and by whom the latest event came. */
  readonly input: string;
  readonly sender: string;
  readonly agent?: SourceAgent;
  /** The receipts of its first and latest event. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** The latest event's own time, by the host's clock. */
  readonly lastEventMs?: number;
  readonly events: number;
  /** How long before its receipt the latest event was written; below 0: the clock is ahead. */
  readonly lagMs?: number;
  readonly clock?: HostClock;
  /** The partition of `foghorn.raw` in which it was seen last, and how many there were. */
  readonly partition: number;
  readonly partitions: number;
  /** For how long its rhythm was observed while events were received. */
  readonly watchedMs: number;
  /** The longest gap between its events lately. */
  readonly longestGapMs: number;
  readonly watch: SourceWatch;
  /** With `limit` and `rhythm`: after so much quiet it counts as silent. */
  readonly silentAfterMs?: number;
  /** Its latest receipt before it fell silent. */
  readonly silentSinceMs?: number;
  readonly drift?: { readonly kind: SourceDrift; readonly sinceMs: number };
  /** Absent where its events have no record ids of one log. */
  readonly records?: SourceRecords;
  readonly isDropped?: true;
  /** When the snapshot was made; grows with each. */
  readonly updatedAtMs: number;
}

/** The id of a host's channel; upper and lower case are the same. */
export function sourceIdOf(host: string, channel: string): string {
  return digestId(['source', host.toLowerCase(), channel.toLowerCase()]);
}

/** The state of a source. */
export function sourceStateOf({ silentSinceMs, drift, isDropped }: Source): SourceState {
  if (isDropped === true) return 'dropped';
  return silentSinceMs === undefined ? (drift?.kind ?? 'ok') : 'silent';
}

/** Puts a snapshot on the compacted topic. */
export function encodeSource(source: Source): OutRecord {
  return { topic: 'sources', key: source.id, value: JSON.stringify(source) };
}

/** Removes the snapshots of a source from the compacted topic. */
export function encodeSourceRemoval(id: string): OutRecord {
  return { topic: 'sources', key: id, value: null };
}

const records = z.object({
  completeness: z.enum(SOURCE_COMPLETENESS),
  highest: count,
  highestAtMs: epochMs,
  runFrom: count,
  isDense: z.boolean(),
  jumps: z.array(count),
  missing: z.array(z.object({ from: count, to: count, beforeMs: epochMs, afterMs: epochMs })),
  missingCount: count,
  clearedAtMs: epochMs.exactOptional(),
  restartedAtMs: epochMs.exactOptional(),
});

/** The schema of a `Source`. */
const source = schemaOf<Source>()(
  z.object({
    id: digest,
    host: name,
    channel: name.exactOptional(),
    input: name,
    sender: name,
    agent: z.object({ name, version: name.exactOptional() }).exactOptional(),
    firstSeenMs: epochMs,
    lastSeenMs: epochMs,
    lastEventMs: epochMs.exactOptional(),
    events: count,
    lagMs: z.int().exactOptional(),
    clock: hostClock.exactOptional(),
    partition: count,
    partitions: count,
    watchedMs: count,
    longestGapMs: durationMs,
    watch: z.enum(SOURCE_WATCHES),
    silentAfterMs: durationMs.exactOptional(),
    silentSinceMs: epochMs.exactOptional(),
    drift: z.object({ kind: z.enum(SOURCE_DRIFTS), sinceMs: epochMs }).exactOptional(),
    records: records.exactOptional(),
    isDropped: z.literal(true).exactOptional(),
    updatedAtMs: epochMs,
  }),
);

/** `foghorn.sources`. */
export const sourcesTopic: Topic<Source> = {
  key: 'sources',
  decode: (record) => {
    if (record.value === null) return { kind: 'none' };
    const decoded = decodeBySchema(source, record);
    if (decoded.kind !== 'value' || decoded.value.id === record.key?.toString('utf8')) return decoded;
    return { kind: 'bad', detail: 'the key is not the id of the snapshot' };
  },
};
