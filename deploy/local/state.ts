// The one folder that all state of a checkout lies in, and the mark of the run that uses a part of it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { isAlive } from './lifetime.ts';

/** `.foghorn/`: `servers/` holds what was downloaded, `start/` the data and logs of `npm start`, `test-…/` and `bench-…/` those of a test run and a benchmark. */
export const STATE_FOLDER = packagePath('.foghorn');
/** Data and logs of `npm start`. */
export const START_FOLDER = join(STATE_FOLDER, 'start');

const MARK = 'pid';

/** The process id of a living run that works in `folder`, or undefined. */
export function livingRun(folder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(folder, MARK), 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Makes `folder` and marks it as this process's; gives the way to take the mark back. */
export function markRun(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARK), String(process.pid));
  return () => rmSync(join(folder, MARK), { force: true });
}
