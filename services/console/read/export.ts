// Incidents as a file: CSV (RFC 4180) for a table, NDJSON for programs. Pure but for the stream.
import { replaceUnprintable, replaceUnprintableRuns } from '../../../shared/contracts/unprintable.ts';
import type { IncidentView } from './views.ts';

/** The columns by their names. */
const COLUMNS = {
  id: ({ id }) => id,
  state: ({ state }) => state,
  severity: ({ severity }) => severity,
  title: ({ title }) => title,
  rule: ({ rule }) => rule.id,
  ruleName: ({ rule }) => rule.name,
  class: (incident) => incident.class,
  host: ({ host }) => host,
  port: ({ params }) => params['port'],
  provider: ({ provider }) => provider,
  eventId: ({ eventId }) => eventId,
  likelyHolder: ({ likelyHolder }) => likelyHolder,
  likelyHolderBy: ({ likelyHolderBy }) => likelyHolderBy,
  episode: ({ episode }) => episode,
  events: ({ totalCount }) => totalCount,
  opened: ({ opened }) => opened,
  firstSeen: ({ firstSeen }) => firstSeen,
  lastSeen: ({ lastSeen }) => lastSeen,
  updated: ({ updated }) => updated,
  assignee: ({ assignee }) => assignee,
  acknowledged: ({ acknowledged }) => acknowledged,
  acknowledgedBy: ({ acknowledgedBy }) => acknowledgedBy,
  resolved: ({ resolved }) => resolved,
  resolvedBy: ({ resolvedBy }) => resolvedBy,
  resolution: ({ resolution }) => resolution,
  snoozedUntil: ({ snoozedUntil }) => snoozedUntil,
  staleSince: ({ staleSince }) => staleSince,
  escalationStep: ({ escalationStep }) => escalationStep,
  notes: ({ notes }) => notes.map(({ at, author, text }) => `${at} ${author}: ${text}`).join('\n'),
  message: ({ message }) => message,
} as const satisfies Readonly<Record<string, (incident: IncidentView) => string | number | undefined>>;

/** The name of a column. */
export type Column = keyof typeof COLUMNS;

/** See `Column`. */
export const COLUMN_NAMES = Object.keys(COLUMNS) as readonly Column[];

/** The columns of a table that nobody chose others for. */
export const DEFAULT_COLUMNS: readonly Column[] = COLUMN_NAMES.filter((name) => name !== 'message' && name !== 'notes');

/** What to write. */
export interface ExportForm {
  readonly format: 'csv' | 'ndjson';
  readonly columns: readonly Column[];
}

/** The file, a page of incidents at a time. */
export async function* exported(
  pages: AsyncIterable<readonly IncidentView[]>,
  { format, columns }: ExportForm,
): AsyncGenerator<string> {
  // Comes with the first incidents, so that nothing is written where they cannot be read.
  let head = format === 'csv' ? `${columns.join(',')}\r\n` : '';
  for await (const page of pages) {
    yield head + page.map((incident) => rowOf(incident, { format, columns })).join('');
    head = '';
  }
  if (head !== '') yield head;
}

function rowOf(incident: IncidentView, { format, columns }: ExportForm): string {
  if (format === 'ndjson') return `${jsonLine(incident)}\n`;
  return `${columns.map((name) => cell(COLUMNS[name](incident))).join(',')}\r\n`;
}

/** Escapes what a terminal would act on. */
function jsonLine(incident: IncidentView): string {
  return replaceUnprintable(JSON.stringify(incident), (character) =>
    Array.from({ length: character.length }, (_, index) => escaped(character.charCodeAt(index))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/**
 * A cell. A table program takes a text that begins with one of these characters for a formula,
 * which an event could have written: an apostrophe before it makes it text.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
export function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const lines = value.split(/\r\n|\r|\n/u).map((line) => replaceUnprintableRuns(line, ' '));
  const text = lines.join('\n');
  const harmless = /^[\s]*[=+\-@\t\r＝＋－＠]/u.test(text) ? `'${text}` : text;
  return /[",\n']/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
