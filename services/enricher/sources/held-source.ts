// A source as the enricher holds it: its snapshot, which changes in place because every event takes
// this path, and what is not kept over a restart.
import { MAX_NAME_LENGTH } from '../../../shared/contracts/schema.ts';
import { type Source, type SourceDrift, sourceIdOf } from '../../../shared/contracts/source.ts';
import { CLOCK_TOLERANCE_MS, type HostClock } from '../../../shared/contracts/moment.ts';
import { type AgentSigns, agentOf, isSameAgent } from './agent.ts';
import { addRecord, gapRulesOf } from './losses.ts';
import { type GapRules, type Outcome, type RecordIds, resumeRecordIds, snapshotOf } from './record-ids.ts';
import { afterGap, watchOf } from './rhythm.ts';
import type { SourcesSettings } from './settings.ts';
import type { Sighting } from './sighting.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A source and what is known of it in this process only. */
export interface HeldSource {
  readonly source: Writable<Source>;
  signs: AgentSigns | undefined;
  /** The time of `ReceivingTime` at the first look after its latest event. */
  seenAtMs: number;
  /** An event came since the latest look. */
  isFresh: boolean;
  /** Since when, of `ReceivingTime`, its events have been late or its clock off. */
  driftSinceMs: number | undefined;
  /** What is known of its record ids; undefined before the first. */
  ids: RecordIds | undefined;
  readonly rules: GapRules;
  /** Its snapshot has to be written: when its turn comes, or now. */
  change: 'none' | 'some' | 'urgent';
}

/** Where and when something was seen: the time of `ReceivingTime`, and the place in Kafka. */
export interface Seen {
  readonly receivingMs: number;
  readonly partition: number;
  readonly partitions: number;
}

/** A source that is seen for the first time. */
export function newSource(
  { host, channel, receivedAtMs }: Sighting,
  seen: Seen,
  settings: SourcesSettings,
): HeldSource {
  const { partition, partitions, receivingMs } = seen;
  const source: Writable<Source> = {
    id: sourceIdOf(host, channel),
    host: copyOf(host),
    ...(channel === '' ? {} : { channel: copyOf(channel) }),
    input: '',
    sender: '',
    firstSeenMs: receivedAtMs,
    lastSeenMs: receivedAtMs,
    events: 0,
    partition,
    partitions,
    watchedMs: 0,
    longestGapMs: 0,
    watch: 'learning',
    updatedAtMs: 0,
  };
  return { ...NOTHING_KNOWN, source, seenAtMs: receivingMs, rules: gapRulesOf(source, settings) };
}

/** A source as an earlier process left it. */
export function restoredSource(source: Source, receivingMs: number, settings: SourcesSettings): HeldSource {
  const { records } = source;
  const held: HeldSource = {
    ...NOTHING_KNOWN,
    source: { ...source },
    seenAtMs: receivingMs,
    change: 'none',
    rules: gapRulesOf(source, settings),
    ...(records === undefined ? {} : { ids: resumeRecordIds(records) }),
  };
  setWatch(held, settings);
  return held;
}

/** The snapshot as it is now. */
export function snapshotOfSource({ source, ids, rules }: HeldSource): Source {
  return ids === undefined ? source : { ...source, records: snapshotOf(ids, rules) };
}

const NOTHING_KNOWN = {
  ids: undefined,
  signs: undefined,
  driftSinceMs: undefined,
  isFresh: false,
  change: 'some',
} as const;

/** Adds an event to its source; gives what its record was where it has an id. */
export function addSighting(held: HeldSource, sighting: Sighting, seen: Seen): Outcome | undefined {
  const { source } = held;
  const { receivedAtMs, atMs, clock, agent } = sighting;
  source.events += 1;
  source.firstSeenMs = Math.min(source.firstSeenMs, receivedAtMs);
  if (receivedAtMs >= source.lastSeenMs) {
    source.lastSeenMs = receivedAtMs;
    if (atMs !== undefined) {
      source.lastEventMs = atMs;
      source.lagMs = receivedAtMs - atMs;
    }
    if (clock !== undefined) source.clock = clock;
    if (source.sender !== sighting.sender) source.sender = copyOf(sighting.sender);
    if (source.input !== sighting.input) source.input = copyOf(sighting.input);
    if (held.signs === undefined || !isSameAgent(held.signs, agent)) setAgent(held, agent);
  }
  held.isFresh = true;
  source.partition = seen.partition;
  source.partitions = seen.partitions;
  if (held.change === 'none') held.change = 'some';
  return addRecord(held, sighting, seen);
}

