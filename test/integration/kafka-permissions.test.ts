// Least rights in Kafka: with what `foghorn setup kafka` grants the services do all of their work,
// and each may do no more than that.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { choosePort } from '../../deploy/local/ports.ts';
import type { TopicKey } from '../../shared/contracts/record.ts';
import { KAFKA_RIGHTS, type KafkaUser } from '../../shared/contracts/access.ts';
import { TOPICS, topicName } from '../../shared/contracts/topics.ts';
import { kafkajs } from '../../shared/kafka/kafkajs.ts';
import { setupCommand } from '../../services/cli/commands/setup.ts';
import { AT_ONCE } from '../support/at-once.ts';
import { sendAll } from '../support/agent.ts';
import { testElasticsearch } from '../support/elasticsearch.ts';
import { makeEvent } from '../support/events.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { testRedis } from '../support/redis.ts';
import { type ServiceName, type ServiceProcess, startService } from '../support/service-process.ts';
import { requiredEnv } from '../support/servers.ts';
import { LIMIT_MS, until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';
import { skipHere } from '../support/needs.ts';

const PASSWORD = 'secret-of-a-test';
const PREFIX = 'least';
const USERS = Object.keys(KAFKA_RIGHTS) as KafkaUser[];
const SERVICES: readonly ServiceName[] = ['notifier', 'indexer', 'enricher', 'console', 'collector'];

/**
 * A broker that asks clients on its second port who they are; on the first, the test is the
 * administrator.
 */
function secured(saslPort: number): Readonly<Record<string, string>> {
  const users = USERS.map((user) => `user_foghorn-${user}="${PASSWORD}"`).join(' ');
  return {
    listeners: `PLAINTEXT://127.0.0.1:{port},SASL://127.0.0.1:${saslPort},CONTROLLER://127.0.0.1:{port2}`,
    'controller.quorum.voters': '1@127.0.0.1:{port2}',
    'advertised.listeners': `PLAINTEXT://127.0.0.1:{port},SASL://127.0.0.1:${saslPort}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${users};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
}

test('with the rights that setup grants an event is indexed, its fault notified and acknowledged, and no service may do what is another’s [security, ACLs]', async (t) => {
  const saslPort = await choosePort();
  const servers = await startOwnServers(t, ['kafka'], { settings: secured(saslPort) });
  if (typeof servers === 'string') return skipHere(t, 'servers', servers);
  const lines: string[] = [];
  const io = {
    out: (line: string) => void lines.push(line),
    err: (line: string) => void lines.push(line),
    isTerminal: false,
    signal: t.signal,
  };
  const before = { ...process.env };
  Object.assign(process.env, {
    FOGHORN_KAFKA_BROKERS: servers.kafka.address,
    FOGHORN_KAFKA_TOPIC_PREFIX: PREFIX,
  });
  try {
    assert.equal(await setupCommand.run(['kafka', '--apply'], io), 0);
  } finally {
    for (const key of ['FOGHORN_KAFKA_BROKERS', 'FOGHORN_KAFKA_TOPIC_PREFIX'])
      if (before[key] === undefined) delete process.env[key];
      else process.env[key] = before[key];
  }
  assert.match(lines.join('\n'), /9 topics are there/u);

  const folder = mkdtempSync(join(tmpdir(), 'foghorn-acl-'));
  const elasticsearch = await testElasticsearch(t);
  const redis = testRedis(t);
  const webhook = await startWebhookServer(t);
  const [httpPort, consolePort] = [await choosePort(), await choosePort()];
  const started: ServiceProcess[] = [];
  t.after(async () => {
    await Promise.all(started.map(async (service) => await service.stop()));
    rmSync(folder, { recursive: true, force: true });
  });
  const own: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
    collector: { FOGHORN_COLLECTOR_HTTP_PORT: String(httpPort) },
    enricher: {},
    indexer: { ELASTICSEARCH_URL: requiredEnv('ELASTICSEARCH_URL'), ...elasticsearch.env },
    notifier: {
      REDIS_URL: redis.url,
      FOGHORN_REDIS_KEY_PREFIX: redis.keyPrefix,
      ...AT_ONCE,
      FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify([hook(webhook)]),
    },
    console: {
      ELASTICSEARCH_URL: requiredEnv('ELASTICSEARCH_URL'),
      ...elasticsearch.env,
      FOGHORN_CONSOLE_HTTP_PORT: String(consolePort),
    },
  };
  for (const name of SERVICES)
    started.push(
      await startService(
        name,
        {
          KAFKA_BROKERS: `127.0.0.1:${saslPort}`,
          FOGHORN_KAFKA_TOPIC_PREFIX: PREFIX,
          FOGHORN_KAFKA_SASL_MECHANISM: 'plain',
          FOGHORN_KAFKA_SASL_USERNAME: `foghorn-${name}`,
          FOGHORN_KAFKA_SASL_PASSWORD: PASSWORD,
          ...own[name],
        },
        folder,
      ),
    );

  const events = Array.from({ length: 100 }, (_, index) => makeEvent('least', index));
  await sendAll(`http://127.0.0.1:${httpPort}/v1/events`, events, LIMIT_MS);
  await until('every event is indexed', async () => (await elasticsearch.count({ match_all: {} })) === events.length);
  await until('a fault is notified', () => webhook.alerts().length > 0);
  const api = `http://127.0.0.1:${consolePort}/api/v1/incidents`;
  const first = async (state: string): Promise<string | undefined> => {
    const { incidents } = (await (await fetch(`${api}?state=${state}`)).json()) as {
      readonly incidents?: { id: string }[];
    };
    return incidents?.[0]?.id;
  };
  await until('the console has an incident', async () => (await first('open')) !== undefined);
  const answer = await fetch(`${api}/${await first('open')}/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  assert.ok(answer.ok, await answer.text());
  await until('it is acknowledged', async () => (await first('acknowledged')) !== undefined);

  for (const user of USERS) await mayNotMore(user, saslPort);
});

/** Tries to write to every topic: what is not granted is refused. */
async function mayNotMore(user: KafkaUser, port: number): Promise<void> {
  const kafka = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: kafkajs.logLevel.NOTHING,
    sasl: { mechanism: 'plain', username: `foghorn-${user}`, password: PASSWORD },
    retry: { retries: 0 },
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    for (const key of Object.keys(TOPICS) as TopicKey[]) {
      if (KAFKA_RIGHTS[user].writes.includes(key)) continue;
      const sending = producer.send({ topic: topicName(PREFIX, key), messages: [{ value: '{}' }] });
      await assert.rejects(sending, /authorized|authorization|does not host/iu, `${user} writes to ${key}`);
    }
  } finally {
    await producer.disconnect();
  }
}
