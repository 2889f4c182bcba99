// `npm run reset`: forgets all data of `npm start`; with --all also what was downloaded.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runningStart, STATE_FOLDER } from './state.ts';

const DOWNLOADS = 'servers';

/** Gives the exit code: 1 while a start of this checkout is running. */
export async function main({ args }: { readonly args: readonly string[] }): Promise<number> {
  const pid = runningStart();
  if (pid !== undefined) {
    process.stderr.write(`foghorn  npm start is running (process ${pid}): stop it first.\n`);
    return 1;
  }
  const isAll = args.includes('--all');
  for (const name of foldersOf(STATE_FOLDER)) {
    if (isAll || name !== DOWNLOADS) rmSync(join(STATE_FOLDER, name), { recursive: true, force: true });
  }
  process.stdout.write(
    `foghorn  reset: the data is gone${isAll ? ', the downloaded servers too' : '; the downloaded servers are kept (--all removes them)'}.\n`,
  );
  return await Promise.resolve(0);
}

function foldersOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
