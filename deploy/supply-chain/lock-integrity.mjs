// `npm run lock`: gives every entry of package-lock.json its integrity. npm leaves it out for
// packages of other platforms, which it never downloads; whoever installs there would take them
// unchecked.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(FILE, 'utf8'));
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '' || entry.link || entry.integrity !== undefined) continue;
  const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const answer = execFileSync('npm', ['view', `${name}@${entry.version}`, 'dist.integrity', '--json'], {
    encoding: 'utf8',
  });
  const integrity = JSON.parse(answer);
  if (typeof integrity !== 'string' || !integrity.startsWith('sha512-'))
    throw new Error(`The registry gives no SHA-512 integrity for ${name}@${entry.version}.`);
  // In npm's own order, so that npm writes the file no other way.
  const { version, ...rest } = entry;
  lock.packages[path] = { version, integrity, ...rest };
  added += 1;
}
writeFileSync(FILE, `${JSON.stringify(lock, undefined, 2)}\n`);
process.stdout.write(`foghorn  ${added} entries of the lock file got their integrity\n`);
