// `npm run reset`: deletes all data of `npm start`; with --all the downloads too.
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { livingRun, START_FOLDER, STATE_FOLDER } from './state.ts';

const DOWNLOADS = 'servers';

/**
 * Gives the exit code: 1 while a start of this checkout is running. Folders in use by a test run or
 * a benchmark stay, and the downloads with them.
 */
export async function main({ args }: { readonly args: readonly string[] }): Promise<number> {
  return reset(STATE_FOLDER, args.includes('--all'));
}

/**
 * Deletes the content of a state folder; `isAll`: the downloaded servers too. Gives the exit code.
 */
export function reset(stateFolder: string, isAll: boolean): number {
  const names = foldersOf(stateFolder);
  const living = new Map(names.map((name) => [name, livingRun(join(stateFolder, name))]));
  const start = living.get(basename(START_FOLDER));
  if (start !== undefined) {
    process.stderr.write(`foghorn  npm start is running (process ${start}): stop it first.\n`);
    return 1;
  }
  const busy = names.filter((name) => living.get(name) !== undefined);
  for (const name of busy)
    process.stdout.write(`foghorn  ${name} is kept: process ${living.get(name)} is working in it.\n`);
  const areServersKept = !isAll || busy.length > 0;
  for (const name of names.filter((folder) => !busy.includes(folder) && !(folder === DOWNLOADS && areServersKept)))
    rmSync(join(stateFolder, name), { recursive: true, force: true });
  const servers = !areServersKept
    ? ', the downloaded servers too'
    : `; the downloaded servers are kept (${isAll ? 'they are in use' : '--all removes them'})`;
  process.stdout.write(`foghorn  reset: the data is gone${servers}.\n`);
  return 0;
}

function foldersOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
