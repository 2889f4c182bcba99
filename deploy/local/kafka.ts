// The local Kafka: one KRaft node from its published jars, on the loopback address.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from '../../shared/kafka/kafkajs.ts';
import { fetchJars } from './jars.ts';
import { choosePort, preferredPort } from './ports.ts';
import { untilDone, untilReady } from './ready.ts';
import type { LocalServer, ServerContext } from './server.ts';

const PORT = 19_092;

/** Fetches, formats and starts it; resolves when clients and consumer groups are served. */
export async function startKafka(context: ServerContext): Promise<LocalServer> {
  const { jarFolder, dataFolder, javaHome, children, progress, signal } = context;
  const jars = await fetchJars({ ...context, profile: 'kafka', folder: jarFolder });
  const port = await preferredPort('Kafka', context.port ?? (context.ports === 'fixed' ? PORT : 0), progress);
  const controllerPort = await choosePort(context.ports === 'fixed' ? PORT + 1 : undefined);
  const home = join(dataFolder, 'kafka');
  mkdirSync(home, { recursive: true });
  const config = join(home, 'server.properties');
  const usual = usualSettings(port, controllerPort, join(home, 'logs'));
  writeFileSync(config, properties({ ...usual, ...(await ownSettings(context, port)) }), { mode: 0o600 });
  const java = join(javaHome ?? '', 'bin', 'java');
  const classPath = ['-cp', join(jars, '*')];
  const logFile = join(context.logFolder, 'kafka.log');
  const meta = join(home, 'logs', 'meta.properties');
  if (!existsSync(meta)) {
    const clusterId = context.clusterId ?? newClusterId();
    const args = [...classPath, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', config];
    await untilDone(children.start({ name: 'kafka format', command: java, args, cwd: home, logFile }), {
      logFile,
      signal,
    });
  }
  const options = [
    '-Xms256m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    ...(context.jvmOptions ?? []),
  ];
  const args = [...options, ...classPath, 'kafka.Kafka', config];
  const child = children.start({ name: 'Kafka', command: java, args, cwd: home, logFile });
  const address = `127.0.0.1:${port}`;
  progress('Kafka is starting …');
  const clusterId = /^cluster\.id=(?<id>\S+)$/mu.exec(readFileSync(meta, 'utf8'))?.groups?.['id'] ?? '';
  await untilReady(child, () => servesGroups(address, clusterId), { logFile, signal });
  progress(`Kafka is ready on ${address}`);
  return { name: 'Kafka', address, child };
}

/** A cluster id as Kafka makes them: 16 bytes in base64url. No two checkouts have the same. */
export function newClusterId(): string {
  return `F${randomBytes(16).toString('base64url').slice(1)}`;
}

/**
 * Groups are served last; an earlier client waits or fails. Another Kafka may have taken the port
 * meanwhile: the cluster id identifies the one started here.
 */
async function servesGroups(address: string, clusterId: string): Promise<boolean> {
  const admin = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 500,
    retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 200 },
  }).admin();
  try {
    await admin.connect();
    if ((await admin.describeCluster()).clusterId !== clusterId) return false;
    await admin.fetchOffsets({ groupId: 'foghorn-local-probe', topics: [] });
    return true;
  } finally {
    await admin.disconnect();
  }
}

/** The settings of the start besides the usual ones. */
async function ownSettings({ settings = {} }: ServerContext, port: number): Promise<Readonly<Record<string, string>>> {
  const second = await choosePort();
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      value.replaceAll('{port}', String(port)).replaceAll('{port2}', String(second)),
    ]),
  );
}

function usualSettings(port: number, controllerPort: number, logFolder: string): Readonly<Record<string, string>> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': logFolder,
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
  };
}

function properties(settings: Readonly<Record<string, string>>): string {
  return `${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}
