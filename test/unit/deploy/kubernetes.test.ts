// The services' manifests for Kubernetes, held against the product: settings, ports, probes, stop
// time, secrets, network policies. What needs a cluster is not tested anywhere.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { SERVICE_SCHEMAS } from '../../../deploy/docs/settings.ts';
import { nodeArgs } from '../../../deploy/local/services.ts';
import { LISTENING_INPUTS } from '../../../services/collector/inputs/inputs.ts';
import { startAdminServer } from '../../../shared/http/admin-server.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { logSettings } from '../../../shared/runtime/logger.ts';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { STOP_DEADLINE_MS } from '../../../shared/runtime/service-run.ts';
import { describeSettings, getPath } from '../../../shared/runtime/settings.ts';
import { CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY } from '../../support/certificates.ts';
import {
  basePods,
  COMPONENTS,
  containerOf,
  documentsOf,
  FOLDERS,
  imageOptions,
  kustomizationOf,
  type Labels,
  type Manifest,
  patchedPod,
  type Pod,
  resourcesOf,
  secretFilesOf,
  selects,
  textOf,
} from '../../support/manifests.ts';

/** What an operator puts into each Secret: its keys, with an example of each. */
const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    Object.keys(SERVICE_SCHEMAS).map((name) => [`foghorn-${name}`, { password: `kafka-of-${name}` }]),
  ),
  'foghorn-cluster-ca-cert': { 'ca.crt': CA_CERTIFICATE },
  'foghorn-es-http-certs-public': { 'ca.crt': CA_CERTIFICATE },
  'foghorn-es-elastic-user': { elastic: 'elastic-password' },
  'foghorn-elasticsearch-indexer': { password: 'indexer-password' },
  'foghorn-elasticsearch-console': { password: 'console-password' },
  'foghorn-redis': { url: 'redis://foghorn:redis-password@foghorn-redis:6379', 'users.acl': 'user default off' },
  'foghorn-collector-tls': { 'tls.crt': SERVER_CERTIFICATE, 'tls.key': SERVER_KEY },
  'foghorn-collector-tokens': Object.fromEntries(
    ['http', 'hec', 'bulk', 'otlp'].map((kind) => [kind, `fleet: token-of-the-fleet-${kind}`]),
  ),
  'foghorn-agents-ca': { 'ca.crt': CA_CERTIFICATE },
  'foghorn-notifier-receivers': {
    receivers: '- { name: on-call, kind: webhook, url: https://hooks.example.org/foghorn }',
  },
  'foghorn-console-tls': { 'tls.crt': SERVER_CERTIFICATE, 'tls.key': SERVER_KEY },
  'foghorn-console-tokens': { tokens: 'alice: { token: token-of-alice-alice, scopes: [read, operate] }' },
};

const pods = basePods();
const collector = pods.get('collector');
assert.ok(collector !== undefined);
const withInputs = patchedPod(collector, 'inputs');
const everything = FOLDERS.flatMap((folder) => resourcesOf(folder));
const ofKind = (kind: string, among: readonly Manifest[] = everything): readonly Manifest[] =>
  among.filter((manifest) => manifest.kind === kind);

/** The services, and the collector with all inputs. */
const variants: readonly (readonly [service: string, pod: Pod])[] = [...pods, ['collector', withInputs]];

function labelsOf(service: string): Labels {
  return { 'app.kubernetes.io/name': 'foghorn', 'app.kubernetes.io/component': service };
}

