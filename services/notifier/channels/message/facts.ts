// The facts of a message as short lines with a label: what, where, since, how often, how bad.
import type { Incident } from '../../../../shared/contracts/incident.ts';
import type { NamedCause } from '../../../../shared/contracts/named-cause.ts';
import type { Digest, Tally } from '../../../../shared/contracts/notification.ts';
import { safeText } from '../safe-text.ts';
import { countText, spanText, timeText } from './words.ts';

/** A label and what stands behind it, both plain text of one line. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

const MAX_VALUE_CHARACTERS = 300;
const MAX_ITEM_CHARACTERS = 80;
const MAX_TALLIES = 10;
const MAX_ADDRESSES = 5;
const MAX_NOTES = 2;
const MAX_CAUSES = 2;

/** The facts of one incident, with what other faults of the host say of its cause. */
export function incidentFacts(incident: Incident, namedCauses: readonly NamedCause[] = []): readonly Fact[] {
  const {
    entity,
    severity,
    firstSeenMs,
    lastSeenMs,
    episodeCount,
    assignee = '',
    staleSinceMs,
    snoozedUntilMs,
    notes = [],
  } = incident;
  const seen =
    episodeCount === 1
      ? 'once'
      : `${countText(episodeCount, 'time')} in ${spanText(lastSeenMs - firstSeenMs)}, last at ${timeText(lastSeenMs)}`;
  return present([
    ['What', entity.eventId > 0 ? `${entity.provider} event ${entity.eventId}, rule ${entity.ruleId}` : entity.ruleId],
    ['Where', whereText(incident)],
    ['Since', timeText(firstSeenMs)],
    ['Seen', seen],
    ['Severity', severity],
    ...namedCauses.slice(0, MAX_CAUSES).map((cause) => ['Likely cause', causeText(cause)] as const),
    ['Assigned', assignee],
    ['Snoozed', snoozedUntilMs === undefined ? '' : `until ${timeText(snoozedUntilMs)}`],
    [
      'Stale',
      staleSinceMs === undefined ? '' : `no event since ${timeText(lastSeenMs)}; that is no proof that it is over`,
    ],
    ...notes
      .slice(-MAX_NOTES)
      .map(({ author, text, atMs }) => ['Note', `${text} (${item(author)}, ${timeText(atMs)})`] as const),
  ]);
}

/** The facts of a group; `worst` is the incident that stands for it. */
export function digestFacts(digest: Digest, worst: Incident): readonly Fact[] {
  const { byRule, byPort, bySeverity, topHosts, suppressedCount } = digest;
  return present([
    ['What', byRule.length > 1 ? tallyText(byRule) : (byRule[0]?.value ?? worst.entity.ruleId)],
    ['Where', `${countText(digest.hostCount, 'host')}: ${tallyText(topHosts, digest.hostCount)}`],
    ['Ports', tallyText(byPort)],
    ['Since', timeText(digest.sinceMs)],
    ['Seen', countText(digest.eventCount, 'event')],
    ['Severity', bySeverity.length > 1 ? tallyText(bySeverity) : worst.severity],
    ['Held back', suppressedCount === 0 ? '' : `${suppressedCount} by silences, inhibition or quiet times`],
    ['Group', labelsText(digest.groupLabels)],
  ]);
}

function present(facts: readonly (readonly [label: string, value: string])[]): readonly Fact[] {
  return facts
    .map(([label, value]) => ({ label, value: safeText(value, MAX_VALUE_CHARACTERS) }))
    .filter(({ value }) => value !== '');
}

function causeText({ event, lastSeenMs, text }: NamedCause): string {
  return `${item(event)} at ${timeText(lastSeenMs)}: ${text}`;
}

function whereText({ entity }: Incident): string {
  const { port } = entity.params;
  const addresses = (entity.addresses ?? []).slice(0, MAX_ADDRESSES).map(item);
  const host = addresses.length === 0 ? item(entity.host) : `${item(entity.host)} (${addresses.join(', ')})`;
  return port === undefined ? host : `${host}, port ${item(String(port))}`;
}

/** The largest with their counts; `total` says how many values there are where the list is only their top. */
function tallyText(tallies: readonly Tally[], total = tallies.length): string {
  const shown = tallies.slice(0, MAX_TALLIES);
  const left = total - shown.length;
  const text = shown.map(({ value, count }) => (count === 1 ? item(value) : `${item(value)} (${count})`)).join(', ');
  return left > 0 && shown.length > 0 ? `${text} and ${left} more` : text;
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
