// What happens to servers and services while events come in. Each fault ends when the cluster is
// whole again.
import type { TestElasticsearch } from '../support/elasticsearch.ts';
import { until } from '../support/until.ts';
import { CROWD, type Crowd, type CrowdName, type Instance, REPLICAS } from './crowd.ts';
import type { Disk } from './disk.ts';
import type { Broker, ClusterServers, Member } from './servers.ts';
import { LIMIT_MS, leadersOf, untilGreen, untilInGroup, untilInSync, untilLeadsNothing } from './state.ts';

/** Where faults happen. */
export interface Scene {
  readonly servers: ClusterServers;
  readonly crowd: Crowd;
}

/** One fault. */
export interface Fault {
  /** In a few words, for the table. */
  readonly name: string;
  /** The servers have disks of their own. */
  readonly needsDisks?: true;
  /** Does it and mends it. */
  run(scene: Scene): Promise<void>;
}

/** The broker that leads most partitions. */
async function leader({ servers: { brokers }, crowd }: Scene): Promise<Broker> {
  const leaders = await until('partitions have leaders', async () => await leadersOf(crowd.kafka), LIMIT_MS);
  const most = brokers.toSorted((left, right) => (leaders.get(right.nodeId) ?? 0) - (leaders.get(left.nodeId) ?? 0))[0];
  if (most === undefined) throw new Error('There are no brokers.');
  return most;
}

/** Resolves when every replica is in sync and every node has its shards. */
export async function untilAllIsWhole(scene: Scene): Promise<void> {
  await untilWhole(scene);
  await untilGreen(scene.crowd.elasticsearch, scene.servers.nodes.length);
}

async function untilWhole({ crowd }: Scene): Promise<void> {
  await untilInSync(crowd.kafka, REPLICAS.replicationFactor);
}

const LEADER_KILLED: Fault = {
  name: 'the broker that leads most is killed',
  run: async (scene) => {
    const broker = await leader(scene);
    await broker.kill();
    await untilLeadsNothing(scene.crowd.kafka, broker.nodeId);
    await broker.start();
    await untilWhole(scene);
  },
};

const BROKERS_RESTARTED: Fault = {
  name: 'each broker is restarted, one after the other',
  run: async (scene) => {
    for (const broker of scene.servers.brokers) {
      await broker.stop();
      await broker.start();
      await untilWhole(scene);
    }
  },
};

/** Longer than `broker.session.timeout.ms`: until the controller has given its partitions away. */
const BROKER_PAUSED: Fault = {
  name: 'the broker that leads most hangs beyond its session',
  run: async (scene) => {
    const broker = await leader(scene);
    broker.hang();
    await untilLeadsNothing(scene.crowd.kafka, broker.nodeId);
    broker.goOn();
    await untilWhole(scene);
  },
};

const MASTER_KILLED: Fault = {
  name: "Elasticsearch's master is killed",
  run: async ({ servers: { nodes }, crowd: { elasticsearch } }) => {
    const node = await master(elasticsearch, nodes);
    await node.kill();
    await until('another master', async () => (await master(elasticsearch, nodes)) !== node, LIMIT_MS);
    await node.start();
    await untilGreen(elasticsearch, nodes.length);
  },
};

const NODES_RESTARTED: Fault = {
  name: 'each node of Elasticsearch is restarted, one after the other',
  run: async ({ servers: { nodes }, crowd: { elasticsearch } }) => {
    for (const node of nodes) {
      await node.stop();
      await node.start();
      await untilGreen(elasticsearch, nodes.length);
    }
  },
};

async function master({ elasticsearch }: TestElasticsearch, nodes: readonly Member[]): Promise<Member> {
  const { body } = await elasticsearch.request({
    method: 'GET',
    path: '/_cluster/state/master_node,nodes',
    query: { filter_path: 'master_node,nodes.*.name' },
  });
  const { master_node: id, nodes: byId } = body as {
    readonly master_node?: string;
    readonly nodes?: Readonly<Record<string, { readonly name: string }>>;
  };
  return named(nodes, byId?.[id ?? '']?.name);
}

function named(nodes: readonly Member[], name = '-'): Member {
  const node = nodes.find(({ folder }) => folder.endsWith(`/${name}`));
  if (node === undefined) throw new Error(`Elasticsearch has no such node: ${name}.`);
  return node;
}

/** It ends when it cannot write, and starts again when there is room. */
const BROKER_FULL: Fault = {
  name: 'the disk of the broker that leads most is full',
  needsDisks: true,
  run: async (scene) => {
    const broker = await leader(scene);
    const disk = diskOf(broker);
    // A file system that is written to does not shrink to what is on it.
    broker.hang();
    await disk.fill(0);
    broker.goOn();
    let hasEnded = false;
    void broker.ended().then(() => (hasEnded = true));
    await until('a broker without room ends', () => hasEnded, LIMIT_MS);
    await untilLeadsNothing(scene.crowd.kafka, broker.nodeId);
    disk.makeRoom();
    await broker.start();
    await untilWhole(scene);
  },
};

