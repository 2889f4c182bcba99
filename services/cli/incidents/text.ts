// Incidents, activity entries and silences on a terminal: tables, or one incident in full. Pure.
import type { EntryFields } from '../../../shared/contracts/activity.ts';
import type { Remediation } from '../../../shared/contracts/remediation.ts';
import type { FailedDelivery } from '../../console/read/failed-deliveries.ts';
import type { ActivityEntryView, EventView } from '../../console/read/entry-views.ts';
import { OUTCOME_TEXTS } from '../../../shared/contracts/delivery-outcome.ts';
import type { Notifications } from '../../console/read/notifications.ts';
import type { IncidentView, SilenceView } from '../../console/read/views.ts';
import { ageText } from '../age.ts';
import { remediationSections, section } from '../remediation-text.ts';
import { hangingLines, oneLine } from '../terminal.ts';

/** One incident as the API shows it. */
export interface ShownIncident {
  readonly incident: IncidentView;
  readonly remediation: Partial<Remediation>;
  readonly timeline: readonly ActivityEntryView[];
  readonly notifications?: Notifications;
  /** The number of entries in the timeline, shown or not. */
  readonly timelineTotal?: number;
  readonly related: readonly EventView[];
  readonly relatedTotal?: number;
  /** The console's clock, from which ages are counted. */
  readonly now?: string;
}

const MAX_CELL = 60;

/** A table of incidents with a head. */
export function incidentTable(incidents: readonly IncidentView[]): readonly string[] {
  const rows = incidents.map((one) => [
    one.id,
    one.severity,
    one.state + (one.staleSince === undefined ? '' : ' (stale)'),
    one.host,
    one.rule.id,
    String(one.params['port'] ?? ''),
    String(one.episodeCount),
    one.lastSeen,
    one.assignee ?? '',
    one.title,
  ]);
  return table(['ID', 'SEVERITY', 'STATE', 'HOST', 'RULE', 'PORT', 'EVENTS', 'LAST EVENT', 'ASSIGNEE', 'WHAT'], rows);
}

/** A table of silences with a head. */
export function silenceTable(silences: readonly SilenceView[]): readonly string[] {
  const rows = silences.map((one) => [
    one.id,
    one.state,
    one.endsAt,
    one.author,
    one.matches?.toLocaleString('en-US') ?? '',
    one.matchers.join(', '),
    one.comment,
  ]);
  return table(['ID', 'STATE', 'ENDS', 'AUTHOR', 'MATCHES NOW', 'MATCHERS', 'COMMENT'], rows);
}

/** A table of deliveries that failed, with a head. */
export function deliveryTable(deliveries: readonly FailedDelivery[]): readonly string[] {
  const rows = deliveries.map((one) => [
    one.id,
    one.receiver,
    one.at,
    one.reason,
    String(one.incidents),
    one.host ?? '',
    one.error,
  ]);
  return table(['ID', 'RECEIVER', 'FAILED', 'MESSAGE', 'INCIDENTS', 'HOST', 'ERROR'], rows);
}

/** One line for one activity entry. */
export function actionLine(entry: EntryFields): string {
  const { atMs, type, host, actor, reason, receiver, error } = entry;
  const about = entry.incidentId ?? entry.silence?.id ?? entry.silenceId ?? entry.group?.id ?? entry.groupId ?? '';
  const where = host === undefined || host === '' ? '' : ` on ${host}`;
  const to = receiver === undefined ? '' : ` (${receiver})`;
  const failure = error === undefined ? '' : `: ${error}`;
  const what = oneLine(`${about}${where}${to} by ${actor}: ${reason}${failure}`);
  return `${new Date(atMs).toISOString()}  ${oneLine(type).padEnd(15)} ${what}`;
}

/**
 * One incident in full: fault, remediation, timeline, and other events of the host. Times are UTC.
 */
export function incidentText(shown: ShownIncident): string {
  const { remediation, timeline, related } = shown;
  return [
    ...facts(shown),
    ...remediationSections(remediation),
    ...section(
      'Steps done',
      (shown.incident.stepsDone ?? []).map(({ step, text, by, at }) => `${step}  ${text} (${by}, ${at})`),
    ),
    ...section('Notified', notifiedLines(shown.notifications)),
    ...section(
      'Notes',
      shown.incident.notes.map(({ at, author, text }) => `${at}  ${author}: ${text}`),
    ),
    ...section(
      `Time line${partText(timeline.length, shown.timelineTotal, 'the latest ')}`,
      timeline.map(
        ({ at, type, actor, reason, receiver, error }) =>
          `${at}  ${type}${receiver === undefined ? '' : ` (${receiver})`} by ${actor}: ${reason}${error === undefined ? '' : `: ${error}`}`,
      ),
    ),
    ...section(
      `The host around the last event${partText(related.length, shown.relatedTotal, 'the nearest ')}`,
      related.map(
        ({ at, provider, eventId, message }) => `${at}  ${provider ?? ''} ${eventId ?? ''}: ${cut(message ?? '', 100)}`,
      ),
    ),
  ].join('\n');
}

