// Agents of Debian, unpacked by debian.sh: where their programs lie, and the environment they need.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import type { Found } from './agent.ts';

/** The folder that debian.sh was given. */
const FOLDER = process.env['DEBIAN_AGENTS'] ?? join(STATE_FOLDER, 'agents', 'debian');

/** One of the packages. */
export interface DebianAgent {
  readonly root: string;
  readonly program: string;
  /** Where its modules and libraries lie. */
  readonly libraries: string;
  readonly env: Readonly<Record<string, string>>;
  find(): Found;
  readonly build: () => void;
}

/**
 * An agent by its folder, and its program there; `version` finds the version in what it prints with
 * `versionOption`.
 */
export function debianAgent(
  name: string,
  program: string,
  { versionOption, version }: { readonly versionOption: string; readonly version: RegExp },
): DebianAgent {
  const root = join(FOLDER, name);
  // As on this machine: `/usr/lib/x86_64-linux-gnu` or another architecture's.
  const libraries = join(root, 'usr', 'lib', `${machine()}-linux-gnu`);
  const folders = [libraries, join(root, 'lib', `${machine()}-linux-gnu`), join(root, 'usr', 'lib', name)];
  const env = { LD_LIBRARY_PATH: folders.join(':') };
  const path = join(root, program);
  return {
    root,
    program: path,
    libraries,
    env,
    find: () => {
      if (!existsSync(join(FOLDER, 'complete')))
        return { missing: `${name} of Debian: test/agents/debian.sh ${FOLDER} unpacks it` };
      const { stdout, stderr } = spawnSync(path, [versionOption], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
      });
      const found = version.exec(`${stdout}${stderr}`)?.[1];
      return found === undefined ? { missing: `${path} does not run: ${stderr.trim()}` } : { version: found };
    },
    build: unpack,
  };
}

/** Unpacks all of them, where that has not been done. */
function unpack(): void {
  const { status } = spawnSync('bash', [packagePath('test', 'agents', 'debian.sh'), FOLDER], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The agents of Debian cannot be unpacked; the words of apt-get are above.');
}

function machine(): string {
  return process.arch === 'arm64' ? 'aarch64' : 'x86_64';
}
