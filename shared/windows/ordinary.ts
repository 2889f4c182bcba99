// The fast path for a parsed document of Winlogbeat's shape: one walk instead of several, because
// nearly all need no special care.
import { FIELD_TREE, type FieldTree, type LeafType } from '../ecs/field-tree.ts';
import { MAX_NAME_LENGTH } from './limits.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The values that need no closer check at a place: any plain value, a boolean, an object of a few
 * plain values, one of texts, or nothing.
 */
const [ANY, TRUTH, FEW, TEXTS, NOTHING] = [0, 1, 2, 3, 4] as const;
const CODES: Partial<Record<LeafType, number>> = { boolean: TRUTH, flattened: FEW, geo_point: NOTHING };

/**
 * The places within an object. What was found for the names of the last object is cached by their
 * positions: the documents of an agent have the same names in the same order.
 */
interface Places {
  readonly byName: ReadonlyMap<string, Places | number>;
  readonly lastNames: string[];
  readonly lastPlaces: (Places | number)[];
}

/**
 * The places of a whole document, including those that Foghorn removes or reads within bounds of
 * its own.
 */
const PLACES = placesOf(FIELD_TREE, [
  ['@metadata', FEW],
  ['data_stream', FEW],
  [
    'winlog',
    placesOf(objectAt('winlog'), [
      ['event_data', TEXTS],
      ['user_data', TEXTS],
    ]),
  ],
]);

function objectAt(name: string): FieldTree {
  const field = FIELD_TREE.get(name);
  return field === undefined || typeof field === 'string' ? new Map() : field;
}

function placesOf(tree: FieldTree, more: readonly (readonly [string, Places | number])[] = []): Places {
  const byName = new Map<string, Places | number>();
  for (const [name, field] of tree)
    byName.set(name, typeof field === 'string' ? (CODES[field] ?? ANY) : placesOf(field));
  for (const [name, place] of more) byName.set(name, place);
  return { byName, lastNames: [], lastPlaces: [] };
}

/**
 * Whether a document has `winlog`, each field at its own place with a fitting value, no dotted
 * names, no inexact integer, and is as flat as the fields are. After false the readers check in
 * full.
 */
export function isOrdinary(document: Json): boolean {
  return isObject(document['winlog']) && isInPlace(document, PLACES);
}

function isInPlace(holder: Json, places: Places): boolean {
  let at = 0;
  for (const name in holder) {
    const place = places.lastNames[at] === name ? places.lastPlaces[at] : placeOf(name, places, at);
    if (place === undefined) return false;
    const value = holder[name];
    at += 1;
    if (typeof value === 'string' && place === ANY) continue;
    if (typeof place === 'number' ? !mayStand(value, place) : !isObject(value) || !isInPlace(value, place))
      return false;
  }
  return true;
}

function placeOf(name: string, { byName, lastNames, lastPlaces }: Places, at: number): Places | number | undefined {
  const place = byName.get(name);
  if (place === undefined || at > lastNames.length) return place;
  lastNames[at] = name;
  lastPlaces[at] = place;
  return place;
}

function mayStand(value: unknown, place: number): boolean {
  if (place === ANY) return Array.isArray(value) ? value.every(isPlain) : isPlain(value);
  if (place === TRUTH) return typeof value === 'boolean';
  if (place === TEXTS) return isObject(value) && holdsTexts(value);
  return place === FEW && isObject(value) && holdsFew(value);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' ? Math.abs(value) <= Number.MAX_SAFE_INTEGER : typeof value !== 'object';
}

function holdsTexts(values: Json): boolean {
  for (const name in values) if (typeof values[name] !== 'string') return false;
  return true;
}

const MOST = 32;
const ORDINARY_NAME = /^[\w-]+$/u;

function holdsFew(values: Json): boolean {
  let count = 0;
  for (const name in values) {
    count += 1;
    if (count > MOST || name.length > MAX_NAME_LENGTH || !ORDINARY_NAME.test(name) || !isPlain(values[name]))
      return false;
  }
  return true;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
