// The facts of a message as short lines with a label: what, where, since, how often, how bad.
import type { Incident } from '../../../../shared/contracts/incident.ts';
import { clockStateOf } from '../../../../shared/contracts/moment.ts';
import type { SuspectedCause } from '../../../../shared/contracts/suspected-cause.ts';
import type { Digest, PortTally, Tally } from '../../../../shared/contracts/notification.ts';
import { safeText } from '../safe-text.ts';
import { agedText, countText, dueText, spanText } from './text-format.ts';

/** A label and its value, both plain text of one line. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

const MAX_VALUE_CHARACTERS = 300;
const MAX_ITEM_CHARACTERS = 80;
const MAX_TALLIES = 10;
const MAX_PORTS = 5;
const MAX_ADDRESSES = 5;
const MAX_NOTES = 2;
/** Once it is over, the notes say what was done. */
const MAX_NOTES_AT_END = 5;
const MAX_STEPS_DONE = 5;
const MAX_CAUSES = 2;
const MAX_SENDERS = 3;

/**
 * The facts of one incident, with the causes that other faults of the host suggest. With `nowMs`
 * also how long ago things were.
 */
export function incidentFacts(
  incident: Incident,
  suspectedCauses: readonly SuspectedCause[] = [],
  nowMs?: number,
): readonly Fact[] {
  const {
    entity,
    severity,
    firstSeenMs,
    lastSeenMs,
    episodeCount,
    assignee = '',
    staleSinceMs,
    snoozedUntilMs,
    lastReceivedMs = lastSeenMs,
    flapping,
    state,
  } = incident;
  const seen =
    episodeCount === 1
      ? 'once'
      : `${countText(episodeCount, 'time')} in ${spanText(lastSeenMs - firstSeenMs)}, last at ${agedText(lastSeenMs, nowMs)}`;
  return present([
    ['What', entity.eventId > 0 ? `${entity.provider} event ${entity.eventId}, rule ${entity.ruleId}` : entity.ruleId],
    ['Where', whereText(incident)],
    ['Since', agedText(firstSeenMs, nowMs)],
    ['Seen', seen],
    ['Flapping', flapping === undefined ? '' : flappingText(flapping, nowMs)],
    ['Clock', clockText(incident)],
    ['Sent by', sendersText(incident)],
    // The label of a message has it while it is open.
    ['Severity', state === 'open' ? '' : severity],
    ...(state === 'resolved' ? handlingFacts(incident, nowMs) : []),
    ...suspectedCauses.slice(0, MAX_CAUSES).map((cause) => ['Likely cause', causeText(cause, nowMs)] as const),
    ['Assigned', assignee],
    ['Snoozed', snoozedUntilMs === undefined ? '' : `until ${dueText(snoozedUntilMs, nowMs)}`],
    [
      'Stale',
      staleSinceMs === undefined
        ? ''
        : `no event since ${agedText(lastReceivedMs, nowMs)}; that is no proof that it is over`,
    ],
    ...notesShown(incident).map(
      ({ author, text, atMs }) => ['Note', `${text} (${item(author)}, ${agedText(atMs, nowMs)})`] as const,
    ),
  ]);
}

/** What was done, once it is over. */
function handlingFacts(
  incident: Incident,
  nowMs: number | undefined,
): readonly (readonly [label: string, value: string])[] {
  const { stepsDone = [] } = incident;
  return [
    ['Acknowledged', acknowledgedText(incident)],
    ...stepsDone
      .slice(-MAX_STEPS_DONE)
      .map(({ text, by, atMs }) => ['Done', `${text} (${item(by)}, ${agedText(atMs, nowMs)})`] as const),
  ];
}

function notesShown({ notes = [], state, openedAtMs }: Incident): NonNullable<Incident['notes']> {
  if (state !== 'resolved') return notes.slice(-MAX_NOTES);
  return notes.filter(({ atMs }) => atMs >= openedAtMs).slice(-MAX_NOTES_AT_END);
}

function acknowledgedText({ acknowledgedBy, timeToAcknowledgeMs }: Incident): string {
  if (acknowledgedBy === undefined) return '';
  const after = timeToAcknowledgeMs === undefined ? '' : `, ${spanText(timeToAcknowledgeMs)} after it began`;
  return `by ${item(acknowledgedBy)}${after}`;
}

