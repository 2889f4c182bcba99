// What a setting is: the schema's leaves with their path, environment variable, default, unit and
// meaning. Help, docs and masking come from here.
import { z } from 'zod';
import { holdsSecrets, ownValue, type Schema, unwrap, wordsOf } from './schema-tree.ts';

/** What a schema says of a value wherever it stands, also inside structured settings. */
export interface SettingMarks {
  /**
   * Never shown, and settable by a file: `XFile` beside `X`. `url`: an address, of which scheme and
   * host may be shown.
   */
  readonly secret?: boolean | 'url';
  /** The path of a file or folder that has to be readable when it is set. */
  readonly readable?: 'file' | 'folder';
}

/** What the schema says of a leaf beside its type. */
interface SettingMeta extends SettingMarks {
  readonly description: string;
  readonly unit?: string;
  /** A second environment variable that also sets it, e.g. `KAFKA_BROKERS`. */
  readonly alias?: string;
}

/** One setting as the operator sees it. */
export interface Setting extends SettingMeta {
  readonly path: readonly string[];
  readonly env: string;
  readonly type: SettingType;
  readonly allowed: string;
  readonly default: unknown;
  readonly schema: Schema;
  /** It is a secret or has one inside, so that a file may hold it. */
  readonly holdsSecrets: boolean;
}

type SettingType = 'string' | 'number' | 'boolean' | 'list' | 'object';

const ENV_PREFIX = 'FOGHORN_';

/** Attaches meaning, unit and secrecy to a leaf of a schema. */
export function setting<S extends z.ZodType>(schema: S, meta: SettingMeta): S {
  return schema.meta({ ...meta });
}

/** Marks a value inside a structured setting as a secret, e.g. the token of a receiver. */
export function secret<S extends z.ZodType>(schema: S): S {
  return schema.meta({ secret: true });
}

/** Marks an address whose path and query may hold a token, e.g. of a webhook. */
export function secretUrl<S extends z.ZodType>(schema: S): S {
  return schema.meta({ secret: 'url' });
}

/**
 * Marks the path of a file that has to be readable when it is set, e.g. of a certificate authority.
 */
export function readableFile<S extends z.ZodType>(schema: S): S {
  return schema.meta({ readable: 'file' });
}

/** A whole number within bounds, with its default. */
export function wholeNumber(
  fallback: number,
  bounds: { readonly min: number; readonly max: number },
  meta: SettingMeta,
): z.ZodDefault<z.ZodNumber> {
  return setting(z.number().int().min(bounds.min).max(bounds.max).default(fallback), meta);
}

/**
 * All settings of a schema, in its order. Every leaf has to carry a description; a `TypeError`
 * names one that does not.
 */
export function describeSettings(schema: z.ZodType): readonly Setting[] {
  return [...leaves(schema, [])];
}

/** The environment variable of a path, e.g. `kafka.clientId` → `FOGHORN_KAFKA_CLIENT_ID`. */
export function envNameOf(path: readonly string[]): string {
  return ENV_PREFIX + path.map((part) => part.replaceAll(/([a-z0-9])([A-Z])/gu, '$1_$2').toUpperCase()).join('_');
}

/** Sets `value` at `path`, making objects on the way. */
export function setPath(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let place = target;
  for (const part of path.slice(0, -1)) {
    const next = place[part];
    if (typeof next === 'object' && next !== null) place = next as Record<string, unknown>;
    else place = place[part] = {} as Record<string, unknown>;
  }
  place[path.at(-1) ?? ''] = value;
}

/** The value at `path`, or undefined. */
export function getPath(source: unknown, path: readonly string[]): unknown {
  let place = source;
  for (const part of path) {
    place = ownValue(place, part);
  }
  return place;
}

function* leaves(schema: Schema, path: readonly string[]): Generator<Setting> {
  const { inner, fallback } = unwrap(schema);
  const meta = z.globalRegistry.get(schema) as SettingMeta | undefined;
  if (inner instanceof z.ZodObject && meta?.description === undefined) {
    for (const [key, child] of Object.entries(inner.shape)) yield* leaves(child as Schema, [...path, key]);
    return;
  }
  if (meta?.description === undefined) throw new TypeError(`The setting ${path.join('.')} has no description.`);
  yield {
    ...meta,
    path,
    env: envNameOf(path),
    type: typeOf(inner),
    allowed: allowedOf(inner),
    default: fallback,
    schema,
    holdsSecrets: holdsSecrets(schema),
  };
}

function typeOf(schema: Schema): SettingType {
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodArray) {
    const { inner } = unwrap(schema.def.element);
    return ['string', 'enum'].includes(inner._zod.def.type) ? 'list' : 'object';
  }
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return 'object';
  return 'string';
}

/** What a schema takes, for people; the empty text when its type says it all. */
export function allowedOf(schema: Schema): string {
  const { inner } = unwrap(schema);
  const words = inner instanceof z.ZodArray ? undefined : wordsOf([inner]);
  if (words !== undefined) return words.join(', ');
  if (inner instanceof z.ZodNumber) return `${inner.minValue ?? ''}–${inner.maxValue ?? ''}`;
  if (inner instanceof z.ZodBoolean) return 'true, false';
  return {
    string: 'text',
    list: 'a list (comma-separated in the environment)',
    object: 'YAML (JSON in the environment)',
    number: '',
    boolean: '',
  }[typeOf(inner)];
}
