// A disk that can run full: a file system in memory that shrinks to what is on it. It is mounted
// where nobody else sees it, in namespaces of this program's own.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ending } from '../support/ending.ts';
import { until } from '../support/until.ts';

/** One disk. */
export interface Disk {
  readonly folder: string;
  /** Leaves so many bytes free; resolves when it has no more. */
  fill(freeBytes: number): Promise<void>;
  /** Gives it its first size again. */
  makeRoom(): void;
}

/** More than a server writes in a run; only what is written takes memory. */
const SIZE = 8 * 1024 ** 3;
/**
 * What `unshare -Ur` makes: a single user, with the rights to mount.
 * https://man7.org/linux/man-pages/man7/user_namespaces.7.html
 */
const SINGLE_USER = /^\s*0\s+\d+\s+1\s*$/u;
const ADVICE = 'run it as unshare -Urm npm run cluster, on a Linux that lets users have namespaces';

/** Mounts one at a folder of this name; it is gone with `t`. */
export function mountDisk(t: Ending, name: string): Disk {
  const parent = mkdtempSync(join(tmpdir(), 'foghorn-disk-'));
  const folder = join(parent, name);
  mkdirSync(folder);
  mount(folder);
  t.after(() => {
    unmount(folder);
    rmSync(parent, { recursive: true });
  });
  const resize = (bytes: number): void => run('mount', '-o', `remount,size=${bytes}`, folder);
  return {
    folder,
    fill: async (freeBytes) => {
      // What is written meanwhile makes it fail.
      await until('the disk shrinks', () => {
        const { blocks, bfree, bsize } = statfsSync(folder);
        resize((blocks - bfree) * bsize + freeBytes);
        return true;
      });
    },
    makeRoom: () => resize(SIZE),
  };
}

/** Why there can be no disks here, and what to do about it; undefined when there can. */
export function whyNoDisks(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-disk-'));
  try {
    if (!SINGLE_USER.test(readFileSync('/proc/self/uid_map', 'utf8'))) return ADVICE;
    mount(folder);
    unmount(folder);
    return undefined;
  } catch (error) {
    return `${(error as Error).message.trim()}; ${ADVICE}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function mount(folder: string): void {
  run('mount', '-t', 'tmpfs', '-o', `size=${SIZE}`, 'foghorn', folder);
}

/** At once where nobody uses it, else when nobody does any more. */
function unmount(folder: string): void {
  run('umount', '--lazy', folder);
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
