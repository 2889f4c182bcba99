// The root of the package: the folder with package.json, found upward from this file, so that
// sources and dist/ agree on it.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The absolute path of a file or folder of the package, e.g.
 * `packagePath('shared', 'catalog', 'entries')`. Throws when there is no package.json above.
 */
export function packagePath(...parts: readonly string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`No package.json above ${fileURLToPath(import.meta.url)}: the installation is incomplete.`);
    folder = parent;
  }
  return join(folder, ...parts);
}
