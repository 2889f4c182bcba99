// How far each file was sent, so that a second run goes on where the first one stopped.
import { randomBytes } from 'node:crypto';
import { constants, mkdir, open, rename, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The checkpoint of a file, with the file's identity at that time. */
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

const MAX_BYTES = 16 * 1024 * 1024;
/** Missing on Windows. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/** The default place: the user's own state folder, where no other user can put a link or a file. */
export function defaultCheckpointPath(): string {
  const state = process.platform === 'win32' ? ['AppData', 'Local'] : ['.local', 'state'];
  return join(homedir(), ...state, 'foghorn', 'send.json');
}

/**
 * Opens or begins them. A file that is no checkpoint file, or a link, is refused with an Error.
 * Only the user can read what is written.
 */
export async function openCheckpoints(path: string): Promise<Checkpoints> {
  const known = new Map<string, Progress>(Object.entries(await read(path)));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return {
    of: (file) => known.get(resolve(file)),
    save: async (file, progress) => {
      known.set(resolve(file), progress);
      await replace(path, `${JSON.stringify(Object.fromEntries(known), undefined, 1)}\n`);
    },
  };
}

/**
 * Writes a file with an unpredictable name next to it and renames that, so that the change is
 * atomic.
 */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(12).toString('hex')}.tmp`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;
  const file = await open(temporary, flags, 0o600);
  try {
    await file.writeFile(text);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close();
    await unlink(temporary);
    throw error;
  }
}

async function read(path: string): Promise<Record<string, Progress>> {
  const text = await textOf(path);
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, Progress>;
  } catch {
    // Said below.
  }
  throw new Error(`${path} holds no checkpoints; name another file with --checkpoint.`);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    try {
      const stat = await file.stat();
      if (stat.isFile() && stat.size <= MAX_BYTES) return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP')
      throw new Error(`${path} is a symbolic link; name the file itself with --checkpoint.`, { cause: error });
    throw error;
  }
  throw new Error(`${path} holds no checkpoints; name another file with --checkpoint.`);
}