/** What follows from the events that were added at a time. Gives the alarms that they end. */
export function settle(
  held: HeldSource,
  receivingMs: number,
  settings: SourcesSettings,
): readonly ('silent' | SourceDrift)[] {
  const { source } = held;
  const ended: ('silent' | SourceDrift)[] = [];
  if (source.silentSinceMs !== undefined) {
    delete source.silentSinceMs;
    ended.push('silent');
  }
  if (driftOf(source.clock, settings) !== undefined) held.driftSinceMs ??= receivingMs;
  else {
    held.driftSinceMs = undefined;
    if (source.drift !== undefined) ended.push(source.drift.kind);
    delete source.drift;
  }
  if (ended.length > 0) held.change = 'urgent';
  return ended;
}

/**
 * What the latest events of a host have in common: its clock is off, or they come late. A delivery
 * that catches up is late each time by another time, which a clock is not.
 */
export function driftOf(
  clock: HostClock | undefined,
  { lagLimitMs, clockLimitMs }: Pick<SourcesSettings, 'lagLimitMs' | 'clockLimitMs'>,
): SourceDrift | undefined {
  if (clock === undefined) return undefined;
  const { skewMs, isSettled } = clock;
  const clockMs = Math.max(CLOCK_TOLERANCE_MS, clockLimitMs);
  if (clockLimitMs > 0 && (skewMs > clockMs || (isSettled && skewMs < -clockMs))) return 'clock_off';
  return lagLimitMs > 0 && !isSettled && skewMs < -lagLimitMs ? 'late' : undefined;
}

/**
 * Takes a look at a source: a gap between its events ends with the look after the event, so that
 * the time in which nothing at all came is not taken for its silence.
 */
export function refresh(held: HeldSource, receivingMs: number, settings: SourcesSettings): void {
  if (!held.isFresh) return;
  const gapMs = receivingMs - held.seenAtMs;
  held.isFresh = false;
  held.seenAtMs = receivingMs;
  if (gapMs > 0) Object.assign(held.source, afterGap(held.source, gapMs, settings));
  setWatch(held, settings);
}

/**
 * Checks a source of a partition that is worked off: gives what it raises now. The events that show
 * the drift have to have come for so long.
 */
export function check(
  held: HeldSource,
  receivingMs: number,
  settings: SourcesSettings,
): 'silent' | SourceDrift | undefined {
  const { source, seenAtMs, driftSinceMs } = held;
  const { silentAfterMs, silentSinceMs, drift } = source;
  if (silentAfterMs !== undefined && silentSinceMs === undefined && receivingMs - seenAtMs >= silentAfterMs)
    return 'silent';
  if (driftSinceMs === undefined || drift !== undefined || seenAtMs - driftSinceMs < settings.driftAfterMs)
    return undefined;
  return driftOf(source.clock, settings);
}

function setWatch({ source }: HeldSource, settings: SourcesSettings): void {
  const { watch, silentAfterMs } = watchOf(source, settings);
  source.watch = watch;
  if (silentAfterMs === undefined) delete source.silentAfterMs;
  else source.silentAfterMs = silentAfterMs;
}

function setAgent(held: HeldSource, signs: AgentSigns): void {
  const agent = agentOf(signs);
  held.signs = {
    ...signs,
    type: signs.type === undefined ? undefined : copyOf(signs.type),
    version: signs.version === undefined ? undefined : copyOf(signs.version),
  };
  const { source } = held;
  if (agent?.name === source.agent?.name && agent?.version === source.agent?.version) return;
  if (agent === undefined) delete source.agent;
  else source.agent = agent;
}

/** A copy: as a part of the event's text, it would keep all of that in memory. */
function copyOf(text: string): string {
  return Buffer.from(text.slice(0, MAX_NAME_LENGTH)).toString();
}
