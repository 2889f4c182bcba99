// `foghorn incidents count`: how many incidents a filter matches, by facet, and by group where one
// is asked for.
import { NOBODY } from '../../console/read/filter-fields.ts';
import type { IncidentSummary } from '../../console/read/incident-summary.ts';
import { countText } from '../../notifier/channels/message/text-format.ts';
import type { CommandIo } from '../command.ts';
import { hangingLines, jsonText, oneLine } from '../terminal.ts';
import type { ConsoleClient } from './client.ts';
import { shownText, table } from './text.ts';

/** What to count. */
interface CountRequest {
  readonly client: Pick<ConsoleClient, 'ask'>;
  readonly io: CommandIo;
  /** The filter's parameters, and `by` with the keys of the groups. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly isJson: boolean;
}

const MAX_FACET_VALUES = 10;
const LABEL_WIDTH = 10;

/** Counts and prints. Throws as the client does. */
export async function count({ client, io, query, isJson }: CountRequest): Promise<number> {
  const summary = await client.ask<IncidentSummary>({ method: 'GET', path: '/api/v1/incidents/summary', query });
  if (isJson) io.out(jsonText(summary, 2));
  else for (const line of summaryLines(summary)) io.out(line);
  const left = isJson ? undefined : groupsLeft(summary);
  if (left !== undefined) io.err(left);
  return 0;
}

/**
 * The counts as lines. A value stands as the filter of the same name takes it; a group begins with
 * the words that list its incidents.
 */
export function summaryLines(summary: IncidentSummary): readonly string[] {
  const { facets, groups } = summary;
  const states = (['open', 'acknowledged', 'resolved'] as const).map((state) => `${figure(summary[state])} ${state}`);
  return [
    `${countText(summary.total, 'incident')} on ${countText(summary.hosts, 'host')}: ${states.join(', ')}; ${figure(summary.new)} new in 5 minutes`,
    ...Object.entries(facets).flatMap(([name, values]) => facetLines(name, values)),
    ...(groups.length === 0 ? [] : ['', ...groupTable(groups)]),
  ];
}

/** Says which groups are not listed; undefined where all are. */
export function groupsLeft({ groups, groupsTotal, groupsCut }: IncidentSummary): string | undefined {
  const more = groupsCut === true ? '; there are more, which were not counted: narrow the filter' : '';
  return groups.length < groupsTotal || more !== ''
    ? `groups: ${shownText(groups.length, groupsTotal)}${more}`
    : undefined;
}

function facetLines(name: string, values: IncidentSummary['facets']['state']): readonly string[] {
  if (values.length === 0) return [];
  const shown = values.slice(0, MAX_FACET_VALUES).map(({ value, count: of }) => {
    const none = name === 'assignee' ? NOBODY : 'none';
    return `${value === '' ? none : oneLine(value)} (${figure(of)})`;
  });
  const left = values.length - shown.length;
  const text = [...shown, ...(left > 0 ? [`and ${figure(left)} more`] : [])].join(', ');
  return [hangingLines(`${name.padEnd(LABEL_WIDTH)}${text}`, ' '.repeat(LABEL_WIDTH))];
}

function groupTable(groups: IncidentSummary['groups']): readonly string[] {
  const rows = groups.map((group) => [
    group.q,
    ...[group.total, group.open, group.new, group.hosts, group.events, group.unassigned].map(figure),
    group.severity ?? '',
    group.title,
  ]);
  return table(['WORDS', 'INCIDENTS', 'OPEN', 'NEW', 'HOSTS', 'EVENTS', 'UNASSIGNED', 'SEVERITY', 'WHAT'], rows);
}

function figure(of: number): string {
  return of.toLocaleString('en-US');
}
