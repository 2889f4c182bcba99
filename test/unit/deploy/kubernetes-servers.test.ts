// The components for Kubernetes that bring servers and autoscaling: topics and rights as the
// product wants them, addresses and Secrets by the names that the operators give them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { createEnricherStage } from '../../../services/enricher/enricher.ts';
import { indexerSchema } from '../../../services/indexer/config.ts';
import { eventsStage } from '../../../services/indexer/stages.ts';
import { type KafkaPermission, kafkaPermissions } from '../../../shared/contracts/access.ts';
import type { TopicKey } from '../../../shared/contracts/record.ts';
import { TOPICS } from '../../../shared/contracts/topics.ts';
import { kafkaSettings } from '../../../shared/kafka/client.ts';
import { topicConfig } from '../../../shared/kafka/topics.ts';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import {
  basePods,
  containerOf,
  kustomizationOf,
  type Manifest,
  resourcesOf,
  secretFilesOf,
  textOf,
} from '../../support/manifests.ts';

interface FoghornYaml {
  readonly kafka: Readonly<Record<string, unknown>> & { readonly brokers: readonly string[] };
  readonly elasticsearch: { readonly nodes: readonly string[] };
}

const file = parse(textOf('base', 'foghorn.yaml')) as FoghornYaml;
const kafka = kafkaSettings.parse(
  Object.fromEntries(Object.entries(file.kafka).filter(([key]) => !key.endsWith('File'))),
);
const strimzi = resourcesOf('components/kafka-strimzi');
const eck = resourcesOf('components/elasticsearch-eck');
const scaling = resourcesOf('components/autoscaling');
const { services: compose } = parse(readFileSync(packagePath('deploy', 'compose.yaml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, { readonly image: string; readonly command?: readonly string[] }>>;
};
/** Names of the Secrets that the services mount. */
const mounted = new Set(
  [...basePods().values()].flatMap((pod) =>
    pod.volumes.flatMap((volume) => secretFilesOf(volume).map(({ secret, item }) => `${secret}/${item.key}`)),
  ),
);

function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
  assert.ok(found !== undefined && more.length === 0, kind);
  return found;
}

test('the topics are those that the services would make', () => {
  const expected = (Object.keys(TOPICS) as TopicKey[]).map((key) => {
    const { topic, numPartitions, replicationFactor, configEntries } = topicConfig(kafka, key);
    const config = Object.fromEntries(configEntries.map(({ name, value }) => [name, value]));
    return { topic, partitions: numPartitions, replicas: replicationFactor, config };
  });
  const made = strimzi
    .filter(({ kind }) => kind === 'KafkaTopic')
    .map(({ metadata, spec }) => ({ topic: metadata.name, ...pick(spec) }));
  assert.deepEqual(byTopic(made), byTopic(expected));
});

function pick({ partitions, replicas, config }: Manifest['spec']) {
  return { partitions, replicas, config };
}

function byTopic<T extends { readonly topic: string }>(topics: readonly T[]): readonly T[] {
  return topics.toSorted((a, b) => a.topic.localeCompare(b.topic));
}

test('the users have the rights that foghorn setup kafka prints', () => {
  const granted = strimzi
    .filter(({ kind }) => kind === 'KafkaUser')
    .flatMap(({ metadata, spec }) =>
      spec.authorization.acls.map(
        ({ resource: { type, name, patternType }, operations }) =>
          ({
            principal: `User:${metadata.name}`,
            resource: type,
            name,
            pattern: patternType === 'prefix' ? 'prefixed' : patternType,
            operations,
          }) as KafkaPermission,
      ),
    );
  assert.deepEqual(granted, kafkaPermissions(kafka.topicPrefix, 'User:foghorn-'));
});

test('Kafka is where the settings say, with their log-in, replicas and authority', () => {
  const { metadata, spec } = only(strimzi, 'Kafka');
  const [listener] = spec.kafka.listeners;
  assert.deepEqual(file.kafka.brokers, [`${metadata.name}-kafka-bootstrap:${listener?.port}`]);
  assert.equal(listener?.tls, kafka.tls.enabled || kafka.tls.caFile !== '');
  assert.equal(listener?.authentication.type, kafka.saslMechanism);
  assert.equal(spec.kafka.config['min.insync.replicas'], kafka.minInSyncReplicas);
  assert.equal(spec.kafka.config['default.replication.factor'], kafka.replicationFactor);
  assert.ok(only(strimzi, 'KafkaNodePool').spec.replicas >= kafka.replicationFactor);
  assert.ok(mounted.has(`${metadata.name}-cluster-ca-cert/ca.crt`));
  for (const { kind, metadata: own, spec: user } of strimzi) {
    if (kind !== 'Kafka') assert.equal(own.labels?.['strimzi.io/cluster'], metadata.name, own.name);
    if (kind === 'KafkaUser') assert.equal(user.authentication.type, kafka.saslMechanism, own.name);
  }
  for (const [service, pod] of basePods()) {
    const user = containerOf(pod).env?.find(({ name }) => name === 'FOGHORN_KAFKA_SASL_USERNAME')?.value;
    assert.ok(
      strimzi.some((one) => one.kind === 'KafkaUser' && one.metadata.name === user),
      service,
    );
    assert.ok(mounted.has(`${user}/password`), service);
  }
});

test('Elasticsearch is where the settings say, in Compose’s version, with the users of indexer and console', () => {
  const { metadata, spec } = only(eck, 'Elasticsearch');
  assert.deepEqual(file.elasticsearch.nodes, [`https://${metadata.name}-es-http:9200`]);
  assert.ok(mounted.has(`${metadata.name}-es-http-certs-public/ca.crt`));
  assert.equal(compose['elasticsearch']?.image.split(':')[1], spec.version);
  const realm = spec.auth.fileRealm.map(({ secretName }) => `${secretName}/password`);
  assert.deepEqual(
    realm.filter((secret) => !mounted.has(secret)),
    [],
  );
  assert.equal(realm.length, [...mounted].filter((name) => name.startsWith('foghorn-elasticsearch-')).length);
});

test('the Job runs the setup of Elasticsearch with the settings that it gets', (t) => {
  const { spec } = only(eck, 'Job');
  const pod = spec.template.spec;
  const { args, env = [] } = containerOf(pod);
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-setup-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const secrets = pod.volumes.flatMap((volume) => secretFilesOf(volume));
  for (const { item } of secrets) writeFileSync(join(folder, item.path), 'secret');
  assert.ok(secrets.some(({ secret }) => secret === `${only(eck, 'Elasticsearch').metadata.name}-es-elastic-user`));
  writeFileSync(
    join(folder, 'foghorn.yaml'),
    textOf('base', 'foghorn.yaml').replaceAll('/run/secrets/foghorn', folder),
  );
  const own = args.map((argument) => argument.replace('/etc/foghorn', folder));
  const exported = join(folder, 'exported');
  const { status, stderr } = spawnSync(
    process.execPath,
    [packagePath('deploy', 'entrypoint.mjs'), ...own, '--export', exported],
    { encoding: 'utf8', env: Object.fromEntries(env.map(({ name, value }) => [name, value])) },
  );
  assert.equal(status, 0, stderr);
  assert.ok(readdirSync(exported).some((name) => name.startsWith('role.foghorn_indexer')));
  assert.ok(existsSync(exported));
});

test('Redis is Compose’s, and keeps what it has', () => {
  const pod = only(resourcesOf('components/redis'), 'StatefulSet').spec.template.spec;
  const { image, args, volumeMounts } = containerOf(pod);
  assert.equal(image, compose['redis']?.image);
  const own = args.join(' ');
  for (const option of (compose['redis']?.command ?? []).join(' ').match(/--\S+ \S+/gu) ?? [])
    assert.ok(own.includes(option), option);
  const [, acl = ''] = /--aclfile (\S+)/u.exec(own) ?? [];
  const users = pod.volumes.flatMap((volume) => secretFilesOf(volume));
  assert.ok(users.some(({ item }) => volumeMounts.some(({ mountPath }) => `${mountPath}/${item.path}` === acl)));
});

/** The stages that follow the lag: consumer group and topic as the product names them. */
const STAGES = [
  { stage: createEnricherStage((() => undefined) as never, {} as never), consumers: 1 },
  {
    stage: eventsStage((() => undefined) as never, '', () => undefined),
    consumers: indexerSchema.parse({}).indexer.consumers,
  },
] as const;

test('what scales by lag looks at the group and topic of its service, and stops at the partitions', () => {
  const objects = scaling.filter(({ kind }) => kind === 'ScaledObject');
  assert.equal(objects.length, STAGES.length);
  for (const { stage, consumers } of STAGES) {
    const found = objects.find(({ spec }) => spec.scaleTargetRef.name === `foghorn-${stage.name}`);
    assert.ok(found !== undefined, stage.name);
    const { maxReplicaCount, minReplicaCount, triggers } = found.spec;
    const [trigger] = triggers;
    assert.ok(trigger !== undefined);
    const { topic, numPartitions } = topicConfig(kafka, stage.from.key);
    assert.equal(trigger.metadata['topic'], topic);
    assert.equal(trigger.metadata['consumerGroup'], `${kafka.topicPrefix}.${stage.name}`);
    assert.equal(trigger.metadata['bootstrapServers'], file.kafka.brokers.join(','));
    assert.equal(trigger.metadata['sasl']?.replaceAll('_', ''), kafka.saslMechanism.replaceAll('-', ''));
    assert.equal(maxReplicaCount, Math.floor(numPartitions / consumers), stage.name);
    assert.ok(minReplicaCount >= 2);
    assertMayLook(stage.name, topic, found.metadata.name);
    const access = scaling.find(
      ({ kind, metadata }) => kind === 'TriggerAuthentication' && metadata.name === trigger.authenticationRef.name,
    );
    for (const { name, key } of access?.spec.secretTargetRef ?? []) assert.ok(mounted.has(`${name}/${key}`), name);
    const container = basePods().get(stage.name);
    assert.ok(container !== undefined);
    for (const { name, containerName } of access?.spec.env ?? []) {
      assert.equal(containerOf(container).name, containerName);
      assert.ok(containerOf(container).env?.some((variable) => variable.name === name));
    }
    assert.equal(access?.spec.secretTargetRef.length, 2);
  }
});

/** The user may describe the topic and read the group, which is what KEDA does. */
function assertMayLook(service: string, topic: string, user: string): void {
  const rights = kafkaPermissions(kafka.topicPrefix, 'User:').filter(
    ({ principal }) => principal === `User:${service}`,
  );
  assert.equal(user, `foghorn-${service}`);
  assert.ok(
    rights.some(
      ({ resource, name, operations }) => resource === 'topic' && name === topic && operations.includes('Describe'),
    ),
  );
  assert.ok(rights.some(({ resource, operations }) => resource === 'group' && operations.includes('Read')));
}

test('whoever is scaled has no number of its own', () => {
  const scaled = scaling.flatMap(({ spec }) => spec.scaleTargetRef?.name ?? []);
  const [patch] = kustomizationOf('components/autoscaling').patches ?? [];
  const pattern = new RegExp(`^${patch?.target?.name}$`, 'u');
  const all = [...basePods().keys()].map((name) => `foghorn-${name}`);
  assert.deepEqual(all.filter((name) => pattern.test(name)).sort(), scaled.sort());
  assert.deepEqual(z.array(z.unknown()).parse([parse(patch?.patch ?? '')].flat()), [
    { op: 'remove', path: '/spec/replicas' },
  ]);
});