/** Lays the pod's volumes out in a folder and loads its settings from there, files checked. */
function load(t: TestContext, service: string, pod: Pod) {
  const root = mkdtempSync(join(tmpdir(), 'foghorn-pod-'));
  t.after(() => rmSync(root, { recursive: true }));
  const { args, env = [], volumeMounts } = containerOf(pod);
  const moved = (text: string): string =>
    volumeMounts
      .toSorted((a, b) => b.mountPath.length - a.mountPath.length)
      .reduce((all, { mountPath }) => all.replaceAll(`${mountPath}/`, `${root}${mountPath}/`), text);
  for (const { name, mountPath } of volumeMounts) {
    const folder = join(root, mountPath);
    mkdirSync(folder, { recursive: true });
    const volume = pod.volumes.find((each) => each.name === name);
    assert.ok(volume !== undefined, `${service}: there is no volume ${name}`);
    for (const { secret, item } of secretFilesOf(volume)) {
      const content = SECRETS[secret]?.[item.key];
      assert.ok(content !== undefined, `${service}: nobody puts ${item.key} into the Secret ${secret}`);
      writeFileSync(join(folder, item.path), content);
    }
    if (volume.configMap === undefined) continue;
    const generated = kustomizationOf('base').configMapGenerator?.find((each) => each.name === volume.configMap?.name);
    for (const file of generated?.files ?? []) writeFileSync(join(folder, file), moved(textOf('base', file)));
  }
  const [argument, option, path = ''] = args;
  assert.deepEqual([argument, option], [service, '--config']);
  const schema = SERVICE_SCHEMAS[service];
  assert.ok(schema !== undefined, service);
  const variables = Object.fromEntries(env.map(({ name, value }) => [name, moved(value)]));
  const file = { name: path, text: readFileSync(join(root, path), 'utf8') };
  const full = schema.extend({ log: logSettings });
  return loadConfig(full, { env: variables, file }, { areFilesChecked: true });
}

function valueAt(config: unknown, path: string): unknown {
  return getPath(config, path.split('.'));
}

test('each service of this repository has a Deployment, and no other is there', () => {
  const existing = readdirSync(packagePath('services')).filter((name) =>
    existsSync(packagePath('services', name, 'config.ts')),
  );
  assert.deepEqual([...pods.keys()].sort(), existing.sort());
});

test('each kustomization names what is there, and whatever is there is named', () => {
  for (const folder of FOLDERS) {
    const { resources = [], components = [], patches = [], configMapGenerator = [] } = kustomizationOf(folder);
    const named = [
      ...resources,
      ...patches.flatMap(({ path }) => path ?? []),
      ...configMapGenerator.flatMap((one) => one.files),
    ];
    const files = readdirSync(packagePath('deploy', 'kubernetes', folder)).filter(
      (name) => name !== 'kustomization.yaml',
    );
    assert.deepEqual(named.filter((name) => !name.startsWith('..')).sort(), files.sort(), folder);
    for (const path of [...resources, ...components])
      assert.ok(existsSync(packagePath('deploy', 'kubernetes', folder, path)), `${folder}: ${path}`);
  }
  assert.deepEqual(
    kustomizationOf('example')
      .components?.map((path) => path.split('/').at(-1))
      .sort(),
    COMPONENTS,
  );
});

test('what is patched is there', () => {
  const names = everything.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  for (const folder of FOLDERS)
    for (const { path, target } of kustomizationOf(folder).patches ?? []) {
      const patched =
        target === undefined
          ? documentsOf(folder, path ?? '').map(({ kind, metadata }) => `${kind}/${metadata.name}`)
          : [`${target.kind}/${target.name ?? 'foghorn-.+'}`];
      for (const pattern of patched)
        assert.ok(
          names.some((name) => new RegExp(`^${pattern}$`, 'u').test(name)),
          `${folder}: ${pattern}`,
        );
    }
});

test('each service can be started with the settings and the files that it gets', (t) => {
  for (const [service, pod] of variants) {
    const config = load(t, service, pod);
    assert.equal(valueAt(config, 'kafka.saslUsername'), `foghorn-${service}`);
    assert.equal(valueAt(config, 'kafka.saslPassword'), `kafka-of-${service}`);
    assert.equal(valueAt(config, `${service}.admin.host`), '0.0.0.0');
  }
});

test('every variable of an environment is a setting that the service reads', () => {
  for (const [service, pod] of variants) {
    const schema = SERVICE_SCHEMAS[service];
    assert.ok(schema !== undefined);
    const known = describeSettings(schema).flatMap(({ env, holdsSecrets }) => [
      env,
      ...(holdsSecrets ? [`${env}_FILE`] : []),
    ]);
    const { env = [] } = containerOf(pod);
    const names = env.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, service);
    for (const { name, value } of env) {
      assert.equal(typeof value, 'string', `${service}: ${name}`);
      if (name !== 'NODE_OPTIONS') assert.ok(known.includes(name), `${service}: ${name}`);
    }
    const options = env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? imageOptions();
    assert.deepEqual(['--enable-source-maps', options], nodeArgs(service), service);
  }
});

