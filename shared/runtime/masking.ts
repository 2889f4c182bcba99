// Settings as they may be shown: values marked as secret are masked everywhere, and so are
// passwords inside addresses.
import { childrenAt, holdsSecrets, isMapping, marksOf, type Schema, schemasAt } from './schema-tree.ts';

/** What stands in place of a secret. */
export const MASK = '********';

/** A second defence besides the schema's marks: keys that hold secrets everywhere. */
const SECRET_KEYS = /^(?:token|secret|password|apiKey|authorization)$/iu;

/** Where a user and a password, or a token, stand in an address: `https://user:password@host`. */
const CREDENTIALS = /[^\s/@"']*:[^\s"']*@/gu;

/**
 * A value with every secret masked, by the schemas that it is read with. What stands where the
 * schemas expect something else, or where they know nothing, is masked as soon as a secret may be
 * in it.
 */
function maskedValue(schemas: readonly Schema[], value: unknown): unknown {
  return mask(
    schemas,
    value,
    schemas.some((schema) => holdsSecrets(schema)),
  );
}

/**
 * Whether what stands at `path` may not be shown in a problem, where it is not what the schema
 * expects.
 */
export function isSecretAt(schema: Schema, path: readonly string[], value: unknown): boolean {
  if (path.some((key) => SECRET_KEYS.test(key))) return true;
  return [...path, ''].some((_, index) =>
    schemasAt(schema, path.slice(0, index), value).some((above) => marksOf(above).secret !== undefined),
  );
}

/** A value as JSON with every secret masked; `(not set)` without one. */
export function shownValue(schemas: readonly Schema[], value: unknown): string {
  if (value === undefined) return '(not set)';
  const masked = maskedValue(schemas, value);
  return masked === MASK ? MASK : JSON.stringify(masked);
}

/** An address without user, password, path and query, in which tokens stand. */
export function maskedUrl(text: string): string {
  if (!URL.canParse(text)) return MASK;
  const { protocol, host, username, password, pathname, search, hash } = new URL(text);
  const rest = `${pathname}${search}${hash}`;
  // An @ that long after the host means that the password had a character which ends the host.
  if (host === '' || rest.includes('@')) return MASK;
  const user = username === '' && password === '' ? '' : `${MASK}@`;
  return `${protocol}//${user}${host}${rest === '' || rest === '/' ? rest : `/${MASK}`}`;
}

function mask(schemas: readonly Schema[], value: unknown, isNear: boolean): unknown {
  if (isHarmless(value)) return value;
  const secret = schemas.map((schema) => marksOf(schema).secret).find((mark) => mark !== undefined);
  if (secret !== undefined) return secret === 'url' && typeof value === 'string' ? maskedUrl(value) : MASK;
  const inside = (key: string, item: unknown): unknown =>
    SECRET_KEYS.test(key) && !isHarmless(item) ? MASK : mask(childrenAt(schemas, key, value), item, isNear);
  if (Array.isArray(value)) return value.map((item, index) => inside(String(index), item));
  if (isMapping(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(key, item)]));
  const isMisplaced = schemas.length === 0 ? isNear : schemas.some((schema) => holdsSecrets(schema));
  if (isMisplaced) return MASK;
  return typeof value === 'string' ? value.replaceAll(CREDENTIALS, `${MASK}@`) : value;
}

/** Nothing was given, or nothing that could be a secret. */
function isHarmless(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || typeof value === 'boolean') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
