// Builds an agent that its makers publish as a Go module.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../deploy/local/state.ts';

/** Builds once; throws with what Go said. */
export type Build = () => void;

const LIMIT_MS = 60 * 60_000;

/** A call of `go` with `args` in a folder, made once however often it is asked for. */
export function goBuild({ folder, args }: { readonly folder: string; readonly args: readonly string[] }): Build {
  let isBuilt = false;
  return () => {
    if (isBuilt) return;
    mkdirSync(join(STATE_FOLDER, 'agents'), { recursive: true });
    const env = { ...process.env, CGO_ENABLED: '0' };
    const { status, error } = spawnSync('go', args, { cwd: folder, env, stdio: 'inherit', timeout: LIMIT_MS });
    if (status !== 0)
      throw new Error(`go ${args.join(' ')} in ${folder} failed: ${error?.message ?? `exit code ${status}`}`);
    isBuilt = true;
  };
}
