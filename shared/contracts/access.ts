// Who may do what in Kafka: the least rights of each service, which are also the trust boundaries
// between them.
import type { TopicKey } from './record.ts';
import { topicName } from './topics.ts';

/** What logs in to Kafka. `operator` is whoever runs `foghorn deadletters`. */
export type KafkaUser = 'collector' | 'enricher' | 'indexer' | 'notifier' | 'console' | 'operator';

interface Rights {
  readonly reads: readonly TopicKey[];
  readonly writes: readonly TopicKey[];
  /** What the names of its consumer groups begin with, after the topic prefix. */
  readonly groups: readonly string[];
  /** The same of groups that it makes for one reading and removes afterwards. */
  readonly ownGroups?: readonly string[];
}

/** Each user's topics and groups. */
export const KAFKA_RIGHTS: Readonly<Record<KafkaUser, Rights>> = {
  collector: { reads: [], writes: ['raw'], groups: ['collector'] },
  enricher: {
    reads: ['raw', 'sources'],
    writes: ['events', 'alerts', 'sources', 'catalog', 'deadLetters'],
    groups: ['enricher'],
    ownGroups: ['reader.'],
  },
  indexer: {
    reads: ['events', 'incidents', 'actions', 'sources', 'catalog', 'deadLetters'],
    writes: ['deadLetters'],
    groups: ['indexer'],
    ownGroups: ['reader.', 'follower.'],
  },
  notifier: {
    reads: ['alerts', 'commands', 'incidents', 'actions', 'catalog'],
    writes: ['incidents', 'actions', 'deadLetters'],
    groups: ['notifier'],
    ownGroups: ['reader.', 'follower.'],
  },
  console: { reads: ['actions', 'incidents', 'catalog'], writes: ['commands'], groups: [], ownGroups: ['follower.'] },
  operator: { reads: ['deadLetters'], writes: ['raw', 'events', 'alerts'], groups: [], ownGroups: ['reader.'] },
};

/** One permission, in Kafka's own words (`kafka-acls.sh`, org.apache.kafka.common.acl). */
export interface KafkaPermission {
  readonly principal: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  readonly operations: readonly KafkaOperation[];
}

/** Of Kafka's operations those that Foghorn needs. */
export type KafkaOperation = 'Read' | 'Write' | 'Describe' | 'DescribeConfigs' | 'Delete';

/**
 * All permissions of all users. `principalPrefix` comes before the user's name, e.g.
 * `User:foghorn-`.
 */
export function kafkaPermissions(topicPrefix: string, principalPrefix: string): readonly KafkaPermission[] {
  return (Object.keys(KAFKA_RIGHTS) as KafkaUser[]).flatMap((user) => {
    const { reads, writes, groups, ownGroups = [] } = KAFKA_RIGHTS[user];
    const principal = `${principalPrefix}${user}`;
    const topics = [...new Set([...reads, ...writes])].map(
      (key): KafkaPermission => ({
        principal,
        resource: 'topic',
        name: topicName(topicPrefix, key),
        pattern: 'literal',
        operations: [
          ...(reads.includes(key) ? (['Read'] as const) : []),
          ...(writes.includes(key) ? (['Write'] as const) : []),
          'Describe',
          // A service refuses a topic at its start whose settings cannot serve.
          'DescribeConfigs',
        ],
      }),
    );
    const group = (name: string, operations: readonly KafkaOperation[]): KafkaPermission => ({
      principal,
      resource: 'group',
      name: `${topicPrefix}.${name}`,
      pattern: 'prefixed',
      operations,
    });
    return [
      ...topics,
      ...groups.map((name) => group(name, ['Read'])),
      ...ownGroups.map((name) => group(name, ['Read', 'Delete'])),
    ];
  });
}
