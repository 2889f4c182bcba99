// Takes over changed entries while the enricher runs. Compares the content of the files rather than
// watching them, which also sees editors that rename and mounts that swap a link.
import type { CatalogFile } from '../../shared/catalog/load.ts';
import type { Catalog } from '../../shared/catalog/schema.ts';
import { errorText } from '../../shared/runtime/errors.ts';
import { sleep } from '../../shared/runtime/backoff.ts';
import { catalogOf, readCatalogFolders } from '../../shared/runtime/catalog-files.ts';

/** What reloading needs. */
interface ReloadOptions {
  readonly folders: readonly string[];
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** A changed catalogue without a problem. What it throws is a problem. */
  onCatalog(catalog: Catalog): Promise<void>;
  /**
   * Called once for each state of the files with all of their problems, each with file, line and
   * field.
   */
  onProblem(detail: string): void;
}

/** The catalogue as loaded, and the files it was made of. */
export interface LoadedCatalog {
  readonly catalog: Catalog;
  readonly state: string;
}

/** Loads the catalogue for the first time. Throws ConfigError with every problem. */
export async function loadCatalog(folders: readonly string[]): Promise<LoadedCatalog> {
  const files = await readCatalogFolders(folders);
  return { catalog: catalogOf(files), state: stateOf(files) };
}

/**
 * Checks every `everyMs` until `signal` aborts. Files count when two successive checks find them
 * equal, so that one that is just being written is not taken half. Files with a problem change
 * nothing: what was loaded stays in force.
 */
export async function reloadCatalog(loaded: LoadedCatalog, options: ReloadOptions): Promise<void> {
  let inForce = loaded.state;
  let before = inForce;
  while (!options.signal.aborted) {
    await sleep(options.everyMs, options.signal);
    const { state, load } = await look(options.folders);
    const isSettled = state === before && state !== inForce;
    before = state;
    if (!isSettled || options.signal.aborted) continue;
    inForce = state;
    try {
      await options.onCatalog(load());
    } catch (error) {
      if (!options.signal.aborted) options.onProblem(errorText(error));
    }
  }
}

/** Folders that cannot be read are a state like any other, with a problem. */
async function look(folders: readonly string[]): Promise<{ readonly state: string; readonly load: () => Catalog }> {
  try {
    const files = await readCatalogFolders(folders);
    return { state: stateOf(files), load: () => catalogOf(files) };
  } catch (error) {
    const load = (): never => {
      throw error;
    };
    return { state: errorText(error), load };
  }
}

function stateOf(files: readonly CatalogFile[]): string {
  return JSON.stringify(files);
}
