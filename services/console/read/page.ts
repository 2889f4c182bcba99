// Order and paging of the list: sort keys, and the cursor that a next page begins after. Pure.
import { z } from 'zod';
import { Problem } from '../api/problem.ts';
import type { Json } from './incident-filter.ts';

const SORT_FIELDS = {
  updated: { field: 'foghorn.incident.updated', type: 'date' },
  opened: { field: 'foghorn.incident.opened', type: 'date' },
  last_seen: { field: 'foghorn.incident.last_seen', type: 'date' },
  count: { field: 'foghorn.incident.total_count', type: 'long' },
  host: { field: 'host.name', type: 'keyword' },
} as const;

const SORTS = Object.keys(SORT_FIELDS).flatMap((name) => [name, `-${name}`]);

/** How many to give, in which order, after which place. */
export const pageShape = {
  sort: z
    .enum(SORTS)
    .default('-updated')
    .meta({ description: 'The order; with - the other way round. Default: -updated, the latest first.' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(50)
    .meta({ description: 'The most incidents in one answer, 1 to 500. Default: 50.' }),
  cursor: z
    .string()
    .max(2000)
    .optional()
    .meta({ description: 'The nextCursor of the page before, with the same sort and filter.' }),
};

/** The `sort` of a search; ids break ties, so that no page lacks or repeats one. */
export function sortOf(sort: string): readonly Json[] {
  const isDescending = sort.startsWith('-');
  const { field, type } = SORT_FIELDS[sort.replace('-', '') as keyof typeof SORT_FIELDS];
  return [
    { [field]: { order: isDescending ? 'desc' : 'asc', unmapped_type: type } },
    { 'foghorn.incident.id': { order: 'asc', unmapped_type: 'keyword' } },
  ];
}

const cursorSchema = z.tuple([z.string(), z.array(z.union([z.string(), z.number(), z.null()])).length(2)]);

/** The place after a hit, as text. */
export function cursorAfter(sort: string, values: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([sort, values])).toString('base64url');
}

/** The `search_after` of a cursor. Throws Problem 400 for one that is none, or of another order. */
export function searchAfter(sort: string, cursor: string): readonly (string | number | null)[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  const parsed = cursorSchema.safeParse(value);
  if (!parsed.success) throw new Problem(400, 'invalid_cursor', 'The cursor is none of ours; begin again without it.');
  const [of, values] = parsed.data;
  if (of !== sort)
    throw new Problem(
      400,
      'invalid_cursor',
      `The cursor belongs to sort=${of}; begin again without it, or with that sort.`,
    );
  return values;
}
