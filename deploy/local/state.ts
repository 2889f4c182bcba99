// The one folder that all state of a checkout lies in, and the mark of the start that uses it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { isAlive } from './lifetime.ts';

/** `.foghorn/`: `servers/` holds what was downloaded, `start/` the data and logs of `npm start`, `test-…/` those of a test run. */
export const STATE_FOLDER = packagePath('.foghorn');
/** Data and logs of `npm start`. */
export const START_FOLDER = join(STATE_FOLDER, 'start');

const MARK = join(START_FOLDER, 'pid');

/** The process id of a living `npm start` of this checkout, or undefined. */
export function runningStart(): number | undefined {
  try {
    const pid = Number(readFileSync(MARK, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Marks this process as the start; gives the way to take the mark back. */
export function markStart(): () => void {
  mkdirSync(START_FOLDER, { recursive: true });
  writeFileSync(MARK, String(process.pid));
  return () => rmSync(MARK, { force: true });
}
