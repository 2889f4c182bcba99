// The document of a source in Elasticsearch: its fields, each spelled here alone, how it is made
// and how it is read. Names follow ECS where it has one.
import { z } from 'zod';
import { clockStateOf } from './moment.ts';
import { presentFields } from './present-fields.ts';
import type { Decoded } from './record.ts';
import { problemsIn } from './schema.ts';
import { type Source, SOURCE_STATES, SOURCE_WATCHES, sourceStateOf } from './source.ts';

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
      updated: time,
    }),
  }),
});

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A source's document. */
export type SourceDocument = DeepReadonly<z.output<typeof document>>;

/** Makes the document of a snapshot. */
export function toSourceDocument(source: Source): SourceDocument {
  const { id, host, channel, agent, input, sender, events, watch, drift, clock } = source;
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
      },
    },
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
