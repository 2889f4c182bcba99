// `npm run notice`: writes deploy/evtx/NOTICE, the licences of the crates inside evtx.wasm with
// their texts. Needs cargo; the crates come from crates.io as Cargo.lock pins them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('../evtx/', import.meta.url));
const args = ['metadata', '--locked', '--format-version', '1', '--filter-platform', 'wasm32-unknown-unknown'];
const options = { cwd: HERE, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
const { packages, resolve } = JSON.parse(execFileSync('cargo', args, options));
const byId = new Map(packages.map((item) => [item.id, item]));
const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
const crates = linked(resolve.root)
  .map((id) => byId.get(id))
  .filter((item) => item.name !== 'foghorn-evtx')
  .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));

const texts = new Map();
for (const crate of crates)
  for (const text of licenceTexts(crate))
    texts.set(text, [...(texts.get(text) ?? []), `${crate.name} ${crate.version}`]);
const lines = [
  'evtx.wasm holds these crates from crates.io, and parts of the Rust standard library and the crates that it is made of (MIT or Apache-2.0,',
  'copyright the Rust project contributors). Where a licence may be chosen, it is taken under the MIT licence or else under the first that is named.',
  '',
  ...crates.map(
    ({ name, version, license, repository }) =>
      `${name} ${version}: ${license} (${repository ?? 'no repository named'})`,
  ),
  ...[...texts].flatMap(([text, names]) => ['', '-'.repeat(80), names.join(', '), '', text]),
];
writeFileSync(join(HERE, 'NOTICE'), `${lines.join('\n')}\n`);
process.stdout.write(`foghorn  ${crates.length} crates, ${texts.size} licence texts\n`);

/**
 * The ids of all packages that are linked in: neither for the build alone nor run by the compiler.
 */
function linked(root) {
  const found = new Set([root]);
  for (const id of found)
    for (const { pkg, dep_kinds } of nodes.get(id).deps) {
      const isMacro = byId.get(pkg).targets.some(({ kind }) => kind.includes('proc-macro'));
      if (!isMacro && dep_kinds.some(({ kind }) => kind === null)) found.add(pkg);
    }
  return [...found];
}

/** The texts that a crate brings: of several licences to choose from the MIT one, else all. */
function licenceTexts(crate) {
  const folder = dirname(crate.manifest_path);
  const files = readdirSync(folder).filter((name) => /^(?:licen[cs]e|copying|unlicense|notice)/iu.test(name));
  const mit = files.filter((name) => /mit/iu.test(name));
  const isChoice = / OR |\//u.test(crate.license);
  const isMore = / AND /u.test(crate.license);
  return (isChoice && !isMore && mit.length > 0 ? mit : files)
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim());
}
