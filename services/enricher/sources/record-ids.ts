// Which record ids of a source (one channel of one host) are missing. Pure but for its state; times
// are parameters, milliseconds. Why these rules and figures: decision 64 in docs/decisions.

import type { IdRange, RecordGap, SourceCompleteness, SourceRecords } from '../../../shared/contracts/source.ts';

/** One record of a source. */
export interface SeenRecord {
  readonly id: number;
  /** The record's own time. */
  readonly atMs: number;
  /** By a clock that passes only while records can come. */
  readonly seenAtMs: number;
}

interface OpenGap extends RecordGap {
  /** When it was opened, or filled in part; by the clock of `seenAtMs`. */
  readonly sinceMs: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The record ids of a source. Made and changed by the functions of this module alone. */
export interface RecordIds extends Mutable<Omit<SourceRecords, 'completeness'>> {
  /** Ids below the highest that may still arrive, in ascending order. */
  open: OpenGap[];
  /** Lower ids at later times, until there are enough of them. */
  again: { highest: number; count: number } | undefined;
  /**
   * Until then a missing id may be one that came after the snapshot; `unknown` until a record says
   * what time it is.
   */
  blindUntilMs: number | 'unknown' | undefined;
}

/**
 * What a record was: `late` was reported as missing; `restarted`: the log has a new numbering;
 * `unwatched`: too many ranges of a complete source were open, and the lowest was given up.
 */
export type Outcome = 'seen' | 'late' | 'restarted' | 'unwatched' | 'unusable';

/** Ids that arrived one after the other before a source counts as complete. */
export const DENSE_IDS = 8000;
/** With more jumps than this among so many ids it does not: a filter may drop few records. */
const MAX_JUMPS = 4;
const JUMP_IDS = 100_000;
const MAX_OPEN = 32;
/** Of a source whose completeness is not known; a filtered one always has some. */
const MAX_OPEN_UNKNOWN = 8;
const MAX_MISSING = 32;
/** Records beyond a range before it counts: a single one may have a wrong id. */
const RECORDS_BEYOND = 3;
/** Records of a new numbering before it is accepted. */
const RECORDS_AGAIN = 10;
/** The records that a host writes in a second at most. */
const MOST_RECORDS_PER_SECOND = 20_000;
/** How far the times of successive records may be out of order. */
const TIME_TOLERANCE_MS = 60_000;

/** The state of a source by its first record. Undefined for an unusable id. */
export function startRecordIds(record: SeenRecord): RecordIds | undefined {
  return isUsable(record.id) ? beginning(record.id, record.atMs) : undefined;
}

function beginning(highest: number, highestAtMs: number): RecordIds {
  return {
    highest,
    highestAtMs,
    runFrom: highest,
    isDense: false,
    jumps: [],
    missing: [],
    missingCount: 0,
    open: [],
    again: undefined,
    blindUntilMs: undefined,
  };
}

/**
 * The state after a restart. Records may have come after the snapshot, so no gap counts until the
 * grace time is over.
 */
export function resumeRecordIds({ completeness: _completeness, ...kept }: SourceRecords): RecordIds {
  return { ...kept, open: [], again: undefined, blindUntilMs: 'unknown' };
}

/** The part of the state that survives a restart. Open gaps do not: they may be filled unseen. */
export function snapshotOf(ids: RecordIds, rules: GapRules): SourceRecords {
  const { open, again: _again, blindUntilMs: _blindUntilMs, ...kept } = ids;
  const last = open.at(-1);
  const runFrom = last === undefined ? kept.runFrom : last.to + 1;
  return { ...kept, isDense: isDense(ids), runFrom, completeness: completenessOf(ids, rules) };
}

/** Whether all records are expected, and why. */
export function completenessOf(ids: RecordIds, { isComplete }: GapRules): SourceCompleteness {
  if (isComplete !== undefined) return isComplete ? 'declared' : 'filtered';
  return isDense(ids) ? 'dense' : 'unknown';
}

/** When a gap counts. */
export interface GapRules {
  /** How late a record may come. */
  readonly graceMs: number;
  /** Whether the source is declared complete or filtered; undefined: its ids decide. */
  readonly isComplete: boolean | undefined;
}

/** Takes a record. */
export function observe(ids: RecordIds, record: SeenRecord, rules: GapRules): Outcome {
  if (!isUsable(record.id)) return 'unusable';
  const isBlind = ids.blindUntilMs !== undefined;
  if (isBlind) see(ids, record.seenAtMs, rules);
  const outcome = record.id > ids.highest ? advance(ids, record, isBlind) : (fill(ids, record) ?? again(ids, record));
  return ids.open.length > MAX_OPEN_UNKNOWN ? dropLowest(ids, rules, outcome) : outcome;
}

/** Takes an event that says that this log was cleared (1102, 104) at its own time. */
export function observeClear(ids: RecordIds, atMs: number): void {
  ids.clearedAtMs = atMs;
}

/** Whether its ids were dense for long enough. */
export function isDense(ids: RecordIds): boolean {
  return ids.isDense || runOf(ids) >= DENSE_IDS;
}

/**
 * The ranges that are missing for longer than the grace time; each is reported once. `nowMs` is by
 * the clock of `seenAtMs`; all that has come by then has to be observed already.
 */
export function due(ids: RecordIds, nowMs: number, { graceMs, isComplete }: GapRules): readonly IdRange[] {
  const found: IdRange[] = [];
  for (let range = ids.open[0]; range !== undefined; range = ids.open[0]) {
    if (nowMs - range.sinceMs <= graceMs || recordsBeyond(ids, range) < RECORDS_BEYOND) break;
    const isLoss = classify(ids, range, isComplete);
    ids.open.shift();
    if (!isLoss) continue;
    const { sinceMs: _sinceMs, ...gap } = range;
    found.push({ from: gap.from, to: gap.to });
    ids.missing = [...ids.missing, gap].slice(-MAX_MISSING);
    ids.missingCount += lengthOf(range);
  }
  return found;
}

function isUsable(id: number): boolean {
  return Number.isSafeInteger(id) && id > 0;
}

function lengthOf({ from, to }: IdRange): number {
  return to - from + 1;
}

/** How many ids up to the first open range arrived one after the other. */
function runOf({ open, highest, runFrom }: RecordIds): number {
  return (open[0]?.from ?? highest + 1) - runFrom;
}

/** What came before the restart can be out of order with what comes now by the grace time. */
function see(ids: RecordIds, seenAtMs: number, { graceMs }: GapRules): void {
  if (ids.blindUntilMs === 'unknown') ids.blindUntilMs = seenAtMs + graceMs;
  else if (ids.blindUntilMs !== undefined && seenAtMs > ids.blindUntilMs) ids.blindUntilMs = undefined;
}

function advance(ids: RecordIds, { id, atMs, seenAtMs }: SeenRecord, isBlind: boolean): Outcome {
  const { highest, highestAtMs: beforeMs } = ids;
  ids.highest = id;
  ids.highestAtMs = atMs;
  ids.again = undefined;
  // The run neither ends nor grows by what was not seen.
  if (isBlind) ids.runFrom += id - highest;
  else if (id > highest + 1)
    ids.open.push({ from: highest + 1, to: id - 1, sinceMs: seenAtMs, beforeMs, afterMs: atMs });
  return 'seen';
}

function dropLowest(ids: RecordIds, { isComplete }: GapRules, outcome: Outcome): Outcome {
  const isKnown = isComplete ?? isDense(ids);
  if (isKnown && ids.open.length <= MAX_OPEN) return outcome;
  const lowest = ids.open.shift();
  if (lowest !== undefined) ids.runFrom = lowest.to + 1;
  return isKnown ? 'unwatched' : outcome;
}

/** Undefined for an id that is in no range. */
function fill(ids: RecordIds, { id, atMs, seenAtMs }: SeenRecord): Outcome | undefined {
  const has = ({ from, to }: IdRange): boolean => from <= id && id <= to;
  const split = <G extends RecordGap>(gap: G): readonly G[] =>
    [
      { ...gap, to: id - 1, afterMs: atMs },
      { ...gap, from: id + 1, beforeMs: atMs },
    ].filter(({ from, to }) => from <= to);
  const open = ids.open.findIndex(has);
  const range = ids.open[open];
  if (range !== undefined) {
    ids.again = undefined;
    ids.open.splice(open, 1, ...split({ ...range, sinceMs: seenAtMs }));
    return 'seen';
  }
  const missing = ids.missing.findIndex(has);
  const late = ids.missing[missing];
  if (late === undefined || isLater(atMs, late.afterMs)) return undefined;
  ids.missing = ids.missing.toSpliced(missing, 1, ...split(late)).slice(-MAX_MISSING);
  ids.missingCount -= 1;
  return 'late';
}

function isLater(atMs: number, thanMs: number): boolean {
  return atMs > thanMs + TIME_TOLERANCE_MS;
}

/** A lower id at a later time is of a new numbering; at an earlier one it is late or a repeat. */
function again(ids: RecordIds, { id, atMs }: SeenRecord): Outcome {
  if (!isLater(atMs, ids.highestAtMs)) return 'seen';
  const { highest, count } = ids.again ?? { highest: 0, count: 0 };
  if (id <= highest) return 'seen';
  ids.again = { highest: id, count: count + 1 };
  if (ids.again.count < RECORDS_AGAIN) return 'seen';
  // What is missing of the old numbering is not distinguishable from the new.
  const { missingCount } = ids;
  Object.assign(ids, beginning(id, atMs), { missingCount, restartedAtMs: atMs, blindUntilMs: 'unknown' });
  return 'restarted';
}

/** How many records arrived that are above a range. */
function recordsBeyond({ open, highest }: RecordIds, range: IdRange): number {
  let count = highest - range.to;
  for (const other of open) if (other.from > range.to) count -= lengthOf(other);
  return count;
}

/** Whether the lowest open range is a loss; the run goes on behind it. */
function classify(ids: RecordIds, range: OpenGap, isComplete: boolean | undefined): boolean {
  if (isCleared(ids, range)) {
    ids.runFrom += lengthOf(range);
    return false;
  }
  const isNewNumbering = !isPlausible(range);
  if (isNewNumbering) ids.restartedAtMs = range.afterMs;
  ids.isDense = !isNewNumbering && isDense(ids) && jumpsNear(ids, range) <= MAX_JUMPS;
  ids.runFrom = range.to + 1;
  if (ids.isDense) ids.jumps = [...ids.jumps, range.from].slice(-MAX_JUMPS);
  return !isNewNumbering && (isComplete ?? ids.isDense);
}

function isCleared({ clearedAtMs }: RecordIds, { beforeMs, afterMs }: OpenGap): boolean {
  return clearedAtMs !== undefined && !isLater(beforeMs, clearedAtMs) && !isLater(clearedAtMs, afterMs);
}

/** More ids than a host can have written in the time are a new numbering. */
function isPlausible(range: OpenGap): boolean {
  const ms = Math.max(0, range.afterMs - range.beforeMs) + TIME_TOLERANCE_MS;
  return lengthOf(range) <= (ms / 1000) * MOST_RECORDS_PER_SECOND;
}

/** The jumps among the ids around it, this one included. */
function jumpsNear({ jumps, open }: RecordIds, range: IdRange): number {
  const isNear = (from: number): boolean => Math.abs(from - range.from) <= JUMP_IDS;
  return [...jumps, ...open.map(({ from }) => from)].filter(isNear).length;
}