function flappingText(
  { count, sinceMs, quietForMs }: NonNullable<Incident['flapping']>,
  nowMs: number | undefined,
): string {
  return `has begun ${countText(count, 'time')} since ${agedText(sinceMs, nowMs)}; its state is sent once it has been quiet for ${spanText(quietForMs)}`;
}

/** The facts of a group; `worst` is the incident that represents it. `nowMs` as above. */
export function digestFacts(digest: Digest, worst: Incident, nowMs?: number): readonly Fact[] {
  const { byRule, byPort, bySeverity, byHostGroup, suppressedCount, end, count } = digest;
  return present([
    ['What', byRule.length > 1 ? tallyText(byRule) : (byRule[0]?.value ?? worst.entity.ruleId)],
    ['Where', `${countText(digest.hostCount, 'host')}: ${tallyText(byHostGroup)}`],
    ...byPort.slice(0, MAX_PORTS).map((port) => [`Port ${item(port.value)}`, portText(port)] as const),
    ['More ports', tallyText(byPort.slice(MAX_PORTS))],
    ['Since', agedText(digest.sinceMs, nowMs)],
    ['Seen', countText(digest.eventCount, 'event')],
    ['Severity', bySeverity.length > 1 ? tallyText(bySeverity) : count.open > 0 ? '' : worst.severity],
    ['Resolved by', end === undefined ? '' : tallyText(end.byResolver)],
    [
      'Held back',
      suppressedCount === 0 ? '' : `${suppressedCount} by silences, inhibition, quiet times or because they flap`,
    ],
    ['Group', isItsRule(digest) ? '' : labelsText(digest.groupLabels)],
  ]);
}

function present(facts: readonly (readonly [label: string, value: string])[]): readonly Fact[] {
  return facts
    .map(([label, value]) => ({ label, value: safeText(value, MAX_VALUE_CHARACTERS) }))
    .filter(({ value }) => value !== '');
}

/** Nothing while the host's clock is about right. */
function clockText({ clock, entity }: Incident): string {
  if (clock === undefined) return '';
  const by = spanText(Math.abs(clock.skewMs));
  switch (clockStateOf(clock)) {
    case 'ahead':
      return `the clock of ${item(entity.host)} is ${by} ahead`;
    case 'behind':
      return `the clock of ${item(entity.host)} is ${by} behind`;
    case 'late_or_behind':
      return `events of ${item(entity.host)} come ${by} late, or its clock is behind`;
    default:
      return '';
  }
}

function sendersText({ senders = [] }: Incident): string {
  const shown = senders.slice(0, MAX_SENDERS).map(({ name, agent }) => {
    const program = agent === undefined ? '' : ` (${item(agent)})`;
    return `${item(name)}${program}`;
  });
  const left = senders.length - shown.length;
  return `${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

function causeText({ event, lastSeenMs, text }: SuspectedCause, nowMs: number | undefined): string {
  return `${item(event)} at ${agedText(lastSeenMs, nowMs)}: ${text}`;
}

function whereText({ entity }: Incident): string {
  const { port } = entity.params;
  const addresses = (entity.addresses ?? []).slice(0, MAX_ADDRESSES).map(item);
  const host = addresses.length === 0 ? item(entity.host) : `${item(entity.host)} (${addresses.join(', ')})`;
  return port === undefined ? host : `${host}, port ${item(String(port))}`;
}

/**
 * The largest with their counts; `total` is the number of values where the list is only their top.
 */
function tallyText(tallies: readonly Tally[], total = tallies.length): string {
  const shown = tallies.slice(0, MAX_TALLIES);
  const left = total - shown.length;
  const text = shown
    .map(({ value, count }) => (count === 1 ? item(value) : `${item(value)} (${count.toLocaleString('en-US')})`))
    .join(', ');
  return left > 0 && shown.length > 0 ? `${text} and ${left} more` : text;
}

function portText({ count, hostCount, holder }: PortTally): string {
  const where = `${countText(count, 'incident')} on ${countText(hostCount, 'host')}`;
  return holder === undefined ? where : `${where}, likely held by ${item(holder)}`;
}

/** What the fact `What` says already. */
function isItsRule({ groupLabels, byRule }: Digest): boolean {
  const [label, ...more] = Object.entries(groupLabels);
  return more.length === 0 && byRule.length === 1 && label?.[0] === 'alertname' && label[1] === byRule[0]?.value;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .slice(0, MAX_TALLIES)
    .map(([name, value]) => `${item(name)}=${item(value)}`)
    .join(', ');
}

function item(text: string): string {
  return safeText(text, MAX_ITEM_CHARACTERS);
}
