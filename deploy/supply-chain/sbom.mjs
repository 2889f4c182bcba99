// `npm run --silent sbom`: a CycloneDX 1.5 bill of materials of what the product runs on: the npm
// packages of production and the crates inside deploy/evtx/evtx.wasm. Read from the lock files:
// `npm sbom --omit dev` (11.19) leaves out packages that a development dependency needs too.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');
const { packages } = JSON.parse(read('package-lock.json'));
const { name, version, license, dependencies } = packages[''];
const wasm = 'pkg:cargo/foghorn-evtx@0.1.0';
const components = [...npmPackages(), ...crates(read('deploy/evtx/Cargo.lock'))];
const root = `pkg:npm/${name}@${version}`;
const refs = Object.keys(dependencies).map((key) => purlOf(key, packages[`node_modules/${key}`].version));
const bom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: `urn:uuid:${uuidOf(JSON.stringify(components))}`,
  version: 1,
  metadata: {
    component: { 'bom-ref': root, type: 'application', name, version, licenses: [{ license: { id: license } }] },
  },
  components,
  dependencies: [{ ref: root, dependsOn: [...refs, wasm] }],
};
process.stdout.write(`${JSON.stringify(bom, undefined, 2)}\n`);

function npmPackages() {
  return Object.entries(packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true)
    .map(([path, entry]) => {
      const key = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const content = Buffer.from(entry.integrity.replace(/^sha512-/u, ''), 'base64').toString('hex');
      return {
        ...componentOf(key, entry.version, purlOf(key, entry.version)),
        ...(entry.license === undefined ? {} : { licenses: [{ expression: entry.license }] }),
        hashes: [{ alg: 'SHA-512', content }],
      };
    });
}

/** The packages of a Cargo.lock. All that the lock pins are named, those of the build too. */
function crates(lock) {
  return lock
    .split('[[package]]')
    .slice(1)
    .map((text) => {
      const field = (key) => new RegExp(`^${key} = "(?<value>[^"]*)"$`, 'mu').exec(text)?.groups.value;
      const checksum = field('checksum');
      return {
        ...componentOf(field('name'), field('version'), `pkg:cargo/${field('name')}@${field('version')}`),
        ...(checksum === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: checksum }] }),
      };
    });
}

/** The scope's @ is percent-encoded (Package URL specification, "npm"). */
function purlOf(key, itsVersion) {
  return `pkg:npm/${key.replace('@', '%40')}@${itsVersion}`;
}

function componentOf(itsName, itsVersion, purl) {
  return { 'bom-ref': purl, type: 'library', name: itsName, version: itsVersion, purl };
}

/** The same components have the same number. */
function uuidOf(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
