// A filter as a file, as a command, and as the matchers of a silence. Pure.
import { type Condition, readWords } from '../../read/filter-words.ts';
import { matchersOfFilter, matcherText } from './silence-text.ts';

/** Which incidents: what a typed filter matches, or these. */
export type BulkFilter = { readonly q: string } | { readonly id: readonly string[] };

/** Where the incidents of a filter are a file. */
export function exportPath(filter: BulkFilter, format: 'csv' | 'ndjson', columns?: string): string {
  const query = new URLSearchParams({ ...('q' in filter ? filter : { id: filter.id.join(',') }), format });
  if (columns !== undefined) query.set('columns', columns);
  return `/api/v1/incidents/export?${query}`;
}

/** The command that lists them, for a shell. */
export function commandOf(filter: string): string {
  return `foghorn incidents list --all '${filter.replaceAll("'", String.raw`'\''`)}'`;
}

/** The most ids that fit into a matcher. */
const MAX_IDS = 60;

/**
 * The matchers of a silence for what is selected; undefined where no few matchers say it: for
 * several groups, too many single incidents, and filters without a field that silences know.
 */
export function silenceMatchersOf(filters: readonly BulkFilter[]): readonly string[] | undefined {
  const [filter] = filters;
  if (filter === undefined || filters.length > 1) return undefined;
  if ('id' in filter) return filter.id.length > MAX_IDS ? undefined : [matcherText('incident_id', filter.id)];
  const matchers = matchersOfFilter(conditionsOf(filter.q));
  return matchers.length === 0 ? undefined : matchers;
}

function conditionsOf(q: string): readonly Condition[] {
  const read = readWords(q);
  return read.kind === 'filter' ? read.filter.conditions : [];
}
