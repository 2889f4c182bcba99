// The document of a source in Elasticsearch: its fields, each spelled here alone, how it is made
// and how it is read. Names follow ECS where it has one.
import { z } from 'zod';
import { clockStateOf } from './moment.ts';
import { presentFields } from './present-fields.ts';
import type { Decoded } from './record.ts';
import { problemsIn } from './schema.ts';
import {
  type IdRange,
  type Source,
  type SourceRecords,
  SOURCE_COMPLETENESS,
  SOURCE_STATES,
  SOURCE_WATCHES,
  sourceStateOf,
} from './source.ts';

/** RFC 3339, in UTC. */
const time = z.iso.datetime();
const text = z.string();

const document = z.object({
  /** The latest receipt. */
  '@timestamp': time,
  host: z.object({ name: text }),
  winlog: z.object({ channel: text }).optional(),
  agent: z.object({ type: text, version: text.optional() }).optional(),
  foghorn: z.object({
    source: z.object({
      id: text,
      state: z.enum(SOURCE_STATES),
      input: text,
      sender: text,
      first_seen: time,
      last_seen: time,
      /** By the host's clock. */
      last_event: time.optional(),
      events: z.int(),
      lag_ms: z.int().optional(),
      /** Both missing while the host's clock is about right. */
      clock: z.enum(['ahead', 'behind', 'late_or_behind']).optional(),
      clock_skew_ms: z.int().optional(),
      watch: z.enum(SOURCE_WATCHES),
      silent_after_ms: z.int().optional(),
      silent_since: time.optional(),
      late_since: time.optional(),
      clock_off_since: time.optional(),
      longest_gap_ms: z.int(),
      /** Missing where its events have no record ids of one log. */
      completeness: z.enum(SOURCE_COMPLETENESS).optional(),
      missing_records: z.int().optional(),
      /** The latest, e.g. `8101` or `9000-9010`. */
      missing_ids: z.array(text).optional(),
      log_cleared: time.optional(),
      log_renumbered: time.optional(),
      updated: time,
    }),
  }),
});

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A source's document. */
export type SourceDocument = DeepReadonly<z.output<typeof document>>;

const MAX_RANGES = 10;

/** Makes the document of a snapshot. */
export function toSourceDocument(source: Source): SourceDocument {
  const { id, host, channel, agent, input, sender, events, watch, drift, clock, records } = source;
  const clockState = clock === undefined ? undefined : clockStateOf(clock);
  const lastSeen = iso(source.lastSeenMs);
  return {
    '@timestamp': lastSeen,
    host: { name: host },
    ...(channel === undefined ? {} : { winlog: { channel } }),
    ...(agent === undefined ? {} : { agent: presentFields({ type: agent.name, version: agent.version }) }),
    foghorn: {
      source: {
        id,
        state: sourceStateOf(source),
        input,
        sender,
        events,
        watch,
        first_seen: iso(source.firstSeenMs),
        last_seen: lastSeen,
        longest_gap_ms: source.longestGapMs,
        updated: iso(source.updatedAtMs),
        ...presentFields({
          last_event: timeOf(source.lastEventMs),
          lag_ms: source.lagMs,
          clock: clockState,
          clock_skew_ms: clockState === undefined ? undefined : clock?.skewMs,
          silent_after_ms: source.silentAfterMs,
          silent_since: timeOf(source.silentSinceMs),
          late_since: drift?.kind === 'late' ? iso(drift.sinceMs) : undefined,
          clock_off_since: drift?.kind === 'clock_off' ? iso(drift.sinceMs) : undefined,
        }),
        ...(records === undefined ? {} : recordFields(records)),
      },
    },
  };
}

function recordFields({ completeness, missingCount, missing, clearedAtMs, restartedAtMs }: SourceRecords) {
  return {
    completeness,
    missing_records: missingCount,
    missing_ids: missing.slice(-MAX_RANGES).map(rangeText),
    ...presentFields({ log_cleared: timeOf(clearedAtMs), log_renumbered: timeOf(restartedAtMs) }),
  };
}

/** Reads a document. `bad` says which fields are wrong, where the indexer did not write it. */
export function decodeSourceDocument(value: unknown): Decoded<SourceDocument> {
  const parsed = document.safeParse(value);
  return parsed.success ? { kind: 'value', value: parsed.data } : { kind: 'bad', detail: problemsIn(parsed.error) };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function timeOf(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : iso(epochMs);
}

/** E.g. `8101`, or `9000-9010`. */
export function rangeText({ from, to }: IdRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}
