// How far each file was sent, so that a second run goes on where the first one stopped.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** How far a file was sent, and what it was then. */
export interface Progress {
  /** The offset of the first chunk that is not confirmed. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** The checkpoints of one file of them. */
export interface Checkpoints {
  of(file: string): Progress | undefined;
  save(file: string, progress: Progress): Promise<void>;
}

/** Opens or begins them. A file that is no checkpoint file is refused with an Error. */
export async function openCheckpoints(path: string): Promise<Checkpoints> {
  const known = new Map<string, Progress>(Object.entries(await read(path)));
  return {
    of: (file) => known.get(resolve(file)),
    save: async (file, progress) => {
      known.set(resolve(file), progress);
      await writeFile(`${path}.new`, `${JSON.stringify(Object.fromEntries(known), undefined, 1)}\n`);
      await rename(`${path}.new`, path);
    },
  };
}

async function read(path: string): Promise<Record<string, Progress>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, Progress>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
  }
  throw new Error(`${path} holds no checkpoints; name another file with --checkpoint.`);
}
