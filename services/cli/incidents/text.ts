// Incidents, actions and silences on a terminal: tables, or one incident in full. Pure.
import type { Action } from '../../../shared/contracts/incident.ts';
import type { Remediation, RemediationStep } from '../../../shared/contracts/remediation.ts';
import type { FailedDelivery } from '../../console/read/failed-deliveries.ts';
import type { ActionView, EventView, IncidentView, SilenceView } from '../../console/read/views.ts';

/** One incident as the API shows it. */
export interface ShownIncident {
  readonly incident: IncidentView;
  readonly remediation: Partial<Remediation>;
  readonly timeline: readonly ActionView[];
  readonly related: readonly EventView[];
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
  const rows = silences.map((one) => [one.id, one.state, one.endsAt, one.author, one.matchers.join(', '), one.comment]);
  return table(['ID', 'STATE', 'ENDS', 'AUTHOR', 'MATCHERS', 'COMMENT'], rows);
}

/** A table of deliveries that failed, with a head. */
export function deliveryTable(deliveries: readonly FailedDelivery[]): readonly string[] {
  const rows = deliveries.map((one) => [
    one.id,
    one.receiver,
    one.at,
    one.reason,
    String(one.incidents),
    one.host,
    one.error,
  ]);
  return table(['ID', 'RECEIVER', 'FAILED', 'TELLS', 'INCIDENTS', 'HOST', 'ERROR'], rows);
}

/** One line for one thing that happened. */
export function actionLine(action: Action): string {
  const { at, type, host, incidentId, actor, reason, channel, error } = action;
  const where = host === '' ? '' : ` on ${host}`;
  const to = channel === undefined ? '' : ` (${channel})`;
  const fault = error === undefined ? '' : `: ${error}`;
  return printable(
    `${new Date(at).toISOString()}  ${type.padEnd(15)} ${incidentId}${where}${to} by ${actor}: ${reason}${fault}`,
  );
}

/** One incident in full: what, the way to repair it, what happened, and what else the host said. */
export function incidentText(shown: ShownIncident): string {
  const { remediation, timeline, related } = shown;
  return [
    ...facts(shown.incident),
    ...section(
      'Causes',
      (remediation.causes ?? []).flatMap(({ text, command }) => bullet({ text, ...(command && { command }) })),
    ),
    ...(remediation.options ?? []).flatMap(({ title, steps }) => section(`Repair: ${title}`, steps.flatMap(bullet))),
    ...section('Then check', (remediation.verification ?? []).flatMap(bullet)),
    ...section(
      'Notes',
      shown.incident.notes.map(({ at, author, text }) => `${at}  ${author}: ${text}`),
    ),
    ...section(
      'Time line',
      timeline.map(
        ({ at, type, actor, reason, channel }) =>
          `${at}  ${type}${channel === undefined ? '' : ` (${channel})`} by ${actor}: ${reason}`,
      ),
    ),
    ...section(
      'The host around the last event',
      related.map(
        ({ at, provider, eventId, message }) => `${at}  ${provider ?? ''} ${eventId ?? ''}: ${cut(message ?? '', 100)}`,
      ),
    ),
  ]
    .map(printable)
    .join('\n');
}

function facts(incident: IncidentView): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['id', `${incident.id} (episode ${incident.episode}, revision ${incident.revision})`],
    ['state', `${incident.state}, ${incident.severity}`],
    ['host', incident.host],
    ['rule', `${incident.rule.id} (${incident.provider} ${incident.eventId})`],
    ['events', `${incident.episodeCount}, ${incident.totalCount} in all episodes`],
    ['seen', `${incident.firstSeen} to ${incident.lastSeen}`],
    ['assignee', incident.assignee],
    ['acknowledged', by(incident.acknowledged, incident.acknowledgedBy)],
    ['resolved', by(incident.resolved, incident.resolvedBy)],
    ['recovering', incident.recovering && `${incident.recovering.reason}; resolved at ${incident.recovering.due}`],
    ['snoozed until', incident.snoozedUntil],
    ['stale since', incident.staleSince],
    ['message', incident.message],
    ['article', incident.rule.reference],
  ];
  return [
    incident.title,
    '',
    ...rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(14)} ${value}`])),
  ];
}

function by(at: string | undefined, actor: string | undefined): string | undefined {
  return at === undefined ? undefined : `${at}${actor === undefined ? '' : ` by ${actor}`}`;
}

function bullet({ text, command, where }: Pick<RemediationStep, 'text' | 'command' | 'where'>): readonly string[] {
  const place = where === undefined ? '' : ` (${where})`;
  return [`- ${text}${place}`, ...(command === undefined ? [] : [`    ${command}`])];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
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

function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/gu, ' ');
}

/** A sender must not be able to write escape sequences to an operator's terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}
