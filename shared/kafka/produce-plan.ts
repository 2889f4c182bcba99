// The partitions and positions of the records of one request. The partition of each is chosen
// before kafkajs sees it, so that its offset is known afterwards.
import type { Message, PartitionerArgs, PartitionMetadata, RecordMetadata, TopicMessages } from 'kafkajs';
import type { OutRecord, RecordPosition, TopicKey } from '../contracts/record.ts';
import { topicName } from '../contracts/topics.ts';
import { partitionOfKey } from './encoding/murmur2.ts';
import { Partitioners } from './kafkajs.ts';

/** The records of a request that go to one partition. */
interface Slot {
  readonly partition: number;
  count: number;
  /** The offset of the first, once the broker has answered. */
  base: number | undefined;
}

/** The place of a record: its index among those of its slot. */
interface Place {
  readonly slot: Slot;
  readonly index: number;
}

/** The records of a request that go to one topic. */
interface Target {
  readonly topic: string;
  readonly metadata: readonly PartitionMetadata[];
  readonly messages: Message[];
  /** By partition. */
  readonly slots: Slot[];
}

/** A request to Kafka. */
export interface Plan {
  readonly topicMessages: TopicMessages[];
  /** By topic, then by partition. */
  readonly slots: ReadonlyMap<string, readonly Slot[]>;
  /** One for each record. */
  readonly places: readonly Place[];
}

const partitionInTurn = Partitioners.DefaultPartitioner();

/**
 * Chooses the partition of each record by its key, as Kafka's own clients do; records without a key
 * take turns. `partitionsOf` has the partitions of a topic, by its real name.
 */
export async function planRequest(
  records: readonly OutRecord[],
  topicPrefix: string,
  partitionsOf: (topic: string) => Promise<readonly PartitionMetadata[]>,
): Promise<Plan> {
  const targets = new Map<TopicKey, Target>();
  const places: Place[] = [];
  for (const record of records) {
    let target = targets.get(record.topic);
    if (target === undefined) {
      const topic = topicName(topicPrefix, record.topic);
      target = { topic, metadata: await partitionsOf(topic), messages: [], slots: [] };
      targets.set(record.topic, target);
    }
    places.push(placeIn(target, record));
  }
  const all = [...targets.values()];
  return {
    topicMessages: all.map(({ topic, messages }) => ({ topic, messages })),
    slots: new Map(all.map(({ topic, slots }) => [topic, slots])),
    places,
  };
}

/**
 * The position of each record, from what kafkajs returns. Undefined where the answer lacks the
 * partition: kafkajs silently leaves out partitions that it does not know.
 */
export function positionsOf(
  { slots, places }: Plan,
  answers: readonly RecordMetadata[],
): readonly (RecordPosition | undefined)[] {
  for (const { topicName: topic, partition, baseOffset, offset, errorCode } of answers) {
    const slot = slots.get(topic)?.[partition];
    const base = Number(baseOffset ?? offset ?? -1);
    if (slot !== undefined && base >= 0 && errorCode === 0) slot.base = base;
  }
  return places.map(({ slot: { partition, base }, index }) =>
    base === undefined ? undefined : { partition, offset: String(base + index) },
  );
}

/** The partitioner for kafkajs, which asks for each record once more. */
export function plannedPartition({ message }: PartitionerArgs): number {
  return message.partition ?? 0;
}

function placeIn(target: Target, { key, value, headers = {} }: OutRecord): Place {
  const { topic, metadata, messages, slots } = target;
  const partition =
    key === null
      ? partitionInTurn({ topic, partitionMetadata: [...metadata], message: { value } })
      : partitionOfKey(key, metadata.length);
  messages.push({ key, value, headers, partition });
  const slot = (slots[partition] ??= { partition, count: 0, base: undefined });
  slot.count += 1;
  return { slot, index: slot.count - 1 };
}
