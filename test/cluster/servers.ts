// Three Kafka brokers that are controllers too, three Elasticsearch nodes and one Redis, from the
// jars of the local servers, on loopback.
import { choosePort } from '../../deploy/local/ports.ts';
import { newClusterId } from '../../deploy/local/kafka.ts';
import { type Disk, mountDisk } from './disk.ts';
import { type OwnServer, ownServersStarter, type ServerExtras, type ServersEnding } from '../support/own-servers.ts';

/** A broker or a node of Elasticsearch. */
export interface Member extends OwnServer {
  /** Its own, where faults are to fill it. */
  readonly disk: Disk | undefined;
}

/** A broker, by its id in Kafka. */
export interface Broker extends Member {
  readonly nodeId: number;
}

/** The servers of a cluster, running. */
export interface ClusterServers {
  readonly brokers: readonly Broker[];
  readonly nodes: readonly Member[];
  readonly redis: OwnServer;
}

const NODE_IDS = [1, 2, 3] as const;
const KAFKA_JVM = ['-Xmx384m'];
/** A small heap, and a start that takes half of the CPU time. */
const ELASTICSEARCH_JVM = ['-Xmx512m', '-XX:TieredStopAtLevel=1'];

/**
 * Starts them, each with a disk of its own where that is asked for; gives the reason instead when
 * this machine has no JDK. They end with the test. Three nodes, because of two that elect a master
 * none does without the other.
 */
export async function startClusterServers(t: ServersEnding, hasDisks = false): Promise<ClusterServers | string> {
  const starter = await ownServersStarter(t);
  if (typeof starter === 'string') return starter;
  const start: StartMember = async (server, name, extras) => {
    const disk = hasDisks ? mountDisk(t, name) : undefined;
    const own = disk === undefined ? {} : { dataFolder: disk.folder };
    return { ...(await starter(server, name, { ...extras, ...own })), disk };
  };
  const [brokers, redis] = await Promise.all([startBrokers(start), starter('redis')]);
  return { brokers, redis, nodes: await startNodes(start) };
}

type StartMember = (server: 'kafka' | 'elasticsearch', name: string, extras: ServerExtras) => Promise<Member>;

/** All at once: two of them have to be there before any serves. */
async function startBrokers(start: StartMember): Promise<readonly Broker[]> {
  const clusterId = newClusterId();
  const controllerPorts: number[] = [];
  for (const _ of NODE_IDS) controllerPorts.push(await choosePort());
  const voters = NODE_IDS.map((nodeId, index) => `${nodeId}@127.0.0.1:${controllerPorts[index]}`).join(',');
  const replicated = {
    'offsets.topic.replication.factor': '3',
    'transaction.state.log.replication.factor': '3',
    'transaction.state.log.min.isr': '2',
    'share.coordinator.state.topic.replication.factor': '3',
    'share.coordinator.state.topic.min.isr': '2',
    // Of the topics that are not Foghorn's, such as the groups' offsets.
    'min.insync.replicas': '2',
  };
  return await Promise.all(
    NODE_IDS.map(async (nodeId, index) => {
      const settings = {
        ...replicated,
        'node.id': String(nodeId),
        'controller.quorum.voters': voters,
        listeners: `PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:${controllerPorts[index]}`,
      };
      const broker = await start('kafka', `broker-${nodeId}`, { settings, clusterId, jvmOptions: KAFKA_JVM });
      return { ...broker, nodeId };
    }),
  );
}

/** The first makes the cluster, the others join it. */
async function startNodes(start: StartMember): Promise<readonly Member[]> {
  const transportPorts: number[] = [];
  for (const _ of NODE_IDS) transportPorts.push(await choosePort());
  const nodes: Member[] = [];
  for (const [index, nodeId] of NODE_IDS.entries()) {
    const settings = {
      'node.name': `node-${nodeId}`,
      'cluster.name': `foghorn-${transportPorts[0]}`,
      'discovery.type': 'multi-node',
      'discovery.seed_hosts': transportPorts.map((port) => `127.0.0.1:${port}`).join(','),
      'transport.port': String(transportPorts[index]),
      ...(index === 0 ? { 'cluster.initial_master_nodes': 'node-1' } : {}),
    };
    nodes.push(await start('elasticsearch', `node-${nodeId}`, { settings, jvmOptions: ELASTICSEARCH_JVM }));
  }
  return nodes;
}