/** Until its indices are blocked, the indexers say so, and the block is gone. */
const NODE_FULL: Fault = {
  name: 'the disk of the node with the events is over the flood-stage watermark',
  needsDisks: true,
  run: async ({ servers: { nodes }, crowd }) => {
    const disk = diskOf(await holderOfEvents(crowd.elasticsearch, nodes));
    await watchDisks(crowd.elasticsearch, true);
    await disk.fill(FLOOD_BYTES / 2);
    await crowd.untilOneWaits('indexer', /free space on it/u);
    disk.makeRoom();
    for (const indexer of crowd.instances.indexer.filter((one) => one.pid() !== 0)) await crowd.untilReady(indexer);
    await watchDisks(crowd.elasticsearch, false);
    await untilGreen(crowd.elasticsearch, nodes.length);
  },
};

const FLOOD_BYTES = 1024 ** 3;

function diskOf({ disk, folder }: Member): Disk {
  if (disk === undefined) throw new Error(`${folder} is on no disk of its own.`);
  return disk;
}

/** The node that has the primary shard of the latest events. */
async function holderOfEvents({ elasticsearch, names }: TestElasticsearch, nodes: readonly Member[]): Promise<Member> {
  const path = `/_cat/shards/${names.events}`;
  const query = { format: 'json', h: 'prirep,node', s: 'index:desc,prirep' };
  const { body } = await elasticsearch.request({ method: 'GET', path, query });
  return named(nodes, (body as readonly { readonly node: string }[])[0]?.node);
}

/** Elasticsearch looks at the free space, as it does by default but here does not. */
async function watchDisks({ elasticsearch }: TestElasticsearch, isOn: boolean): Promise<void> {
  const settings = {
    'cluster.info.update.interval': '10s',
    'cluster.routing.allocation.disk.watermark.low': `${3 * FLOOD_BYTES}b`,
    'cluster.routing.allocation.disk.watermark.high': `${2 * FLOOD_BYTES}b`,
    'cluster.routing.allocation.disk.watermark.flood_stage': `${FLOOD_BYTES}b`,
    'cluster.routing.allocation.disk.threshold_enabled': true,
  };
  const persistent = isOn ? settings : Object.fromEntries(Object.keys(settings).map((name) => [name, null]));
  const { status, body } = await elasticsearch.request({
    method: 'PUT',
    path: '/_cluster/settings',
    body: { persistent },
  });
  if (status !== 200) throw new Error(`Elasticsearch does not watch its disks: ${JSON.stringify(body)}`);
}

/** SIGSTOP beyond the session time-out: a zombie that goes on where it hung. */
function hung(names: readonly CrowdName[]): Fault {
  return {
    name: `${names.join(', ')}: one of two hangs beyond its session`,
    run: async ({ crowd }) => {
      const zombies = names.map((name) => instanceOf(crowd, name, 0));
      const untilTheyAre = async (isIn: boolean): Promise<void> => {
        for (const { name, clientId } of zombies)
          if (name !== 'collector') await untilInGroup(crowd.kafka, name, { clientId, isIn });
      };
      await untilTheyAre(true);
      for (const zombie of zombies) zombie.hang();
      await untilTheyAre(false);
      for (const zombie of zombies) zombie.goOn();
      for (const zombie of zombies) await crowd.untilReady(zombie);
      await untilTheyAre(true);
    },
  };
}

/** Of each kind two, then three, then one, then two. */
const COME_AND_GO: Fault = {
  name: 'of each service a third comes, two go, one comes back',
  run: async ({ crowd }) => {
    await Promise.all(CROWD.map(async (name) => await instanceOf(crowd, name, 2).start(LIMIT_MS)));
    for (const place of [0, 1])
      await Promise.all(CROWD.map(async (name) => await instanceOf(crowd, name, place).stop()));
    await Promise.all(CROWD.map(async (name) => await instanceOf(crowd, name, 0).start(LIMIT_MS)));
  },
};

function instanceOf({ instances }: Crowd, name: CrowdName, place: number): Instance {
  const instance = instances[name][place];
  if (instance === undefined) throw new Error(`There is no ${name} number ${place}.`);
  return instance;
}

/** What every run of the tests goes through. */
export const SHORT: readonly Fault[] = [LEADER_KILLED, MASTER_KILLED, hung(CROWD)];

/** All of them. */
export const LONG: readonly Fault[] = [
  LEADER_KILLED,
  BROKERS_RESTARTED,
  BROKER_PAUSED,
  MASTER_KILLED,
  NODES_RESTARTED,
  BROKER_FULL,
  NODE_FULL,
  ...CROWD.map((name) => hung([name])),
  hung(CROWD),
  COME_AND_GO,
];
