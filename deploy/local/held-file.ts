// Lock files with the id of the process that has something: a port, a folder. One process at a
// time; the lock of a dead process counts as free.
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { isAlive } from './lifetime.ts';

/**
 * Writes this process's id into `file`; gives the id of the living process that has it already
 * instead, which can be this one. Its folder must exist.
 */
export function holdFile(file: string): number | undefined {
  for (;;) {
    if (create(file)) return undefined;
    const holder = holderOf(file);
    if (holder !== undefined) return holder;
    removeLeft(file);
  }
}

/** The living process that holds `file`. */
export function holderOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/**
 * With its content from the first moment on: an empty file would be taken for one that was left.
 */
function create(file: string): boolean {
  const whole = `${file}.${randomUUID()}`;
  writeFileSync(whole, String(process.pid), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(whole, { force: true });
  }
}

/**
 * Only the holder of the turn for just this file, by inode and time, may remove it. A turn by the
 * path alone is not enough: a process that read it too early would remove that of another, and two
 * would have a turn at once.
 */
function removeLeft(file: string): void {
  const left = instanceOf(file);
  if (left === undefined) return;
  const turn = `${file}.${left}`;
  if (holdFile(turn) !== undefined) return;
  try {
    if (instanceOf(file) === left && holderOf(file) === undefined) rmSync(file, { force: true });
  } finally {
    rmSync(turn, { force: true });
  }
}

/** The identity of a file among all that were at its path; undefined where there is none. */
function instanceOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.ino}-${stats.mtimeNs}`;
}
