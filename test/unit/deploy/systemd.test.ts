// The units for systemd, held against the product: settings, credentials, options of node, exit
// code, stop time. What needs systemd is not tested.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SERVICE_SCHEMAS } from '../../../deploy/docs/settings.ts';
import { nodeArgs } from '../../../deploy/local/services.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { STOP_DEADLINE_MS } from '../../../shared/runtime/service-run.ts';
import { describeSettings } from '../../../shared/runtime/settings.ts';
import { SERVER_CERTIFICATE, SERVER_KEY } from '../../support/certificates.ts';

const FOLDER = packagePath('deploy', 'systemd');
const TEMPLATE = 'foghorn@.service';

/** What stands in /etc/foghorn/secrets, by the name of the file. */
const SECRETS: Readonly<Record<string, string>> = {
  'kafka-password': 'a-password',
  'elasticsearch-key': 'a-key',
  'redis-url': 'redis://redis.example.org:6379',
  receivers: '- { name: on-call, kind: webhook, url: https://hooks.example.org/foghorn }',
  'tls.crt': SERVER_CERTIFICATE,
  'tls.key': SERVER_KEY,
};
const TOKENS: Readonly<Record<string, string>> = {
  collector: 'fleet: token-of-the-fleet-http',
  console: 'alice: { token: token-of-alice-alice, scopes: [read] }',
};

/** The lines of a unit, keys with all their values, `%i` filled in. */
function unitOf(service: string): ReadonlyMap<string, readonly string[]> {
  const dropIns = join(FOLDER, `foghorn@${service}.service.d`);
  const files = [
    join(FOLDER, TEMPLATE),
    ...(existsSync(dropIns) ? readdirSync(dropIns).map((name) => join(dropIns, name)) : []),
  ];
  const lines = new Map<string, readonly string[]>();
  for (const [, key = '', value = ''] of files.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/^(\w+)=(.*)$/gmu),
  ]))
    lines.set(key, [...(lines.get(key) ?? []), value.replaceAll('%i', service)]);
  return lines;
}

function variablesOf(unit: ReadonlyMap<string, readonly string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (unit.get('Environment') ?? []).map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

const SERVICES = Object.keys(SERVICE_SCHEMAS);

test('drop-ins are those of services', () => {
  const names = readdirSync(FOLDER).filter((name) => name !== TEMPLATE);
  for (const name of names) assert.ok(SERVICES.includes(/^foghorn@(\w+)\.service\.d$/u.exec(name)?.[1] ?? ''), name);
  assert.ok(names.length > 2);
});

test('each service can be started with its variables and credentials, and uses all of them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-credentials-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const service of SERVICES) {
    const schema = SERVICE_SCHEMAS[service];
    assert.ok(schema !== undefined);
    const unit = unitOf(service);
    const { NODE_ENV, NODE_OPTIONS = '', ...variables } = variablesOf(unit);
    const credentials = (unit.get('LoadCredential') ?? []).map((line) => line.split(':'));
    for (const [name = '', path] of credentials) {
      assert.equal(path, `/etc/foghorn/secrets/${service}/${name}`);
      writeFileSync(join(folder, name), (name === 'tokens' ? TOKENS[service] : SECRETS[name]) ?? '');
    }
    const used = Object.values(variables).flatMap((value) => /^%d\/(.+)$/u.exec(value)?.[1] ?? []);
    assert.deepEqual(used.sort(), credentials.map(([name = '']) => name).sort(), service);
    const known = describeSettings(schema).flatMap(({ env, holdsSecrets }) => [
      env,
      ...(holdsSecrets ? [`${env}_FILE`] : []),
    ]);
    for (const name of Object.keys(variables)) assert.ok(known.includes(name), `${service}: ${name}`);
    const env = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value.replace('%d', folder)]),
    );
    const { kafka } = loadConfig(schema, { env }, { areFilesChecked: true }) as {
      readonly kafka: Readonly<Record<string, unknown>>;
    };
    assert.equal(kafka['saslUsername'], `foghorn-${service}`);
    assert.equal(kafka['saslPassword'], SECRETS['kafka-password']);
    assert.equal(NODE_ENV, 'production');
    assert.deepEqual(['--enable-source-maps', NODE_OPTIONS], nodeArgs(service), service);
  }
});

test('the command starts the service, and settings that cannot be used are not tried again', () => {
  for (const service of SERVICES) {
    const unit = unitOf(service);
    const [node, ...args] = unit.get('ExecStart')?.[0]?.split(' ') ?? [];
    assert.match(node ?? '', /\/node$/u);
    assert.deepEqual(args, [
      '--enable-source-maps',
      `/opt/foghorn/dist/services/${service}/main.js`,
      '--config',
      '/etc/foghorn/foghorn.yaml',
    ]);
    assert.ok(existsSync(packagePath('services', service, 'main.ts')));
    assert.match(unit.get('ExecReload')?.[0] ?? '', / -HUP \$MAINPID$/u);
  }
  const own = ['--config', packagePath('deploy', 'no-such-file.yaml')];
  const { status } = spawnSync(process.execPath, [packagePath('dist', 'services', 'enricher', 'main.js'), ...own]);
  assert.deepEqual(unitOf('enricher').get('RestartPreventExitStatus'), [String(status)]);
});

test('systemd waits as long as a service may take to stop', () => {
  const seconds = Number(unitOf('collector').get('TimeoutStopSec')?.[0]);
  assert.ok(seconds * 1000 >= STOP_DEADLINE_MS + 2000);
});

test('a service has a user of its own, no rights, and a folder to work in', () => {
  const unit = unitOf('notifier');
  const expected = {
    DynamicUser: 'yes',
    NoNewPrivileges: 'yes',
    CapabilityBoundingSet: '',
    ProtectSystem: 'strict',
    ProtectHome: 'yes',
    PrivateDevices: 'yes',
    RestrictNamespaces: 'yes',
    SystemCallArchitectures: 'native',
    StateDirectory: 'foghorn/notifier',
    WorkingDirectory: '%S/foghorn/notifier',
  };
  for (const [key, value] of Object.entries(expected)) assert.deepEqual(unit.get(key), [value], key);
  assert.deepEqual(unit.get('SystemCallFilter'), ['@system-service', '~@privileged']);
  // V8 writes the code that it runs: with this it does not start.
  assert.ok(!unit.has('MemoryDenyWriteExecute'));
});
