// Moves misplaced values of an agent's document to a place of their own, so that no document
// contradicts the mapping or another document. Pure.
import type { EcsDocument } from '../contracts/enriched-event.ts';
import { FIELD_TREE, type FieldTree, type LeafType } from '../ecs/field-tree.ts';
import { MAX_FLATTENED_DEPTH, MAX_NAME_LENGTH, MAX_UNMAPPED } from './limits.ts';

/**
 * The tag of a document that has a text where ECS has an object, an object where it has a value, or
 * both in one list.
 */
export const MISPLACED_TAG = 'foghorn_field_misplaced';
/** The tag of a document in which a field's name was changed: empty, stray dots, NUL, too long. */
export const NAME_TAG = 'foghorn_field_name_changed';
/**
 * The tag of a document with more fields, or deeper ones, than are searchable; they stand as JSON.
 */
export const BEYOND_TAG = 'foghorn_fields_not_searchable';

/** The values taken out of a document, by their dotted paths. */
export interface Settled {
  /** Values of known fields with another shape. */
  readonly misplaced?: EcsDocument;
  /** Unknown fields. */
  readonly unmapped?: EcsDocument;
  /** JSON of the values beyond the limits. */
  readonly unmapped_rest?: string;
}

const BAD_NAME = /(?:^|\.)\s*(?:\.|$)|\0/u;

/** Whether Elasticsearch refuses an object with such a name: NUL, or an empty part between dots. */
export function isBadName(name: string): boolean {
  return BAD_NAME.test(name);
}

interface Out {
  readonly misplaced: EcsDocument;
  readonly unmapped: EcsDocument;
  readonly rest: EcsDocument;
  readonly tags: Set<string>;
  left: number;
}

/**
 * The place of a value: its object, its name there, and the object's path with a trailing dot,
 * empty at the top.
 */
interface Place {
  readonly holder: EcsDocument;
  readonly name: string;
  readonly path: string;
}

/**
 * Settles a document in place and adds to `tags`. `aside` has values that are misplaced already, by
 * path.
 */
export function settleFields(document: EcsDocument, tags: Set<string>, aside: Readonly<EcsDocument> = {}): Settled {
  // `foghorn` is our own field, never the sender's.
  if (document['foghorn'] !== undefined) document['foghorn'] = undefined;
  const out: Out = { misplaced: {}, unmapped: {}, rest: {}, tags, left: MAX_UNMAPPED };
  for (const [path, value] of Object.entries(aside)) setAside(out, 'misplaced', path, value);
  settleObject(document, FIELD_TREE, '', out);
  return {
    ...(isEmpty(out.misplaced) ? {} : { misplaced: out.misplaced }),
    ...(isEmpty(out.unmapped) ? {} : { unmapped: out.unmapped }),
    ...(isEmpty(out.rest) ? {} : { unmapped_rest: JSON.stringify(out.rest) }),
  };
}

/** A quick check that most objects pass; false where a full one is needed. */
function isSettled(holder: EcsDocument, tree: FieldTree): boolean {
  for (const name in holder) {
    const value = holder[name];
    if (value === undefined) continue;
    const field = tree.get(name);
    if (typeof field === 'string') {
      if (typeof value === 'string' ? field === 'flattened' || field === 'boolean' : !isInPlace(value, field))
        return false;
    } else if (field === undefined || !isObject(value) || !isSettled(value, field)) return false;
  }
  return true;
}

function isInPlace(value: unknown, type: LeafType): boolean {
  return type === 'flattened' ? isObject(value) && isPlain(value) : fits(value, type);
}

const MAX_PLAIN = 32;

/** Whether an object holds a few plain values under ordinary names. */
function isPlain(values: EcsDocument): boolean {
  let count = 0;
  for (const name in values) {
    count += 1;
    if (count > MAX_PLAIN || name.length > MAX_NAME_LENGTH || BAD_NAME.test(name)) return false;
    if (typeof values[name] === 'object') return false;
  }
  return true;
}

function settleObject(holder: EcsDocument, tree: FieldTree, path: string, out: Out): void {
  if (isSettled(holder, tree)) return;
  for (const name of Object.keys(holder)) {
    const value = holder[name];
    if (value === undefined) continue;
    const field = tree.get(name);
    if (field === undefined) settleUnknown({ holder, name, path }, tree, out);
    else settleOne({ holder, name, path }, field, out);
  }
}

function settleOne(place: Place, field: FieldTree | LeafType, out: Out): void {
  const { holder, name, path } = place;
  const value = holder[name];
  if (typeof field === 'string') settleLeaf(place, field, out);
  else if (isObject(value)) settleObject(value, field, `${path}${name}.`, out);
  else if (value !== null) settleList(place, field, out);
}

/** A dotted name of a known field goes to that field if it is free. */
function settleUnknown({ holder, name, path }: Place, tree: FieldTree, out: Out): void {
  const value = holder[name];
  holder[name] = undefined;
  const parts = name.includes('.') ? name.split('.') : [];
  const field = parts.length === 0 ? undefined : fieldAt(tree, parts);
  if (field === undefined) {
    setAside(out, 'unmapped', `${path}${name}`, value);
    return;
  }
  const inner = innerOf(holder, parts.slice(0, -1));
  const last = parts.at(-1) ?? '';
  if (inner === undefined || (inner[last] ?? undefined) !== undefined) {
    setAside(out, 'misplaced', `${path}${name}`, value);
    return;
  }
  inner[last] = value;
  settleOne({ holder: inner, name: last, path: `${path}${parts.slice(0, -1).join('.')}.` }, field, out);
}

