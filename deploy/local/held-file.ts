// Files that say which process has something: a port, a folder. One process at a time, whatever happens at once, and none once it is gone.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { isAlive } from './lifetime.ts';

/** Writes this process's id into `file`; gives the id of the living process that has it already instead, which can be this one. Its folder must exist. */
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

/** With its content from the first moment on: an empty file would be taken for one that was left. */
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

/** One process at a time, and looking again: what another has just taken must not be removed. */
function removeLeft(file: string): void {
  const turn = `${file}.turn`;
  if (!create(turn)) {
    if (holderOf(turn) === undefined) rmSync(turn, { force: true });
    return;
  }
  try {
    if (holderOf(file) === undefined) rmSync(file, { force: true });
  } finally {
    rmSync(turn, { force: true });
  }
}
