// Secrets that stand in files of their own, as Docker and Kubernetes mount them: `XFile` beside
// every secret setting `X`.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { childrenAt, holdsSecrets, isMapping, marksOf, objectsOf, type Schema, unwrap } from './schema-tree.ts';
import { readYaml } from './yaml-source.ts';

/** What follows the name of a secret setting when a file holds it. */
export const FILE_SUFFIX = 'File';

/** What is wrong, and where in the settings. */
export interface PathProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * Puts the contents of files where `XFile` names one for a secret `X` (in a list of names,
 * `{ file: … }`), in place. A text loses the line breaks at its end; anything structured is read as
 * YAML, of which JSON is a part.
 */
export function readSecretFiles(schema: Schema, input: unknown): readonly PathProblem[] {
  const problems: PathProblem[] = [];
  resolve([schema], input, { path: [], isSecret: false, problems });
  return problems;
}

/** The keys of an object, those of secrets also with the suffix. */
export function keysWithFiles(schemas: readonly Schema[], value: unknown): readonly string[] {
  return objectsOf(schemas, value).flatMap(({ shape }) =>
    Object.entries(shape).flatMap(([key, child]) => {
      const named = holdsSecrets(child as Schema) && isLeaf(child as Schema);
      return named ? [key, `${key}${FILE_SUFFIX}`] : [key];
    }),
  );
}

interface Place {
  readonly path: readonly string[];
  readonly isSecret: boolean;
  readonly problems: PathProblem[];
}

function resolve(schemas: readonly Schema[], value: unknown, place: Place): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const key = String(index);
      resolve(childrenAt(schemas, key, value), item, { ...place, path: [...place.path, key] });
    }
    return;
  }
  if (!isMapping(value)) return;
  const known = new Set(objectsOf(schemas, value).flatMap(({ shape }) => Object.keys(shape)));
  for (const key of Object.keys(value)) {
    const children = childrenAt(schemas, key, value);
    const path = [...place.path, key];
    const isSecret = place.isSecret || children.some((child) => marksOf(child).secret !== undefined);
    const base = key.endsWith(FILE_SUFFIX) ? key.slice(0, -FILE_SUFFIX.length) : '';
    if (known.has(base) && !known.has(key)) takeFile({ schemas, value, key, base }, place);
    else if (isSecret && isFileOnly(children, value[key]))
      value[key] = contentOf((value[key] as { file: unknown }).file, children, { ...place, path });
    else resolve(children, value[key], { ...place, path, isSecret });
  }
}

interface Named {
  readonly schemas: readonly Schema[];
  readonly value: Record<string, unknown>;
  readonly key: string;
  readonly base: string;
}

function takeFile({ schemas, value, key, base }: Named, { path, isSecret, problems }: Place): void {
  const children = childrenAt(schemas, base, value);
  // Left where it is, so that it is refused as an unknown key.
  if (!isSecret && !children.some((child) => holdsSecrets(child))) return;
  const file = value[key];
  delete value[key];
  if (file === '') return;
  if ((value[base] ?? '') !== '') {
    problems.push({ path: [...path, key], message: `${base} and ${key} are both set: keep one of them` });
    return;
  }
  value[base] = contentOf(file, children, { path: [...path, key], isSecret, problems });
}

/** A text, also one that may be empty or an address. */
function isText(schema: Schema): boolean {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodUnion) return inner.options.some((option) => isText(option));
  return inner._zod.def.type === 'string';
}

/** `{ file: … }` in place of a text. */
function isFileOnly(children: readonly Schema[], value: unknown): boolean {
  const isPlain = children.some((child) => isText(child));
  return isPlain && isMapping(value) && Object.keys(value).length === 1 && typeof value['file'] === 'string';
}

/** Undefined with a problem. */
function contentOf(file: unknown, children: readonly Schema[], { path, problems }: Place): unknown {
  const refuse = (message: string): undefined => void problems.push({ path, message });
  if (typeof file !== 'string') return refuse('it has to be the path of a file that holds the secret');
  // Somebody may have written the secret itself there.
  const shown = /^(?:\.{0,2}[/\\]|[a-z]:[/\\])/iu.test(file) ? `the file ${file}` : 'the file that is named there';
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return refuse(`${shown} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  const decoded = decodeText(bytes);
  if (decoded === undefined) return refuse(`${shown} is not UTF-8 text`);
  const text = decoded.replace(/[\r\n]+$/u, '');
  if (text.trim() === '') return refuse(`${shown} is empty`);
  const isPlain = children.some((child) => isText(child));
  if (!isPlain) {
    const { value, problems: found } = readYaml('', text);
    for (const { where, message } of found) refuse(`${shown}, line and column ${where.slice(1)}: ${message}`);
    return value;
  }
  return /[\r\n\0]/u.test(text) ? refuse(`${shown} has more than one line; it has to hold the secret alone`) : text;
}

/** Text in UTF-8, without a byte order mark; undefined for bytes that are none. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isLeaf(schema: Schema): boolean {
  return marksOf(schema).secret !== undefined || unwrap(schema).inner._zod.def.type !== 'object';
}
