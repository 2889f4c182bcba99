// What the cluster says of itself: who leads, which replicas are in sync, who is in a group, how
// Elasticsearch is. Asked while servers go and come, so each look may fail.
import { TOPICS, topicName } from '../../shared/contracts/topics.ts';
import type { TopicKey } from '../../shared/contracts/record.ts';
import { withAdmin } from '../../shared/kafka/client.ts';
import type { TestElasticsearch } from '../support/elasticsearch.ts';
import type { TestKafka } from '../support/kafka.ts';
import { until } from '../support/until.ts';

/** How long a server, a service or the whole cluster may take for one step, on a busy machine. */
export const LIMIT_MS = 480_000;

interface Partition {
  readonly topic: string;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

/** Every partition of Foghorn's topics. */
async function partitionsOf({ kafka, settings }: TestKafka): Promise<readonly Partition[]> {
  const topics = (Object.keys(TOPICS) as TopicKey[]).map((key) => topicName(settings.topicPrefix, key));
  return await withAdmin(kafka, async (admin) => {
    const { topics: found } = await admin.fetchTopicMetadata({ topics });
    return found.flatMap(({ name, partitions }) =>
      partitions.map(({ leader, replicas, isr }) => ({ topic: name, leader, replicas, isr })),
    );
  });
}

/** How many partitions each broker leads. */
export async function leadersOf(kafka: TestKafka): Promise<ReadonlyMap<number, number>> {
  const leaders = new Map<number, number>();
  for (const { leader } of await partitionsOf(kafka)) leaders.set(leader, (leaders.get(leader) ?? 0) + 1);
  return leaders;
}

/** Resolves when the broker leads nothing any more. */
export async function untilLeadsNothing(kafka: TestKafka, nodeId: number): Promise<void> {
  await until(`broker ${nodeId} leads nothing`, async () => !(await leadersOf(kafka)).has(nodeId), LIMIT_MS);
}

/** Resolves when each partition has all of its replicas in sync. */
export async function untilInSync(kafka: TestKafka, replicas: number): Promise<void> {
  const whole = async (): Promise<boolean> =>
    (await partitionsOf(kafka)).every((one) => one.isr.length === replicas && one.leader > 0);
  await until(`all ${replicas} replicas are in sync`, whole, LIMIT_MS);
}

/** Resolves when the group of a stage has members and this client is, or is not, one of them. */
export async function untilInGroup(
  { kafka, settings }: TestKafka,
  stage: string,
  { clientId, isIn }: { readonly clientId: string; readonly isIn: boolean },
): Promise<void> {
  const look = async (): Promise<boolean> =>
    await withAdmin(kafka, async (admin) => {
      const { groups } = await admin.describeGroups([`${settings.topicPrefix}.${stage}`]);
      const members = groups[0]?.members ?? [];
      return members.length > 0 && members.some((member) => member.clientId === clientId) === isIn;
    });
  await until(`${clientId} is ${isIn ? '' : 'no longer '}in the group of its service`, look, LIMIT_MS);
}

/** Resolves when so many nodes are there and every shard has its copy. */
export async function untilGreen({ elasticsearch }: TestElasticsearch, nodes: number): Promise<void> {
  const green = async (): Promise<boolean> => {
    const { body } = await elasticsearch.request({ method: 'GET', path: '/_cluster/health' });
    const { status, number_of_nodes: count } = body as { readonly status: string; readonly number_of_nodes: number };
    return status === 'green' && count === nodes;
  };
  await until(`Elasticsearch is green on ${nodes} nodes`, green, LIMIT_MS);
}
