// What the schemas of all topics share: the forms of ids, times, counts and texts, the check of a
// schema against its type, and decoding by a schema.
import { z } from 'zod';
import type { Decoded, InRecord } from './record.ts';

/**
 * Every id that Foghorn makes of a digest: 160 bits as base64url, see `digestId`. None of its
 * characters has a meaning for BullMQ, Redis or Elasticsearch.
 */
const DIGEST = /^[\w-]{27}$/u;

/**
 * From year 1, which .NET calls no time at all, to the last millisecond of 9999: what has a year of
 * four digits, as Elasticsearch reads it.
 */
const MIN_TIME_MS = Date.parse('0001-01-01T00:00:00Z');
const MAX_TIME_MS = Date.UTC(10_000, 0, 1) - 1;

/**
 * Longest name (of a host, rule, person, receiver) and longest text (of an entry, a message, a
 * fault), in UTF-16 units.
 */
export const MAX_NAME_LENGTH = 1024;
const MAX_TEXT_LENGTH = 65_536;
const MAX_ITEMS = 1000;

/** Whether a text has the form of a digest's id. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/**
 * Whether a number is a time that dates can be made of everywhere: epoch milliseconds, years 1 to
 * 9999.
 */
export function isTime(epochMs: number): boolean {
  return Number.isFinite(epochMs) && epochMs >= MIN_TIME_MS && epochMs <= MAX_TIME_MS;
}

/** The beginning of a digest that identifies the content. */
const MARK = /^[\w-]{1,27}$/u;

/** Whether a text has the form of a mark of content. */
export function isMark(text: string): boolean {
  return MARK.test(text);
}

/** The digest of a content. */
export const mark = z.string().regex(MARK, 'the beginning of a digest');

/** The id of an event, an incident, a group or an activity entry. */
export const digest = z.string().regex(DIGEST, 'an id of 27 characters of base64url');

/** An id that its maker chose, such as a command's. */
export const ownId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\u0000-\u001F\u007F]+$/u, 'without control characters');

/** Epoch milliseconds, see `isTime`. */
export const epochMs = z.int().min(MIN_TIME_MS).max(MAX_TIME_MS);

/** A count, a revision, a duration: a whole number from 0 that JavaScript represents exactly. */
export const count = z.int().min(0);

/** How long something lasts at most that is added to a time: ten years, in milliseconds. */
const MAX_DURATION_MS = 10 * 366 * 24 * 60 * 60 * 1000;

/** A wait, milliseconds. */
export const durationMs = z.int().min(0).max(MAX_DURATION_MS);

/**
 * The number of a change. An incident that reappears after a purge starts above it, see
 * `ReduceOptions.lastPurgedRevision`.
 */
export const revision = z
  .int()
  .min(0)
  .max(2 ** 50);

/** The highest revision that a tombstone may have. */
export const MAX_PURGED_REVISION = 2 ** 40;

/** A name. */
export const name = z.string().max(MAX_NAME_LENGTH);

/** A text. */
export const text = z.string().max(MAX_TEXT_LENGTH);

/** A list of bounded length. */
export function listOf<S extends z.ZodType>(item: S): z.ZodArray<S> {
  return z.array(item).max(MAX_ITEMS);
}

/** The parameters of a match. */
export const params = z.record(z.string().max(MAX_NAME_LENGTH), z.union([text, z.number()]));

/** A type without `readonly`, written out, so that two that say the same are the same. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

// TypeScript compares two conditional types by the types that they would be resolved with: only
// this distinguishes optional fields from missing ones.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/**
 * Names a schema as that of `T`. Does not compile unless what the schema gives and `T` have the
 * same fields of the same types.
 */
export function schemaOf<T>() {
  return <S extends z.ZodType>(schema: IsSame<Plain<z.output<S>>, Plain<T>> extends true ? S : never): z.ZodType<T> =>
    schema as unknown as z.ZodType<T>;
}

const MAX_ISSUES = 5;
const MAX_DETAIL_LENGTH = 500;

/** A schema, or which one a value is read by. */
type SchemaOf<T> = z.ZodType<T> | ((value: Readonly<Record<string, unknown>>) => z.ZodType<T>);

/**
 * Reads a record's value as JSON of the schema; `bad` says which fields are wrong. Fields that the
 * schema does not know are left out, so that nothing unchecked goes any further.
 */
export function decodeBySchema<T>(schema: SchemaOf<T>, record: InRecord): Decoded<T> {
  if (record.value === null) return { kind: 'bad', detail: 'the record has no value' };
  let value: unknown;
  try {
    value = JSON.parse(record.value.toString('utf8'));
  } catch (error) {
    return { kind: 'bad', detail: `the value is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'bad', detail: 'the value is JSON but not an object' };
  const own = typeof schema === 'function' ? schema(value as Readonly<Record<string, unknown>>) : schema;
  const parsed = own.safeParse(value);
  return parsed.success ? { kind: 'value', value: parsed.data } : { kind: 'bad', detail: problemsIn(parsed.error) };
}

/** The first problems in one line, each with the path of its field. */
export function problemsIn({ issues }: z.ZodError): string {
  const shown = issues.slice(0, MAX_ISSUES).map(({ path, message }) => `${path.join('.') || 'the value'}: ${message}`);
  const more = issues.length > shown.length ? `; and ${issues.length - shown.length} more` : '';
  return `${shown.join('; ')}${more}`.slice(0, MAX_DETAIL_LENGTH);
}
