// How long a command lives: until a signal, or until the program that started it (npm, a shell) is gone.
import { execFileSync } from 'node:child_process';

/** Aborts when the command is to end; `reason` of the signal says why. `release` lets the process end by itself. */
export interface Lifetime {
  readonly signal: AbortSignal;
  release(): void;
}

const WATCH_EVERY_MS = 500;
const EXIT_INTERRUPTED = 130;

/** Listens for SIGINT, SIGTERM and SIGHUP and watches the parents. A second signal ends the process at once; its guard ends the children. */
export function createLifetime(): Lifetime {
  const ending = new AbortController();
  const end = (why: string): void => {
    if (ending.signal.aborted) process.exit(EXIT_INTERRUPTED);
    ending.abort(new Error(why));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(`stopped by ${signal}`));
  const parents = npmParents();
  const watch = setInterval(() => {
    if (!ending.signal.aborted && parents.some((pid) => !isAlive(pid))) end('the program that started this is gone');
  }, WATCH_EVERY_MS);
  watch.unref();
  return { signal: ending.signal, release: () => clearInterval(watch) };
}

/** Under npm: its shell and itself. npm killed with SIGKILL tells nobody. Without npm nothing is watched, so that nohup works. */
function npmParents(): readonly number[] {
  if (process.env['npm_lifecycle_event'] === undefined) return [];
  const parents = [process.ppid];
  const isShell = /(?:^|\/)(?:ba|da|z)?sh$/u.test(ps('comm=', process.ppid));
  const above = Number(ps('ppid=', process.ppid));
  return isShell && above > 1 ? [...parents, above] : parents;
}

function ps(field: string, pid: number): string {
  try {
    return execFileSync('ps', ['-o', field, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
