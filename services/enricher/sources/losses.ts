// How the events of a source count for what is missing of its records.
import { matchesHost } from '../../../shared/contracts/host-patterns.ts';
import type { Source } from '../../../shared/contracts/source.ts';
import { SEND_AGENT } from './agent.ts';
import { type GapRules, observe, type Outcome, type RecordIds, startRecordIds } from './record-ids.ts';
import type { SourcesSettings } from './settings.ts';
import type { Sighting } from './sighting.ts';

/** How far an event may date itself ahead of its receipt. */
const MAX_AHEAD_MS = 86_400_000;

/** When gaps of a source count; `filtered` outranks `complete`. */
export function gapRulesOf(
  { host, channel = '' }: Pick<Source, 'host' | 'channel'>,
  { complete, filtered, missingAfterMs }: Pick<SourcesSettings, 'complete' | 'filtered' | 'missingAfterMs'>,
): GapRules {
  const isIn = (sources: SourcesSettings['complete']): boolean =>
    sources.some(({ hosts, channels }) => matchesHost(host, hosts) && matchesHost(channel, channels));
  return { graceMs: missingAfterMs, isComplete: isIn(filtered) ? false : isIn(complete) ? true : undefined };
}

/** Adds the record of an event; undefined where it does not count. */
export function addRecord(
  held: { ids: RecordIds | undefined; readonly rules: GapRules },
  { recordId: id, atMs, receivedAtMs, agent }: Sighting,
  { receivingMs }: { readonly receivingMs: number },
): Outcome | undefined {
  if (id === undefined) return undefined;
  const record = { id, atMs: Math.min(atMs ?? receivedAtMs, receivedAtMs + MAX_AHEAD_MS), seenAtMs: receivingMs };
  // A log file that somebody sends fills gaps, and is no sign of what the agent sends.
  const isSent = agent.sentBy?.startsWith(SEND_AGENT) === true;
  if (isSent && (held.ids === undefined || id > held.ids.highest)) return undefined;
  if (held.ids !== undefined) return observe(held.ids, record, held.rules);
  held.ids = startRecordIds(record);
  return held.ids === undefined ? 'unusable' : 'seen';
}