test('every file of a Secret that is mounted is named by a setting', () => {
  for (const [service, pod] of variants) {
    const { env = [], volumeMounts } = containerOf(pod);
    const settings = `${textOf('base', 'foghorn.yaml')}\n${env.map(({ value }) => value).join('\n')}`;
    for (const { name, mountPath } of volumeMounts) {
      const volume = pod.volumes.find((each) => each.name === name);
      assert.ok(volume !== undefined);
      for (const { item } of secretFilesOf(volume))
        assert.match(settings, new RegExp(`${mountPath}/${item.path}(?=\\s|$)`, 'mu'), `${service}: ${item.path}`);
    }
  }
});

test('the collector’s ports are those of its inputs, and nobody listens for everybody without log-in and TLS', (t) => {
  for (const pod of [collector, withInputs]) {
    const config = load(t, 'collector', pod);
    const expected = [['admin', valueAt(config, 'collector.admin.port'), 'TCP']];
    for (const { kind } of LISTENING_INPUTS) {
      const input = valueAt(config, `collector.${kind}`) as Readonly<Record<string, unknown>>;
      if (input['enabled'] !== true) continue;
      expected.push([kind, input['port'], 'TCP']);
      if (input['udp'] === true) expected.push([`${kind}-udp`, input['port'], 'UDP']);
      assert.equal(input['host'], '0.0.0.0', kind);
      assert.notEqual(input['tlsCert'], '', kind);
      assert.ok((input['clientCaFile'] ?? '') !== '' || Object.keys(input['tokens'] ?? {}).length > 0, kind);
      assert.equal(input['allowInsecure'], input['udp'] === true, kind);
    }
    const ports = containerOf(pod).ports.map(({ name, containerPort, protocol = 'TCP' }) => [
      name,
      containerPort,
      protocol,
    ]);
    assert.deepEqual(ports.sort(), expected.sort());
  }
  const enabled = containerOf(withInputs).ports.map(({ name }) => name);
  assert.deepEqual(
    LISTENING_INPUTS.filter(({ kind }) => !enabled.includes(kind)),
    [],
  );
});

test('the other services’ ports are those of their settings', (t) => {
  for (const [service, pod] of pods) {
    if (service === 'collector') continue;
    const config = load(t, service, pod);
    const expected = [['admin', valueAt(config, `${service}.admin.port`)]];
    if (service === 'console') expected.push(['http', valueAt(config, 'console.http.port')]);
    assert.deepEqual(
      containerOf(pod).ports.map(({ name, containerPort }) => [name, containerPort]),
      expected,
      service,
    );
  }
});

test('Services lead to ports that are there, each input to its own', () => {
  const ports = new Map(variants.map(([service, pod]) => [service, containerOf(pod).ports]));
  const services = [...ofKind('Service'), ...documentsOf('components/inputs', 'service.yaml')];
  const reached = services.flatMap(({ metadata: { name }, spec }) => {
    if (name === 'foghorn-redis') return [];
    const service = spec.selector?.['app.kubernetes.io/component'] ?? name.replace('foghorn-', '');
    return spec.ports.map(({ targetPort, protocol = 'TCP' }) => {
      const found = ports.get(service)?.find((port) => port.name === targetPort);
      assert.equal(found?.protocol ?? 'TCP', protocol, `${name}: ${targetPort}`);
      assert.ok(found !== undefined, `${name}: ${targetPort}`);
      return `${service}: ${targetPort}`;
    });
  });
  const offered = ['collector', 'console'].flatMap((service) =>
    (ports.get(service) ?? []).filter(({ name }) => name !== 'admin').map(({ name }) => `${service}: ${name}`),
  );
  assert.deepEqual(reached.sort(), offered.sort());
});

