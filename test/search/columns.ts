// Documents by field, for a plain scan: every value as text, with the numbers of the documents that
// have it.

/** One value and its documents. */
export interface Cell {
  readonly value: string;
  readonly documents: readonly number[];
}

/** All values, by the dotted path of their field. */
export interface Columns {
  readonly count: number;
  of(field: string): readonly Cell[];
}

type Json = Readonly<Record<string, unknown>>;
type Growing = Map<string, Map<string, number[]>>;

/**
 * Takes documents apart. What lies below an object is under its dotted path; lists are their
 * values.
 */
export function columnsOf(documents: readonly Json[]): Columns {
  const columns: Growing = new Map();
  for (const [document, json] of documents.entries()) addObject(columns, document, '', json);
  const cells = new Map(
    [...columns].map(([field, values]) => [field, [...values].map(([value, own]) => ({ value, documents: own }))]),
  );
  return { count: documents.length, of: (field) => cells.get(field) ?? [] };
}

function addObject(columns: Growing, document: number, path: string, json: Json): void {
  for (const name in json) addValue(columns, document, path === '' ? name : `${path}.${name}`, json[name]);
}

function addValue(columns: Growing, document: number, path: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) for (const item of value) addValue(columns, document, path, item);
  else if (typeof value === 'object') addObject(columns, document, path, value as Json);
  else {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const column = getOrMake(columns, path, () => new Map<string, number[]>());
    getOrMake(column, text, () => []).push(document);
  }
}

function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