/** Who was notified, who will be, and who is not and why. */
function notifiedLines(notifications: Notifications | undefined): readonly string[] {
  const { receivers = [], escalations = [], passed = [] } = notifications ?? {};
  return [
    ...receivers.map(({ receiver, outcome, at, nextReminder, error, reason, route }) =>
      [
        `${receiver}: ${OUTCOME_TEXTS[outcome]}${at === undefined ? '' : ` at ${at}`}`,
        ...(nextReminder === undefined ? [] : [`again at ${nextReminder} if it is still open`]),
        ...[error, reason, route].filter((text) => text !== undefined && text !== ''),
      ].join('; '),
    ),
    ...escalations.map(
      ({ step, at, receivers: whom, isDone }) =>
        `escalation ${step} to ${whom.join(', ')}: ${isDone ? 'done' : `at ${at} while nobody acknowledges it`}`,
    ),
    ...passed.map((text) => `not notified: ${text}`),
  ];
}

/** `100 of 2,527 shown`. */
export function shownText(shown: number, total: number): string {
  return `${shown.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} shown`;
}

/** ` (100 of 2,527)` where not all are shown. */
function partText(shown: number, total: number | undefined, which = ''): string {
  if (total === undefined || total <= shown) return '';
  return ` (${which}${shown.toLocaleString('en-US')} of ${total.toLocaleString('en-US')})`;
}

function facts({ incident, now }: ShownIncident): readonly string[] {
  const nowMs = now === undefined ? Number.NaN : Date.parse(now);
  const aged = (at: string | undefined, actor?: string): string | undefined => {
    if (at === undefined) return undefined;
    const age = ageText(at, nowMs);
    return `${at}${age === '' ? '' : ` (${age})`}${actor === undefined ? '' : ` by ${actor}`}`;
  };
  const params = Object.entries(incident.params).map(([name, value]) => `${name} = ${value}`);
  const { recovering } = incident;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['id', `${incident.id} (episode ${incident.episode}, revision ${incident.revision})`],
    ['state', `${incident.state}, ${incident.severity}`],
    ['host', incident.host],
    ['rule', `${incident.rule.id} (${incident.provider} ${incident.eventId})`],
    ['values', params.length === 0 ? undefined : params.join(', ')],
    ['likely holder', incident.likelyHolder],
    ['events', `${incident.episodeCount}, ${incident.totalCount} in all episodes`],
    ['opened', aged(incident.opened)],
    ['first event', aged(incident.firstSeen)],
    ['last event', aged(incident.lastSeen)],
    ['clock', clockText(incident)],
    ['sent by', incident.senders?.join(', ')],
    ['assignee', incident.assignee],
    ['acknowledged', aged(incident.acknowledged, incident.acknowledgedBy)],
    ['resolved', aged(incident.resolved, incident.resolvedBy)],
    ['cleared by', incident.clearedBy],
    ['flapping', flappingText(incident)],
    ['recovering', recovering && `${recovering.reason}; resolved at ${aged(recovering.due)}`],
    ['snoozed until', aged(incident.snoozedUntil)],
    ['stale since', aged(incident.staleSince)],
    ['summary', incident.summary],
    ['message', incident.message],
    ['article', incident.rule.reference],
  ];
  return [
    hangingLines(incident.title, '  '),
    '',
    ...rows.flatMap(([name, value]) =>
      value === undefined ? [] : [`${name.padEnd(14)} ${hangingLines(value, ' '.repeat(15))}`],
    ),
  ];
}

function flappingText({ flapping }: IncidentView): string | undefined {
  if (flapping === undefined) return undefined;
  const minutes = Math.ceil(flapping.quietForMs / 60_000);
  return `it has begun ${flapping.count} times since ${flapping.since}; notified again once it has been quiet for ${minutes} min`;
}

function clockText({ clock, clockSkewMs = 0, host }: IncidentView): string | undefined {
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  if (clock === undefined) return undefined;
  if (clock === 'late_or_behind') return `events of ${host} come ${seconds} s late, or its clock is behind`;
  return `the clock of ${host} is ${seconds} s ${clock}`;
}

/** Cells below their heads, each on one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [
    head,
    ...rows.map((row) => row.map((cell, index) => cut(oneLine(cell), index === 0 ? Infinity : MAX_CELL))),
  ];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cut(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;
}