test('a service is alive before it is ready, by the paths that its admin port has', async (t) => {
  let missing: string | undefined = 'starting';
  const admin = await startAdminServer(
    { host: '127.0.0.1', port: 0 },
    { metrics: async () => await Promise.resolve(''), ready: async () => await Promise.resolve(missing) },
  );
  t.after(() => admin.close());
  const probesOf = (pod: Pod) => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(pod) as unknown as Readonly<
      Record<string, { readonly httpGet: { readonly path: string; readonly port: string } }>
    >;
    return [startupProbe, livenessProbe, readinessProbe];
  };
  const statuses = async (pod: Pod): Promise<readonly number[]> =>
    await Promise.all(
      probesOf(pod).map(async (probe) => {
        assert.equal(probe?.httpGet.port, 'admin');
        return (await fetch(`http://127.0.0.1:${admin.port}${probe?.httpGet.path}`)).status;
      }),
    );
  for (const [, pod] of variants) {
    missing = 'starting';
    assert.deepEqual(await statuses(pod), [200, 200, 503]);
    missing = undefined;
    assert.deepEqual(await statuses(pod), [200, 200, 200]);
  }
});

test('Kubernetes waits as long as a service may take to stop', () => {
  for (const [service, pod] of variants) {
    const pauseMs = containerOf(pod).lifecycle.preStop.sleep.seconds * 1000;
    const graceMs = (pod.terminationGracePeriodSeconds ?? 0) * 1000;
    assert.ok(graceMs >= pauseMs + STOP_DEADLINE_MS + 2000, service);
    assert.ok(graceMs <= 3 * STOP_DEADLINE_MS, service);
  }
});

const podSpecs: readonly (readonly [name: string, pod: Pod])[] = [
  ...variants,
  ...[...ofKind('Job'), ...ofKind('StatefulSet')].map(
    ({ metadata, spec }) => [metadata.name, spec.template.spec] as const,
  ),
];

