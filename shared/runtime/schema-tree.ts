// A settings schema as a tree next to the values written for it: which schema applies where, and
// what is marked as secret or as a file.
import { z } from 'zod';
import type { SettingMarks } from './settings.ts';

/** Any zod schema. */
export type Schema = z.core.$ZodType;

/**
 * The schema inside defaults, optionals and the like, and the default that stands in for a missing
 * value.
 */
export function unwrap(schema: Schema): { readonly inner: Schema; readonly fallback: unknown } {
  let inner = schema;
  let fallback: unknown;
  for (;;) {
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) fallback = inner.def.defaultValue;
    const next = insideOf(inner);
    if (next === undefined) return { inner, fallback };
    inner = next;
  }
}

/** The marks of a schema, those of its wrappers first. */
export function marksOf(schema: Schema): SettingMarks {
  let marks: SettingMarks = {};
  for (let inner: Schema | undefined = schema; inner !== undefined; inner = insideOf(inner))
    marks = { ...(z.globalRegistry.get(inner) as SettingMarks | undefined), ...marks };
  return marks;
}

/**
 * The schemas that may hold at `key` of a value; several where a union leaves it open, none for a
 * key that is not known.
 */
export function childrenAt(schemas: readonly Schema[], key: string, value: unknown): readonly Schema[] {
  return schemas.flatMap((schema): readonly Schema[] => {
    const { inner } = unwrap(schema);
    if (inner instanceof z.ZodObject) return Object.hasOwn(inner.shape, key) ? [inner.shape[key] as Schema] : [];
    if (inner instanceof z.ZodArray) return [inner.def.element];
    if (inner instanceof z.ZodRecord) return [inner.def.valueType];
    if (inner instanceof z.ZodUnion) return childrenAt(optionsFor(inner, value), key, value);
    return [];
  });
}

/** The schemas at a path of `value`, which decides between the options of unions. */
export function schemasAt(root: Schema, path: readonly string[], value: unknown): readonly Schema[] {
  let schemas: readonly Schema[] = [root];
  let place = value;
  for (const key of path) {
    schemas = childrenAt(schemas, key, place);
    place = ownValue(place, key);
  }
  return schemas;
}

/** The objects that schemas stand for, unions resolved by `value`. */
export function objectsOf(schemas: readonly Schema[], value: unknown): readonly z.ZodObject[] {
  return schemas.flatMap((schema): readonly z.ZodObject[] => {
    const { inner } = unwrap(schema);
    if (inner instanceof z.ZodUnion) return objectsOf(optionsFor(inner, value), value);
    return inner instanceof z.ZodObject ? [inner] : [];
  });
}

/**
 * The words that schemas allow where they allow a closed list only; undefined where other values
 * pass.
 */
export function wordsOf(schemas: readonly Schema[]): readonly string[] | undefined {
  const lists = schemas.map((schema): readonly string[] | undefined => {
    const { inner } = unwrap(schema);
    if (inner instanceof z.ZodEnum) return inner.options.map(String);
    if (inner instanceof z.ZodLiteral) return [...inner.values].map(String);
    if (inner instanceof z.ZodArray) return wordsOf([inner.def.element]);
    return inner instanceof z.ZodUnion ? wordsOf(inner.options) : undefined;
  });
  if (lists.length === 0 || lists.includes(undefined)) return undefined;
  return [...new Set(lists.flatMap((list) => list ?? []))];
}

/**
 * Whether a schema has every key of this section: of another service's section it may have some,
 * and skips the others.
 */
export function isReadWhole(schema: Schema, section: string): boolean {
  return objectsOf(childrenAt([schema], section, undefined), undefined).some(({ def }) => def.catchall !== undefined);
}

/** Whether a value by this schema is a secret or may hold one. */
export function holdsSecrets(schema: Schema, depth = 0): boolean {
  if (marksOf(schema).secret !== undefined) return true;
  // Recursive schemas have no secret at their end.
  if (depth > 8) return false;
  const { inner } = unwrap(schema);
  const within = (child: Schema): boolean => holdsSecrets(child, depth + 1);
  if (inner instanceof z.ZodObject) return Object.values(inner.shape).some((child) => within(child as Schema));
  if (inner instanceof z.ZodArray) return within(inner.def.element);
  if (inner instanceof z.ZodRecord) return within(inner.def.valueType);
  return inner instanceof z.ZodUnion && inner.options.some((option) => within(option));
}

/** The value of an own key; undefined for everything else, inherited properties included. */
export function ownValue(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

/** Whether something is a mapping of YAML or JSON. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function optionsFor(union: z.ZodUnion, value: unknown): readonly Schema[] {
  const options = union.options as readonly Schema[];
  if (!(union instanceof z.ZodDiscriminatedUnion)) return options;
  const { discriminator } = union.def;
  const word = ownValue(value, discriminator);
  const own = options.filter((option) => wordsOf(childrenAt([option], discriminator, value))?.includes(String(word)));
  return own.length > 0 ? own : options;
}

function insideOf(schema: Schema): Schema | undefined {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  )
    return schema.def.innerType;
  if (schema instanceof z.ZodLazy) return schema.def.getter();
  // What is written in another form is brought into the form that comes out.
  if (schema instanceof z.ZodPreprocess) return schema.def.out;
  return schema instanceof z.ZodPipe ? schema.def.in : undefined;
}
