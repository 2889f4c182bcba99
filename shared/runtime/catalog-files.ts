// Reads the catalogue's files from disk: the built-in entries and the operator's own folders.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogError, type CatalogFile, formatCatalogError, parseCatalog } from '../catalog/load.ts';
import type { Catalog } from '../catalog/schema.ts';
import { ConfigError, errorText } from './errors.ts';
import { packagePath } from './package-root.ts';

/**
 * Loads the built-in entries and those of `folders`. Throws ConfigError with every problem, each
 * with file, line and field.
 */
export async function loadCatalogFolders(folders: readonly string[]): Promise<Catalog> {
  return catalogOf(await readCatalogFolders(folders));
}

/**
 * The texts of the built-in entries and of those in `folders`. Throws ConfigError for a folder or a
 * file that cannot be read.
 */
export async function readCatalogFolders(folders: readonly string[]): Promise<readonly CatalogFile[]> {
  const all = [packagePath('shared', 'catalog', 'entries'), ...folders];
  return (await Promise.all(all.map(readFolder))).flat();
}

/**
 * The catalogue of these files. Throws ConfigError with every problem, each with file, line and
 * field.
 */
export function catalogOf(files: readonly CatalogFile[]): Catalog {
  const result = parseCatalog(files);
  if (result.kind === 'catalog') return result.catalog;
  throw catalogError(result.errors);
}

/** An error with every problem. */
export function catalogError(errors: readonly CatalogError[]): ConfigError {
  return new ConfigError(
    `The catalogue cannot be used:\n${errors.map((error) => `  - ${formatCatalogError(error)}`).join('\n')}`,
  );
}

async function readFolder(folder: string): Promise<readonly CatalogFile[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /\.ya?ml$/u.test(name)).sort();
    return await Promise.all(
      names.map(async (name) => ({ name: join(folder, name), text: await readFile(join(folder, name), 'utf8') })),
    );
  } catch (error) {
    throw new ConfigError(`The catalogue folder ${folder} cannot be read: ${errorText(error)}`);
  }
}
