// What Foghorn reports of sources and of its input, as events of its own.
import type { Source, SourceDrift, SourceRecords } from '../../../shared/contracts/source.ts';
import { rangeText } from '../../../shared/contracts/source-document.ts';
import { OWN_HOST, type OwnEvent } from './own-events.ts';

const MINUTE_MS = 60_000;

/** What a source raises. */
export type SourceAlarm = 'silent' | SourceDrift | 'missing';

const MAX_RANGES = 10;

/** The event of a source of which records are missing: all that are, not only the latest. */
export function recordsMissing(source: Source, records: SourceRecords, nowMs: number): OwnEvent {
  const { host, channel } = source;
  const { missing, missingCount, completeness } = records;
  const ranges = missing.slice(-MAX_RANGES);
  const ids = ranges.map(rangeText).join(', ');
  const kept = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const more = missingCount > kept ? ` and ${missingCount - kept} before them` : '';
  const data = {
    ...dataOf(source, nowMs),
    ids: `${ids}${more}`,
    missing: String(missingCount),
    first: String(ranges[0]?.from ?? ''),
    last: String(ranges.at(-1)?.to ?? ''),
    known_by:
      completeness === 'declared'
        ? 'the source is declared complete'
        : 'its record ids came one after the other for thousands of records',
  };
  const message = `${nameOf(source)}: ${missingCount} records did not come: ${ids}${more}.`;
  return { kind: 'recordsMissing', host, ...channelOf(channel), message, data, since: nowMs, nowMs };
}

/** The event of a source that raises an alarm. */
export function raised(source: Source, alarm: 'silent' | SourceDrift, nowMs: number): OwnEvent {
  const { host, channel, lastSeenMs } = source;
  const own = { host, nowMs, data: dataOf(source, nowMs) };
  if (alarm === 'silent') {
    const limit = minutes(source.silentAfterMs ?? 0);
    const message = `${nameOf(source)} has sent no event since ${utcText(lastSeenMs)}; it counts as silent after ${limit}.`;
    return { ...own, ...channelOf(channel), kind: 'sourceSilent', message, since: lastSeenMs };
  }
  const { skewMs = 0 } = source.clock ?? {};
  // Lag and clock are those of the host: what all of its channels report is one event.
  if (alarm === 'late') {
    const message = `The events of ${host} come ${minutes(-skewMs)} late.`;
    return { ...own, kind: 'sourceLate', message, since: nowMs };
  }
  const message = `The clock of ${host} is ${minutes(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'}.`;
  return { ...own, kind: 'clockOff', message, since: nowMs };
}

/** The event of a source that ends an alarm. */
export function ended(source: Source, alarm: SourceAlarm, nowMs: number): OwnEvent {
  const { host, channel } = source;
  const own = { host, nowMs, since: nowMs, data: dataOf(source, nowMs) };
  if (alarm === 'silent')
    return { ...own, ...channelOf(channel), kind: 'sourceSends', message: `${nameOf(source)} sends again.` };
  if (alarm === 'missing') {
    const message = `${nameOf(source)}: the records that were missing have come.`;
    return { ...own, ...channelOf(channel), kind: 'recordsArrived', message };
  }
  if (alarm === 'late') return { ...own, kind: 'sourceOnTime', message: `The events of ${host} come in time again.` };
  return { ...own, kind: 'clockRight', message: `The clock of ${host} is about right again.` };
}

/** The event of the whole input. */
export function ofInput(kind: 'silent' | 'back', sinceMs: number, nowMs: number): OwnEvent {
  const own = { host: OWN_HOST, nowMs, data: { since: utcText(sinceMs) } };
  return kind === 'silent'
    ? {
        ...own,
        kind: 'inputSilent',
        message: `No event of any host has come since ${utcText(sinceMs)}.`,
        since: sinceMs,
      }
    : { ...own, kind: 'inputReceives', message: 'Events come again.', since: nowMs };
}

function nameOf({ host, channel }: Source): string {
  return channel === undefined ? host : `The channel ${channel} of ${host}`;
}

function channelOf(channel: string | undefined): { readonly channel?: string } {
  return channel === undefined ? {} : { channel };
}

function dataOf(source: Source, nowMs: number): OwnEvent['data'] {
  const { channel = 'unknown', agent, input, sender, lastSeenMs, clock } = source;
  return {
    channel,
    agent: agent?.name ?? 'an unknown agent',
    agent_version: agent?.version ?? '',
    input,
    sender,
    last_seen: utcText(lastSeenMs),
    silent_minutes: String(Math.floor((nowMs - lastSeenMs) / MINUTE_MS)),
    skew_minutes: String(Math.round(Math.abs(clock?.skewMs ?? 0) / MINUTE_MS)),
  };
}

/** As messages write times, which some of them show in the reader's zone. */
function utcText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}

function minutes(ms: number): string {
  const count = Math.max(1, Math.round(ms / MINUTE_MS));
  return count === 1 ? '1 minute' : `${count} minutes`;
}
