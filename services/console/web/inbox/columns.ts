// The columns of the list: which can be left out, and how wide each is. Pure.

/** The columns that people choose from, in their order, with their widths. */
const OPTIONAL = {
  state: '74px',
  host: 'minmax(110px, 2fr)',
  port: '44px',
  events: '52px',
  age: '40px',
  last: '40px',
  owner: 'minmax(50px, 1fr)',
  marks: 'minmax(50px, 1fr)',
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

/** The chosen ones of an address, in their order; undefined for all. */
export function columnsIn(text: string | null): readonly ColumnName[] | undefined {
  if (text === null) return undefined;
  const named = new Set(text.split(','));
  return chosen(COLUMNS.filter((name) => named.has(name)));
}

/** With one column more or, when it is there, without it. */
export function toggledColumn(
  columns: readonly ColumnName[] | undefined,
  name: ColumnName,
): readonly ColumnName[] | undefined {
  const before = columns ?? COLUMNS;
  return chosen(COLUMNS.filter((each) => before.includes(each) !== (each === name)));
}

function chosen(columns: readonly ColumnName[]): readonly ColumnName[] | undefined {
  return columns.length === COLUMNS.length ? undefined : columns;
}

/** The tracks of the grid: tick, severity and title are always there. */
export function tracksOf(columns: readonly ColumnName[]): string {
  const width = (name: ColumnName): string => (columns.includes(name) ? `${OPTIONAL[name]} ` : '');
  const others = COLUMNS.filter((name) => name !== 'state').map(width);
  return `36px 84px ${width('state')}minmax(180px, 3fr) ${others.join('')}`.trim();
}

/** The columns of a file like the list; undefined for all that the API has. */
export function exportedColumns(columns: readonly ColumnName[] | undefined): string | undefined {
  if (columns === undefined) return undefined;
  return ['id', 'severity', 'title', ...columns.flatMap((name) => EXPORTED[name])].join(',');
}