test('pods keep to the Pod Security Standard restricted, and write to no file system but a volume', () => {
  assert.equal(podSpecs.length, Object.keys(SERVICE_SCHEMAS).length + 3);
  for (const [name, pod] of podSpecs) {
    const { runAsUser, runAsNonRoot, fsGroup, seccompProfile } = pod.securityContext ?? {};
    assert.equal(runAsNonRoot, true, name);
    assert.ok(Number(runAsUser) > 0 && runAsUser === fsGroup, name);
    assert.deepEqual(seccompProfile, { type: 'RuntimeDefault' }, name);
    assert.equal(pod.automountServiceAccountToken, false, name);
    // Else a Service foghorn-collector-http would set FOGHORN_COLLECTOR_HTTP_PORT.
    assert.equal(pod.enableServiceLinks, false, name);
    const { securityContext, volumeMounts, resources } = containerOf(pod);
    assert.deepEqual(
      securityContext,
      { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      name,
    );
    for (const { name: mounted, readOnly } of volumeMounts)
      if (pod.volumes.some((volume) => volume.name === mounted && volume.emptyDir === undefined))
        assert.equal(readOnly, true, `${name}: ${mounted}`);
    for (const { projected } of pod.volumes)
      assert.ok(projected === undefined || projected.defaultMode === 0o440, name);
    assert.ok(mebibytes(resources.requests['memory']) <= mebibytes(resources.limits['memory']), name);
  }
});

/** `512Mi` → 512. */
function mebibytes(quantity = ''): number {
  const [, number, unit] = /^(\d+)([GM]i)$/u.exec(quantity) ?? [];
  assert.ok(number !== undefined, `memory: ${quantity}`);
  return Number(number) * (unit === 'Gi' ? 1024 : 1);
}

test('the image is that of this version, its user the Dockerfile’s, its folder the notifier’s', () => {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { readonly version: string };
  const dockerfile = readFileSync(packagePath('deploy', 'Dockerfile'), 'utf8');
  for (const [name, pod] of podSpecs.filter(([each]) => each !== 'foghorn-redis')) {
    assert.equal(containerOf(pod).image, `foghorn:${version}`, name);
    const { runAsUser, runAsGroup } = pod.securityContext ?? {};
    assert.ok(dockerfile.includes(`\nUSER ${String(runAsUser)}:${String(runAsGroup)}\n`), name);
  }
  assert.deepEqual(
    kustomizationOf('example').images?.map(({ name, newTag }) => [name, newTag]),
    [['foghorn', version]],
  );
  const notifier = pods.get('notifier');
  assert.ok(notifier !== undefined);
  const writable = containerOf(notifier).volumeMounts.filter(({ readOnly }) => readOnly !== true);
  assert.ok(dockerfile.includes(`\nWORKDIR ${writable[0]?.mountPath}\n`));
});

test('each service has a budget for disruptions that leaves it running, and is spread', () => {
  for (const [service, pod] of pods) {
    const deployment = ofKind('Deployment').find(({ metadata }) => metadata.name === `foghorn-${service}`);
    const budget = ofKind('PodDisruptionBudget').find(({ metadata }) => metadata.name === `foghorn-${service}`);
    assert.ok(deployment !== undefined && budget !== undefined, service);
    assert.ok(deployment.spec.replicas >= 2, service);
    for (const labels of [
      deployment.spec.selector.matchLabels,
      deployment.spec.template.metadata.labels,
      budget.spec.selector.matchLabels,
    ])
      assert.deepEqual(labels, labelsOf(service));
    const keys = pod.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey);
    assert.deepEqual(keys, ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'], service);
  }
});

/** What the policies let a service reach or be reached by, as `TCP 9093` or a port's name. */
function allowed(service: string, direction: 'ingress' | 'egress'): ReadonlySet<string> {
  const rules = ofKind('NetworkPolicy')
    .filter(({ spec }) => selects(spec.podSelector, labelsOf(service)))
    .flatMap(({ spec }) => spec[direction] ?? []);
  return new Set(rules.flatMap(({ ports }) => ports.map(({ port, protocol = 'TCP' }) => `${protocol} ${port}`)));
}

test('network policies refuse by default, and let every service reach the servers in its settings', (t) => {
  const first = ofKind('NetworkPolicy', resourcesOf('base'))[0];
  assert.deepEqual(first?.spec.policyTypes, ['Ingress', 'Egress']);
  const common = ['UDP 53', 'TCP 53', 'TCP 9093'];
  const receivers = ['TCP 443', 'TCP 465', 'TCP 587'];
  for (const [service, pod] of pods) {
    const config = load(t, service, pod);
    const redis = valueAt(config, 'redis.url') as string | undefined;
    const addresses = [
      ...(valueAt(config, 'kafka.brokers') as readonly string[]),
      ...((valueAt(config, 'elasticsearch.nodes') ?? []) as readonly string[]),
      ...(redis === undefined ? [] : [redis]),
    ];
    const needed = addresses.map((address) => `TCP ${/:(\d+)$/u.exec(address)?.[1] ?? ''}`);
    const expected = new Set([...common, ...needed, ...(service === 'notifier' ? receivers : [])]);
    assert.deepEqual([...allowed(service, 'egress')].sort(), [...expected].sort(), service);
  }
});

test('network policies let in what a service offers and nothing else', () => {
  for (const [service, pod] of new Map([...pods, ['collector', withInputs]])) {
    const offered = containerOf(pod).ports.map(({ name, protocol = 'TCP' }) => `${protocol} ${name}`);
    assert.deepEqual([...allowed(service, 'ingress')].sort(), offered.sort(), service);
  }
});

test('docs/kubernetes.md names every Secret with its keys', () => {
  const page = readFileSync(packagePath('docs', 'kubernetes.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(foghorn-[\w-]+)`(?:, [^|]*)? \| ([^|]*) \|/gmu)];
  const documented = Object.fromEntries(
    rows.map(([, name = '', keys = '']) => [name, [...keys.matchAll(/`([\w.-]+)`/gu)].map(([, key]) => key ?? '')]),
  );
  const used = new Map<string, Set<string>>();
  for (const [, pod] of podSpecs)
    for (const { secret, item } of pod.volumes.flatMap((volume) => secretFilesOf(volume)))
      used.set(secret, (used.get(secret) ?? new Set()).add(item.key));
  for (const [secret, keys] of used)
    for (const key of keys) assert.ok(documented[secret]?.includes(key), `${secret}: ${key}`);
  assert.deepEqual(Object.keys(documented).sort(), [...used.keys()].sort());
});

test('the example is whole, in a namespace of its own', () => {
  const { namespace } = parse(textOf('example', 'kustomization.yaml')) as { readonly namespace: string };
  assert.deepEqual(
    ofKind('Namespace').map(({ metadata }) => metadata.name),
    [namespace],
  );
});
