// Fetches a local server's jars from Maven Central, once, and checks them against the checked-in
// hashes. A stamp with the hash of both lists marks a finished download.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { type Children, untilExit } from './process.ts';

/** The profiles of pom.xml. */
export type JarProfile = 'kafka' | 'elasticsearch' | 'redis';

/** What fetching needs. `findMaven` is called only when something has to be fetched. */
export interface JarOptions {
  readonly profile: JarProfile;
  /** Where all servers' files lie. */
  readonly folder: string;
  readonly javaHome: string | undefined;
  readonly children: Children;
  readonly signal: AbortSignal;
  findMaven(): { readonly program?: string; readonly missing?: string };
  progress(line: string): void;
}

const REPORT_EVERY = 10;
/**
 * One line per jar, as `sha256sum` writes them. `npm run jars` writes it anew after a change of
 * pom.xml.
 */
const HASHES = packagePath('deploy', 'local', 'jars.sha256');

/**
 * The folder with the jars, fetched when needed. Throws with Maven's own words when it fails, and
 * when `signal` aborts.
 */
export async function fetchJars(options: JarOptions): Promise<string> {
  const { profile, folder, javaHome, children, signal, progress } = options;
  const pom = packagePath('deploy', 'local', 'pom.xml');
  const jars = join(folder, profile, 'jars');
  const stamp = join(folder, profile, 'pom.sha256');
  const hash = createHash('sha256').update(readFileSync(pom)).update(readFileSync(HASHES)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return jars;
  const maven = options.findMaven();
  if (maven.program === undefined) throw new Error(maven.missing);
  rmSync(join(folder, profile), { recursive: true, force: true });
  progress(`${profile}: fetching from Maven Central (once) …`);
  let fetched = 0;
  const words: string[] = [];
  const child = children.start({
    name: 'maven',
    command: maven.program,
    args: [
      '--batch-mode',
      '--strict-checksums',
      '--file',
      pom,
      `-P${profile}`,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${jars}`,
    ],
    cwd: folder,
    env: javaHome === undefined ? {} : { JAVA_HOME: javaHome },
    onLine: (line) => {
      words.push(line);
      if (/^Downloaded from .*\.jar/u.test(line) && (fetched += 1) % REPORT_EVERY === 0)
        progress(`${profile}: ${fetched} jars fetched …`);
    },
  });
  const code = await untilExit(child, signal);
  if (code !== 0)
    throw new Error(`Maven could not fetch ${profile} (exit code ${code}):\n${words.slice(-15).join('\n')}`);
  const wrong = unexpectedJars(jars, readFileSync(HASHES, 'utf8'));
  if (wrong.length > 0)
    throw new Error(
      `${profile}: these jars are not the ones that deploy/local/jars.sha256 names, and are not used: ${wrong.join(', ')}. Remove them from Maven's own store and start again; if pom.xml was changed on purpose, write the hashes anew with npm run jars.`,
    );
  writeFileSync(stamp, hash);
  progress(`${profile}: jars are there`);
  return jars;
}

/** The names of the jars in a folder whose SHA-256 is not in the list. */
export function unexpectedJars(folder: string, list: string): readonly string[] {
  const known = new Set(list.split('\n'));
  return jarHashes(folder)
    .filter((line) => !known.has(line))
    .map((line) => line.slice(line.indexOf('  ') + 2));
}

/** A line per jar of a folder, sorted by name: its SHA-256 and its name. */
export function jarHashes(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jar'))
    .sort()
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}  ${name}`,
    );
}
