// The Compose file, as far as it can be checked without Docker: the Compose Specification's schema,
// its references, its order, and that every setting in it is one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { SERVICE_SCHEMAS } from '../../../deploy/docs/settings.ts';
import { nodeArgs } from '../../../deploy/local/services.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { describeSettings } from '../../../shared/runtime/settings.ts';
import { imageOptions } from '../../support/manifests.ts';

interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const text = readFileSync(packagePath('deploy', 'compose.yaml'), 'utf8');
const file = parse(text, { merge: true }) as ComposeFile;
const services = Object.entries(file.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const others = services.filter(([, { build }]) => build === undefined);

/** The linter's errors; what it says of style, e.g. of keys by the alphabet, are warnings. */
function lint(path: string): readonly string[] {
  const dclint = packagePath('node_modules', '.bin', 'dclint');
  const { stdout, stderr } = spawnSync(dclint, ['--quiet', '--formatter', 'json', path], { encoding: 'utf8' });
  assert.equal(stderr, '');
  const files = JSON.parse(stdout) as readonly { readonly messages: readonly { readonly message: string }[] }[];
  return files.flatMap(({ messages }) => messages.map(({ message }) => message));
}

test('it keeps to the schema of the Compose Specification, and a fault that is put in is found', (t) => {
  assert.deepEqual(lint(packagePath('deploy', 'compose.yaml')), []);
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-compose-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [good, bad] of [
    ['retries: 6', 'retries: [6]'],
    ['    ports: [', '    port: ['],
    ['condition: service_healthy', 'condition: healthy'],
  ] as const) {
    assert.ok(text.includes(good), good);
    writeFileSync(join(folder, 'compose.yaml'), text.replace(good, bad));
    assert.match(lint(join(folder, 'compose.yaml')).join(), /ComposeValidationError/u, bad);
  }
});

test('every value of an environment is a text, so that YAML makes no number or boolean of it', () => {
  for (const [name, { environment = {} }] of services)
    for (const [key, value] of Object.entries(environment)) assert.equal(typeof value, 'string', `${name}: ${key}`);
});

test('the services that are built here are the services of this repository', () => {
  // The command line is no service: it has no settings of its own and ends.
  const existing = readdirSync(packagePath('services'))
    .filter((name) => existsSync(packagePath('services', name, 'config.ts')))
    .sort();
  assert.deepEqual(ours.map(([name]) => name).sort(), existing);
  for (const [name, { build, command }] of ours) {
    assert.deepEqual(command, [name]);
    assert.ok(existsSync(packagePath('services', name, 'main.ts')));
    assert.ok(existsSync(packagePath('deploy', build?.context ?? '', build?.dockerfile ?? '')));
  }
});

test('each service can be started with the settings it gets', () => {
  for (const [name, { environment = {} }] of ours) {
    const schema = SERVICE_SCHEMAS[name];
    assert.ok(schema !== undefined, name);
    const { NODE_OPTIONS: options = imageOptions(), ...env } = environment;
    const known = describeSettings(schema).flatMap(({ env: own, alias }) => [own, alias]);
    for (const variable of Object.keys(env)) assert.ok(known.includes(variable), `${name}: ${variable}`);
    loadConfig(schema, { env });
    assert.deepEqual(['--enable-source-maps', options], nodeArgs(name), name);
  }
});

test('servers that are named in an environment are in the file, at ports they listen on', () => {
  const listening: Readonly<Record<string, string>> = { kafka: '19092', elasticsearch: '9200', redis: '6379' };
  const named = ours.flatMap(([, { environment = {} }]) =>
    ['KAFKA_BROKERS', 'ELASTICSEARCH_URL', 'REDIS_URL'].flatMap((key) => environment[key] ?? []),
  );
  assert.ok(named.length >= ours.length);
  for (const address of named) {
    const [, host = '', port] = /^(?:\w+:\/\/)?(\w+):(\d+)$/u.exec(address) ?? [];
    assert.equal(port, listening[host], address);
  }
  assert.ok(file.services['kafka']?.environment?.['KAFKA_LISTENERS']?.includes('INTERNAL://:19092'));
  assert.ok(file.services['kafka']?.environment?.['KAFKA_ADVERTISED_LISTENERS']?.includes('INTERNAL://kafka:19092'));
});

test('who waits waits for somebody who can become healthy, and nobody waits in a circle', () => {
  const after = (name: string, seen: readonly string[]): void => {
    assert.ok(!seen.includes(name), `a circle: ${[...seen, name].join(' → ')}`);
    for (const [other, { condition }] of Object.entries(file.services[name]?.depends_on ?? {})) {
      assert.equal(condition, 'service_healthy');
      assert.ok(other in file.services, `${name} waits for ${other}, which is not there`);
      after(other, [...seen, name]);
    }
  };
  for (const [name] of services) after(name, []);
  // Ours have the image's health check.
  for (const [name, { healthcheck }] of others) assert.match(healthcheck?.test[0] ?? '', /^CMD(?:-SHELL)?$/u, name);
});

test('whatever is published is published on loopback only', () => {
  const published = services.flatMap(([, { ports = [] }]) => ports);
  assert.ok(published.length > 0);
  for (const port of published) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/u);
});

test('the images of others are pinned to a whole version, and Redis keeps what it has', () => {
  for (const [name, { image }] of others) assert.match(image ?? '', /:\d+\.\d+\.\d+(?:-\w+)?$/u, name);
  const redis = file.services['redis']?.command?.join(' ') ?? '';
  assert.match(redis, /--appendonly yes/u);
  assert.match(redis, /--maxmemory-policy noeviction/u);
});

test('named volumes are declared, and declared ones are used', () => {
  const used = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]));
  assert.deepEqual([...new Set(used)].sort(), Object.keys(file.volumes).sort());
});
