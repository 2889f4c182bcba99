// The pure reducer of incidents: from an incident and its alerts to the next snapshot and its
// transitions.
import { type Alert, countedIdOf } from './enriched-event.ts';
import type { Incident, IncidentEntity, Recovering, Transition } from './incident.ts';
import { sendersOf, sentByText } from './event-sender.ts';
import { compareMoments, type EventMoment, momentOf } from './moment.ts';
import { isTime, MAX_NAME_LENGTH } from './schema.ts';

/** What the reducer needs to know beside the alerts. Times are epoch milliseconds. */
interface ReduceOptions {
  readonly nowMs: number;
  /**
   * Time after the resolution within which an event reopens the incident; a later event opens it
   * with a new first episode. Either begins a new episode.
   */
  readonly reopenWithinMs: number;
  /**
   * The highest revision of a purged incident. Its document may still exist, so an incident that
   * reappears starts above it.
   */
  readonly lastPurgedRevision?: number;
}

/** An incident after a change, and the transitions that led there, one revision each. */
export interface Reduced {
  readonly incident: Incident;
  readonly transitions: readonly Transition[];
}

/** How many event ids a snapshot keeps; more while as many are counted at once. */
export const KEPT_EVENT_IDS = 256;
/** More than one batch has, and a third of what a record may have. */
const MAX_EVENT_IDS = 10_000;

const MAX_MESSAGE_CHARACTERS = 2000;
const MAX_ADDRESSES = 32;
const SYSTEM = 'system';

/**
 * Applies alerts of one incident, none of them seen before. The first of a new episode is a
 * transition of its own; what comes with it or later is one `repeated` transition, however many
 * they are. A late event from before the end of a resolved incident does not reopen it: it is
 * counted, as one `repeated` transition of its own. Throws a TypeError when there is no alert.
 */
export function applyAlerts(current: Incident | undefined, alerts: readonly Alert[], options: ReduceOptions): Reduced {
  const { incident, transitions } = applyCounted(current, alerts, options);
  const recentEventIds = withEventIds(current?.recentEventIds ?? [], alerts.map(countedIdOf));
  return { incident: { ...incident, recentEventIds }, transitions };
}

function applyCounted(current: Incident | undefined, alerts: readonly Alert[], options: ReduceOptions): Reduced {
  const { nowMs } = options;
  if (alerts.length === 0) throw new TypeError('There is no alert to apply.');
  if (current !== undefined && current.state !== 'resolved') return repeat(current, alerts, nowMs);
  const late = alerts.filter((alert) => current !== undefined && isBeforeEnd(alert, current));
  const counted = current === undefined || late.length === 0 ? undefined : repeat(current, late, nowMs);
  const [first, ...others] = alerts.filter((alert) => !late.includes(alert));
  if (first === undefined) return counted as Reduced;
  const begun = begin(counted?.incident ?? current, first, options);
  const repeated = others.length === 0 ? undefined : repeat(begun.incident, others, nowMs);
  return {
    incident: repeated?.incident ?? begun.incident,
    transitions: [counted, begun, repeated].flatMap((reduced) => reduced?.transitions ?? []),
  };
}

/**
 * Whether an event is from before the end of a resolved incident. `moment.ts` explains the rule.
 */
function isBeforeEnd(alert: Alert, current: Incident): boolean {
  const { clearedBy, clearedAtMs, resolvedAtMs = 0 } = current;
  const moment = alertMoment(alert, latestOf(current));
  if (clearedBy !== undefined && clearedBy.clock !== 'foghorn') return compareMoments(moment, clearedBy) <= 0;
  // Of evidence that an earlier version kept, only the time is known; it came before the
  // resolution.
  if (clearedBy === undefined && clearedAtMs !== undefined)
    return compareMoments(moment, { atMs: clearedAtMs, receivedAtMs: resolvedAtMs }) <= 0;
  return moment.correctedMs <= (clearedBy?.atMs ?? resolvedAtMs);
}

/** The latest event's place in time; in a snapshot of an earlier version, as far as it is known. */
export function latestOf({
  latest,
  lastSeenMs,
  updatedAtMs,
}: Pick<Incident, 'latest' | 'lastSeenMs' | 'updatedAtMs'>): EventMoment {
  const known = { atMs: lastSeenMs, receivedAtMs: updatedAtMs };
  return latest ?? { ...known, correctedMs: Math.min(lastSeenMs, updatedAtMs) };
}

