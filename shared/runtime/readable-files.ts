// Whether the files and folders that settings name are there and can be read, before anything
// starts with them.
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { didYouMean } from './nearest.ts';
import { childrenAt, isMapping, marksOf, type Schema } from './schema-tree.ts';
import type { PathProblem } from './secret-files.ts';

/**
 * A problem for every file or folder of `input` that cannot be read, by the marks of its schema.
 */
export function unreadableFiles(schema: Schema, input: unknown): readonly PathProblem[] {
  return [...look([schema], input, [], undefined)];
}

function* look(
  schemas: readonly Schema[],
  value: unknown,
  path: readonly string[],
  above: 'file' | 'folder' | undefined,
): Generator<PathProblem> {
  const wanted = schemas.map((schema) => marksOf(schema).readable).find((mark) => mark !== undefined) ?? above;
  if (typeof value === 'string' && value !== '' && wanted !== undefined) {
    const message = problemIn(value, wanted);
    if (message !== undefined) yield { path, message };
    return;
  }
  if (!Array.isArray(value) && !isMapping(value)) return;
  for (const [key, item] of Object.entries(value))
    yield* look(childrenAt(schemas, key, value), item, [...path, key], wanted);
}

function problemIn(name: string, wanted: 'file' | 'folder'): string | undefined {
  try {
    const found = statSync(name);
    if (wanted === 'folder' && !found.isDirectory()) return `${name} is not a folder`;
    if (wanted === 'file' && found.isDirectory()) return `${name} is a folder, not a file`;
    accessSync(name, wanted === 'folder' ? constants.R_OK | constants.X_OK : constants.R_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no ${wanted} ${name}.${suggestion(name)}`;
    return `the ${wanted} ${name} cannot be read (${code ?? String(error)})`;
  }
}

function suggestion(name: string): string {
  try {
    return didYouMean(basename(name), readdirSync(dirname(name)));
  } catch {
    return ` There is no folder ${dirname(name)} either.`;
  }
}
