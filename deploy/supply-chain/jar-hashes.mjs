// `npm run jars`: fetches the jars of pom.xml into a folder of its own and writes their hashes to
// jars.sha256. Read the difference before it is committed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOCAL = fileURLToPath(new URL('../local/', import.meta.url));
const POM = join(LOCAL, 'pom.xml');
const lines = new Set();
for (const profile of ['kafka', 'elasticsearch', 'redis']) {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-jars-'));
  const args = ['--batch-mode', '--strict-checksums', '--quiet', '--file', POM, `-P${profile}`];
  execFileSync('mvn', [...args, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`], { stdio: 'inherit' });
  for (const name of readdirSync(folder)) {
    const hash = createHash('sha256').update(readFileSync(join(folder, name)));
    lines.add(`${hash.digest('hex')}  ${name}`);
  }
  rmSync(folder, { recursive: true });
}
const sorted = [...lines].sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
writeFileSync(join(LOCAL, 'jars.sha256'), `${sorted.join('\n')}\n`);
process.stdout.write(`foghorn  ${sorted.length} jars\n`);