/** What comes before the first episode. */
const NOTHING_YET = {
  state: 'none',
  episode: 0,
  totalCount: 0,
  recentEventIds: [],
  resolvedAtMs: undefined,
  notes: undefined,
} as const;

function begin(
  current: Incident | undefined,
  alert: Alert,
  { nowMs, reopenWithinMs, lastPurgedRevision = 0 }: ReduceOptions,
): Reduced {
  const before = current ?? { ...NOTHING_YET, revision: lastPurgedRevision };
  const isReopened = nowMs - (before.resolvedAtMs ?? -Infinity) <= reopenWithinMs;
  const latest = alertMoment(alert, current && latestOf(current));
  const senders = sendersOf([], [alert]);
  const incident: Incident = {
    id: alert.incidentId,
    episode: before.episode + 1,
    revision: before.revision + 1,
    state: 'open',
    severity: alert.match.remediation.severity,
    entity: entityOf(alert),
    remediation: alert.match.remediation,
    ...probeField(alert.match.probe),
    episodeCount: 1,
    totalCount: before.totalCount + 1,
    firstSeenMs: latest.atMs,
    lastSeenMs: latest.atMs,
    latest,
    lastReceivedMs: latest.receivedAtMs,
    ...clockOf(alert),
    ...(senders.length === 0 ? {} : { senders }),
    lastMessage: eventMessageOf(alert),
    lastEventId: alert.eventId,
    recentEventIds: before.recentEventIds,
    openedAtMs: nowMs,
    updatedAtMs: nowMs,
    ...(before.notes === undefined ? {} : { notes: before.notes }),
  };
  const what = `event ${incident.entity.eventId} of ${incident.entity.provider}${sentByText(senders)}`;
  const transition = transitionOf(incident, {
    kind: isReopened ? 'reopened' : 'opened',
    from: before.state,
    atMs: nowMs,
    reason: isReopened ? `${what} within the reopening window` : what,
  });
  return { incident, transitions: [transition] };
}

/** The transition that led to a snapshot; by the system unless it says by whom. */
export function transitionOf(
  incident: Incident,
  parts: Pick<Transition, 'kind' | 'from' | 'atMs' | 'reason'> & { readonly actor?: string },
): Transition {
  const { id: incidentId, episode, revision, state: to } = incident;
  return { actor: SYSTEM, ...parts, incidentId, episode, revision, to, ...timeOf(parts.kind, incident) };
}

/** How long people took until this transition. The next episode's snapshot no longer has it. */
function timeOf(
  kind: Transition['kind'],
  { timeToAcknowledgeMs, timeToResolveMs }: Incident,
): Pick<Transition, 'timeToAcknowledgeMs' | 'timeToResolveMs'> {
  if (kind === 'acknowledged' && timeToAcknowledgeMs !== undefined) return { timeToAcknowledgeMs };
  return kind === 'resolved' && timeToResolveMs !== undefined ? { timeToResolveMs } : {};
}

function repeat(before: Incident, alerts: readonly Alert[], nowMs: number): Reduced {
  const { recovering, staleSinceMs: _, probe, ...current } = before;
  const known = latestOf(before);
  const moments = alerts.map((alert) => alertMoment(alert, known));
  const [latest, newest] = latestAmong(moments, alerts);
  const isNewer = compareMoments(latest, known) >= 0;
  const senders = sendersOf(current.senders ?? [], alerts);
  const incident: Incident = {
    ...current,
    revision: current.revision + 1,
    // A newer catalogue may know more. The entity stays that of the episode's first event: it
    // decides who is notified, and the resolution has to go where the opening went.
    ...(isNewer ? whatIsNewer(newest, latest) : probeField(probe)),
    episodeCount: current.episodeCount + alerts.length,
    totalCount: current.totalCount + alerts.length,
    firstSeenMs: Math.min(current.firstSeenMs, ...moments.map(({ atMs }) => atMs)),
    lastReceivedMs: Math.max(current.lastReceivedMs ?? 0, ...moments.map(({ receivedAtMs }) => receivedAtMs)),
    updatedAtMs: nowMs,
    ...(senders.length === 0 ? {} : { senders }),
    // A late event from before the evidence does not contradict it.
    ...(recovering !== undefined && moments.every((moment) => isBeforeEvidence(moment, recovering))
      ? { recovering }
      : {}),
  };
  const what = alerts.length === 1 ? 'one more event' : `${alerts.length} more events`;
  const reason = `${what}${sentByText(sendersOf([], alerts))}`;
  return {
    incident,
    transitions: [transitionOf(incident, { kind: 'repeated', from: current.state, atMs: nowMs, reason })],
  };
}

