// What the product is made of: pinned by hashes, named in a bill of materials, without a trace of
// the machine it was built on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
  readonly dev?: boolean;
}

const lock = JSON.parse(readFileSync(packagePath('package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockEntry>>;
};
const manifest = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

test('every package of the lock file has a SHA-512, those of other platforms too [security, supply chain]', () => {
  const entries = Object.entries(lock.packages).filter(([path]) => path !== '');
  assert.ok(entries.length > 100);
  const without = entries.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/u.test(integrity ?? ''));
  assert.deepEqual(
    without.map(([path]) => path),
    [],
    'npm run lock',
  );
});

test('the bill of materials names every dependency that runs, none of development, and the crates inside the WebAssembly [security, supply chain]', () => {
  const output = execFileSync(process.execPath, [packagePath('deploy', 'supply-chain', 'sbom.mjs')], {
    encoding: 'utf8',
  });
  const bom = JSON.parse(output) as {
    readonly bomFormat: string;
    readonly components: readonly {
      readonly name: string;
      readonly purl: string;
      readonly hashes?: readonly object[];
    }[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  };
  assert.equal(bom.bomFormat, 'CycloneDX');
  const purls = bom.components.map(({ purl }) => purl);
  for (const [name, version] of Object.entries(manifest.dependencies))
    assert.ok(purls.includes(`pkg:npm/${name.replace('@', '%40')}@${version}`), name);
  assert.ok(!bom.components.some(({ name }) => name === 'typescript' || name === 'oxlint'));
  assert.ok(purls.includes('pkg:cargo/evtx@0.15.1'));
  for (const ref of bom.dependencies.flatMap(({ dependsOn }) => dependsOn)) assert.ok(purls.includes(ref), ref);
  assert.ok(bom.components.every(({ name, hashes }) => name === 'foghorn-evtx' || hashes?.length === 1));
});

test('the WebAssembly holds no path of the machine that built it, and its notice names every crate that is linked in [security, supply chain]', () => {
  const bytes = readFileSync(packagePath('deploy', 'evtx', 'evtx.wasm')).toString('latin1');
  assert.doesNotMatch(bytes, /\/(?:root|home|Users|tmp|work)\//u);
  assert.match(bytes, /\/cargo\/registry\//u, 'the paths are replaced, not lost');
  const notice = readFileSync(packagePath('deploy', 'evtx', 'NOTICE'), 'utf8');
  // Of the standard library's own crates the notice speaks as a whole.
  const cargoLock = readFileSync(packagePath('deploy', 'evtx', 'Cargo.lock'), 'utf8');
  const isOurs = (crate = '', version = ''): boolean =>
    cargoLock.includes(`name = "${crate}"\nversion = "${version}"\n`);
  for (const [, crate, version] of bytes.matchAll(/\/cargo\/registry\/src\/[\w.-]+\/([a-z][\w-]*?)-(\d[\w.]*)\//gu))
    if (isOurs(crate, version)) assert.ok(notice.includes(`\n${crate} ${version}: `), `${crate} ${version}`);
});
