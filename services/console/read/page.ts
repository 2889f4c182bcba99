// Order and paging of the list: sort keys, and the cursor that a next page begins after. Pure.
import { z } from 'zod';
import { Refusal } from '../../../shared/http/refusal.ts';
import { wholeNumber } from '../fields.ts';
import type { Json } from './filter-fields.ts';

/**
 * `last_seen` is ordered by a time no later than the receipt, so that a host whose clock is set to
 * the year 9999 is not above all others for good.
 */
const SORT_FIELDS = {
  severity: { field: 'foghorn.incident.severity_rank', type: 'long' },
  updated: { field: 'foghorn.incident.updated', type: 'date' },
  opened: { field: 'foghorn.incident.opened', type: 'date' },
  last_seen: { field: 'foghorn.incident.last_seen_corrected', type: 'date' },
  count: { field: 'foghorn.incident.total_count', type: 'long' },
  host: { field: 'host.name', type: 'keyword' },
} as const;

const SORTS = Object.keys(SORT_FIELDS).flatMap((name) => [name, `-${name}`]);

/** It holds the id of a point in time, which grows with the shards of the index. */
const MAX_CURSOR_CHARACTERS = 6000;

/** How many to give, in which order, after which place. */
export const pageShape = {
  sort: z
    .enum(SORTS)
    .default('-updated')
    .meta({ description: 'The order; with - the other way round. Default: -updated, the latest first.' }),
  limit: wholeNumber({ min: 1, max: 500, byDefault: 50 }, 'The most incidents in one answer'),
  cursor: z.string().max(MAX_CURSOR_CHARACTERS).optional().meta({
    description:
      'The nextCursor of the page before, with the same sort and filter, within 5 minutes of it: all pages show the incidents as they were when the first was asked for.',
  }),
};

/** The `sort` of a search; ids break ties, and of one severity the oldest comes first. */
export function sortOf(sort: string): readonly Json[] {
  const order = sort.startsWith('-') ? 'desc' : 'asc';
  const name = sort.replace('-', '') as keyof typeof SORT_FIELDS;
  const oldestFirst = name === 'severity' ? [by('opened', 'asc')] : [];
  return [by(name, order), ...oldestFirst, { 'foghorn.incident.id': { order: 'asc', unmapped_type: 'keyword' } }];
}

function by(name: keyof typeof SORT_FIELDS, order: 'asc' | 'desc'): Json {
  const { field, type } = SORT_FIELDS[name];
  return { [field]: { order, unmapped_type: type } };
}

/**
 * Where a next page begins: in which point in time, as Elasticsearch names it, and after which sort
 * values.
 */
interface Place {
  readonly pit: string;
  readonly values: readonly (string | number | null)[];
}

const cursorSchema = z.tuple([
  z.string(),
  z.string().min(1),
  z
    .array(z.union([z.string(), z.number(), z.null()]))
    .min(2)
    .max(4),
]);

/** A place as text. */
export function cursorOf(sort: string, { pit, values }: Place): string {
  return cursorText([sort, pit, values]);
}

/** The place of a cursor. Throws Refusal 400 for one that is none, or of another order. */
export function placeOf(sort: string, cursor: string): Place {
  const [of, pit, values] = readCursor(cursorSchema, cursor);
  if (of !== sort)
    throw new Refusal(
      400,
      'invalid_cursor',
      `The cursor belongs to sort=${of}; begin again without it, or with that sort.`,
    );
  return { pit, values };
}

/** What a list needs to go on, as the text of a cursor. */
export function cursorText(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** What a cursor holds. Throws Refusal 400 for a text that is no cursor of this list. */
export function readCursor<T>(schema: z.ZodType<T>, cursor: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Refusal(400, 'invalid_cursor', 'The cursor is none of ours; begin again without it.');
  return parsed.data;
}
