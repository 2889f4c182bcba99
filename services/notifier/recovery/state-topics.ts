// The topics that keep the state of incidents, as a rebuild and a comparison read them.
import { type ActivityEntry, activityTopic } from '../../../shared/contracts/activity.ts';
import { allIncidentsTopic, type Incident, type Tombstone } from '../../../shared/contracts/incident.ts';
import type { TopicKey } from '../../../shared/contracts/record.ts';
import { topicName, TOPICS } from '../../../shared/contracts/topics.ts';
import type { KafkaClient, KafkaSettings } from '../../../shared/kafka/client.ts';
import { readPart, type TopicPart, type TopicReader, withReader } from '../../../shared/kafka/read-topic.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { NotifierMetrics } from '../metrics.ts';

type Take<T> = (values: readonly T[]) => Promise<void>;

/** Some incidents, and all that the activity log says of them. Reading may throw Unavailable. */
export interface StatePiece {
  readIncidents(take: Take<Incident | Tombstone>): Promise<unknown>;
  readActions(take: Take<ActivityEntry>): Promise<unknown>;
}

/** The topics. Calls may throw Unavailable, and what is passed in throws. */
export interface StateTopics {
  /** Reads everything, piece by piece. */
  eachPiece(work: (piece: StatePiece) => Promise<void>): Promise<void>;
  /** The last records of each partition. */
  readLatestIncidents(take: Take<Incident | Tombstone>): Promise<unknown>;
  readLatestActions(take: Take<ActivityEntry>): Promise<unknown>;
}

/**
 * How many of the last records of a partition are compared with Redis. More than may come out of
 * order: a notifier publishes what was in Redis a moment ago, in pieces of 500 for all partitions.
 */
const LATEST = { incidents: 500, actions: 2500 } as const;

/** The topics on a connection. Records that cannot be read are skipped, counted and logged. */
export function createStateTopics(
  kafka: KafkaClient,
  settings: KafkaSettings,
  { log, metrics }: { readonly log: Logger; readonly metrics: Pick<NotifierMetrics, 'skippedRecords'> },
): StateTopics {
  const counted = async <T>(read: TopicReader['read'], part: TopicPart<T>, take: Take<T>): Promise<void> => {
    const { bad, detail } = await read(part, take);
    if (bad === 0) return;
    const { key } = part.topic;
    metrics.skippedRecords.inc({ topic: key }, bad);
    log.warn(
      { topic: topicName(settings.topicPrefix, key), records: bad, detail },
      'records cannot be read and are skipped',
    );
  };
  const readOnce: TopicReader['read'] = async (part, take) => await readPart(kafka, settings, part, take);
  return {
    eachPiece: async (work) =>
      await withReader(kafka, settings, ['incidents', 'actions'], async (reader) => {
        for (const partitions of await piecesOf(reader, settings))
          await work({
            readIncidents: async (take) =>
              await counted(reader.read, { topic: allIncidentsTopic, ...partitions }, take),
            readActions: async (take) => await counted(reader.read, { topic: activityTopic, ...partitions }, take),
          });
      }),
    readLatestIncidents: async (take) =>
      await counted(readOnce, { topic: allIncidentsTopic, last: LATEST.incidents }, take),
    readLatestActions: async (take) => await counted(readOnce, { topic: activityTopic, last: LATEST.actions }, take),
  };
}

/**
 * Both topics have the incident's id for their key. With as many partitions each, what belongs
 * together has the same number in both; otherwise everything is one piece. So it is where there are
 * more than planned: those were added later, and an incident may lie in two of them.
 */
async function piecesOf(
  reader: TopicReader,
  settings: KafkaSettings,
): Promise<readonly Pick<TopicPart<unknown>, 'partitions'>[]> {
  const [incidents, actions] = [await reader.partitionsOf('incidents'), await reader.partitionsOf('actions')];
  const isAsMade = (key: TopicKey, found: readonly number[]): boolean =>
    found.length <= (settings.partitions[key] ?? TOPICS[key].partitions);
  if (incidents.length !== actions.length || !isAsMade('incidents', incidents)) return [{}];
  return incidents.map((partition) => ({ partitions: [partition] }));
}