function latestAmong(moments: readonly EventMoment[], alerts: readonly Alert[]): readonly [EventMoment, Alert] {
  let latest = 0;
  for (const [index, moment] of moments.entries())
    if (compareMoments(moment, moments[latest] as EventMoment) > 0) latest = index;
  return [moments[latest] as EventMoment, alerts[latest] as Alert];
}

function whatIsNewer(alert: Alert, latest: EventMoment): Partial<Incident> {
  return {
    remediation: alert.match.remediation,
    ...probeField(alert.match.probe),
    lastSeenMs: latest.atMs,
    latest,
    lastMessage: eventMessageOf(alert),
    lastEventId: alert.eventId,
    ...clockOf(alert),
  };
}

function probeField(probe: Incident['probe']): Pick<Incident, 'probe'> {
  return probe === undefined ? {} : { probe };
}

function clockOf({ clock }: Alert): Pick<Incident, 'clock'> {
  return clock === undefined ? {} : { clock };
}

function isBeforeEvidence(moment: EventMoment, { sinceMs, dueAtMs, by }: Recovering): boolean {
  if (by?.clock === 'foghorn') return moment.correctedMs <= by.atMs;
  return compareMoments(moment, by ?? { atMs: sinceMs, receivedAtMs: dueAtMs }) <= 0;
}

function entityOf({ match, document }: Alert): IncidentEntity {
  const winlog = objectAt(document, 'winlog');
  const event = objectAt(document, 'event');
  const channel = winlog['channel'];
  return {
    ruleId: match.ruleId,
    ruleName: nameOf(objectAt(document, 'rule')['name'], match.remediation.title),
    ruleVersion: match.ruleVersion,
    reference: match.reference ?? '',
    faultClass: match.remediation.faultClass,
    host: nameOf(objectAt(document, 'host')['name'], 'unknown host'),
    provider: nameOf(event['provider'], ''),
    eventId: wholeNumberOf(event['code']),
    ...(typeof channel === 'string' ? { channel: bounded(channel) } : {}),
    ...addressesOf(objectAt(document, 'host')['ip']),
    params: match.params,
  };
}

function addressesOf(value: unknown): Pick<IncidentEntity, 'addresses'> {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  const addresses = items.flatMap((item) => (typeof item === 'string' && item !== '' ? [bounded(item)] : []));
  return addresses.length === 0 ? {} : { addresses: addresses.slice(0, MAX_ADDRESSES) };
}

/** An event without a readable time happened when it was received. */
function alertMoment({ document, receivedAtMs, sender, clock }: Alert, before: EventMoment | undefined): EventMoment {
  const time = Date.parse(textOf(document['@timestamp'], ''));
  const { channel, record_id: recordId } = objectAt(document, 'winlog');
  return momentOf(
    {
      atMs: isTime(time) ? time : receivedAtMs,
      receivedAtMs,
      ...(sender === undefined ? {} : { sender: bounded(sender) }),
      ...(typeof channel === 'string' ? { channel: bounded(channel) } : {}),
      ...(typeof recordId === 'string' || typeof recordId === 'number' ? { recordId: bounded(String(recordId)) } : {}),
    },
    clock,
    before,
  );
}

function eventMessageOf(alert: Alert): string {
  return textOf(alert.document['message'], '').slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed();
}

/** Keeps all of the last batch: it may come again, to a Redis that has only the snapshots. */
function withEventIds(known: readonly string[], added: readonly string[]): readonly string[] {
  return [...known, ...added].slice(-Math.min(MAX_EVENT_IDS, Math.max(KEPT_EVENT_IDS, added.length)));
}

function objectAt(document: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = document[key];
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** A document’s text as a snapshot may have it. */
function nameOf(value: unknown, fallback: string): string {
  return bounded(textOf(value, fallback));
}

function bounded(text: string): string {
  return text.slice(0, MAX_NAME_LENGTH);
}

/** 0 for what is none. */
function wholeNumberOf(value: unknown): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : 0;
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

function textOf(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}