/** The object at a path, created if missing; undefined where another value is. */
function innerOf(holder: EcsDocument, parts: readonly string[]): EcsDocument | undefined {
  let inner = holder;
  for (const part of parts) {
    const next = (inner[part] ??= {});
    if (!isObject(next)) return undefined;
    inner = next;
  }
  return inner;
}

function fieldAt(tree: FieldTree, parts: readonly string[]): FieldTree | LeafType | undefined {
  let field: FieldTree | LeafType | undefined = tree;
  for (const part of parts) {
    if (field === undefined || typeof field === 'string') return undefined;
    field = field.get(part);
  }
  return field;
}

function settleLeaf(place: Place, type: LeafType, out: Out): void {
  const { holder, name, path } = place;
  const value = holder[name];
  if (type === 'flattened') {
    if (value !== null) settleFlattened(place, out);
    return;
  }
  if (fits(value, type)) return;
  const items = itemsOf(value);
  keep(
    place,
    items.filter((item) => fits(item, type)),
  );
  setAside(out, 'misplaced', `${path}${name}`, single(items.filter((item) => !fits(item, type))));
}

/** A value that is no object where objects are expected: the objects of a list stay. */
function settleList(place: Place, field: FieldTree, out: Out): void {
  for (const object of objectsOf(place, out)) settleObject(object, field, `${place.path}${place.name}.`, out);
}

function settleFlattened(place: Place, out: Out): void {
  const { holder, name } = place;
  if (isObject(holder[name])) holder[name] = cleaned(holder[name], 1, out);
  else
    keep(
      place,
      objectsOf(place, out).map((object) => cleaned(object, 1, out)),
    );
  // An object beyond the limits is left as JSON, which is no object.
  if (typeof holder[name] === 'string') holder[name] = { _: holder[name] };
}

function objectsOf(place: Place, out: Out): readonly EcsDocument[] {
  const { holder, name, path } = place;
  const items = itemsOf(holder[name]);
  const objects = items.filter(isObject);
  const others = items.filter((item) => item !== null && !isObject(item));
  if (others.length > 0) {
    keep(place, objects);
    setAside(out, 'misplaced', `${path}${name}`, single(others));
  }
  return objects;
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value.flat(Number.POSITIVE_INFINITY) as unknown[]) : [value];
}

function keep({ holder, name }: Place, values: readonly unknown[]): void {
  holder[name] = values.length === 0 ? undefined : values;
}

/**
 * Whether a value fits a leaf. Other malformed values are kept by Elasticsearch, not searchable and
 * listed in `_ignored`.
 */
function fits(value: unknown, type: LeafType): boolean {
  if (typeof value !== 'object')
    return type !== 'boolean' || [true, false, 'true', 'false', ''].includes(value as string);
  if (value === null) return true;
  if (Array.isArray(value)) return type !== 'geo_point' && value.every((item) => fits(item, type));
  if (type !== 'geo_point') return false;
  const { lat, lon, ...others } = value as EcsDocument;
  return typeof lat === 'number' && typeof lon === 'number' && isEmpty(others);
}

function setAside(out: Out, kind: 'misplaced' | 'unmapped', path: string, value: unknown): void {
  if (kind === 'misplaced') out.tags.add(MISPLACED_TAG);
  if (out.left <= 0 || path.length > MAX_NAME_LENGTH) {
    out.tags.add(BEYOND_TAG);
    put(out.rest, path, value);
  } else put(out[kind], safeName(path, out), cleaned(value, 1, out));
}

/**
 * A value for a flattened field: valid names, no deeper and no more values than the limits; the
 * rest becomes JSON.
 */
function cleaned(value: unknown, depth: number, out: Out): unknown {
  if (typeof value !== 'object' || value === null) {
    out.left -= 1;
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => cleaned(item, depth, out));
  const entries = Object.entries(value);
  if (
    depth > MAX_FLATTENED_DEPTH ||
    entries.length > out.left ||
    entries.some(([name]) => name.length > MAX_NAME_LENGTH)
  ) {
    out.left -= 1;
    out.tags.add(BEYOND_TAG);
    return JSON.stringify(value);
  }
  const safe: EcsDocument = {};
  for (const [name, item] of entries) put(safe, safeName(name, out), cleaned(item, depth + 1, out));
  return safe;
}

/** A name without NUL and without an empty part. */
function safeName(name: string, { tags }: Pick<Out, 'tags'>): string {
  if (!BAD_NAME.test(name)) return name;
  tags.add(NAME_TAG);
  const parts = name.replaceAll('\0', '\uFFFD').split('.');
  return parts.map((part) => (part.trim() === '' ? '_' : part)).join('.');
}

/** Two values of one name become a list. A name like `__proto__` is a name like any other. */
function put(target: EcsDocument, name: string, value: unknown): void {
  const list = Object.hasOwn(target, name) ? [target[name], value].flat() : value;
  Object.defineProperty(target, name, { value: list, enumerable: true, configurable: true, writable: true });
}

function single(values: readonly unknown[]): unknown {
  return values.length === 1 ? values[0] : values;
}

function isObject(value: unknown): value is EcsDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
