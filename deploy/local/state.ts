// The one folder with all state of a checkout, and the mark of the run that uses a part of it.
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { holderOf, holdFile } from './held-file.ts';

/**
 * `.foghorn/`: `servers/` holds what was downloaded, `start/` the data and logs of `npm start`,
 * `test-…/` and `bench-…/` those of a test run and a benchmark, `attack-…/` and `cases-…/` those of
 * attacks and cases.
 */
export const STATE_FOLDER = packagePath('.foghorn');
/** Data and logs of `npm start`. */
export const START_FOLDER = join(STATE_FOLDER, 'start');

const MARK = 'pid';

/** The process id of a live run that works in `folder`, or undefined. */
export function livingRun(folder: string): number | undefined {
  return holderOf(join(folder, MARK));
}

/**
 * Makes `folder`, readable for this user alone, and marks it as this process's; returns a function
 * that removes the mark. Returns the process id of the live run that has marked it before, if any:
 * of two starts at once one goes on.
 */
export function tryMarkRun(folder: string): (() => void) | number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Events, incidents and the servers' files are in it: other users of the machine must not read
  // them.
  chmodSync(folder, 0o700);
  const mark = join(folder, MARK);
  return holdFile(mark) ?? (() => rmSync(mark, { force: true }));
}

/** The same for a folder of this process alone; throws when another process works in it. */
export function markRun(folder: string): () => void {
  const mark = tryMarkRun(folder);
  if (typeof mark === 'number') throw new Error(`Process ${mark} works in ${folder}: stop it first.`);
  return mark;
}
