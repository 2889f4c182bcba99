// The columns of the list: which can be left out, and how wide each is. Pure.

/** The columns that people choose from, in their order, with their widths. */
const OPTIONAL = {
  state: '70px',
  host: 'minmax(124px, 1.2fr)',
  port: '44px',
  events: '84px',
  age: '40px',
  last: '40px',
  owner: 'minmax(44px, 0.6fr)',
  marks: 'minmax(44px, 0.7fr)',
} as const;

/** See `OPTIONAL`. */
export type ColumnName = keyof typeof OPTIONAL;

/** All of them. */
export const COLUMNS = Object.keys(OPTIONAL) as readonly ColumnName[];

/** What the names mean to the API's export; those of a tick and of a severity are always there. */
const EXPORTED: Readonly<Record<ColumnName, readonly string[]>> = {
  state: ['state'],
  host: ['host'],
  port: ['port'],
  events: ['events'],
  age: ['opened'],
  last: ['lastSeen'],
  owner: ['assignee'],
  marks: ['episode', 'snoozedUntil', 'staleSince', 'escalationStep'],
};

/** What a list has that nobody has chosen for: what a tight one has room for. */
export function usualColumns(isTight: boolean): readonly ColumnName[] {
  return isTight ? COLUMNS.filter((name) => name !== 'last' && name !== 'marks') : COLUMNS;
}

/** The chosen ones of an address, in their order; undefined where nobody has chosen. */
export function columnsIn(text: string | null): readonly ColumnName[] | undefined {
  if (text === null) return undefined;
  const named = new Set(text.split(','));
  return COLUMNS.filter((name) => named.has(name));
}

/** With one column more or, when it is there, without it; undefined for the usual ones. */
export function toggledColumn(
  columns: readonly ColumnName[],
  name: ColumnName,
  usual: readonly ColumnName[],
): readonly ColumnName[] | undefined {
  const next = COLUMNS.filter((each) => columns.includes(each) !== (each === name));
  return next.join() === usual.join() ? undefined : next;
}

/** The tracks of the grid: tick, severity and title are always there. */
export function tracksOf(columns: readonly ColumnName[]): string {
  const width = (name: ColumnName): string => (columns.includes(name) ? `${OPTIONAL[name]} ` : '');
  const others = COLUMNS.filter((name) => name !== 'state').map(width);
  return `36px 80px ${width('state')}minmax(180px, 4fr) ${others.join('')}`.trim();
}

/** The columns of a file like the list; undefined for all that the API has. */
export function exportedColumns(columns: readonly ColumnName[] | undefined): string | undefined {
  if (columns === undefined) return undefined;
  return ['id', 'severity', 'title', ...columns.flatMap((name) => EXPORTED[name])].join(',');
}
