// A whole Foghorn to attack: tokens with and without a limit, a receiver that counts, and looks
// behind the services.
import type { Admin } from 'kafkajs';
import { deadLettersTopic, type ReadDeadLetter } from '../../shared/contracts/dead-letter.ts';
import { readTopic } from '../../shared/kafka/read-topic.ts';
import { withAdmin } from '../../shared/kafka/client.ts';
import { AT_ONCE } from '../support/at-once.ts';
import type { Ending } from '../support/ending.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { until } from '../support/until.ts';
import { startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

/** The stack under attack. */
export interface Stack {
  readonly fleet: Fleet;
  readonly webhook: WebhookServer;
}

/** The bearer token that may send for every host. */
export const HONEST_TOKEN = 'honest-honest-honest-honest';
/** The bearer token that may send for `OWN_HOST` alone. */
export const LIMITED_TOKEN = 'limited-limited-limited-limited';
/** See `LIMITED_TOKEN`. */
export const OWN_HOST = 'attack-own.example.org';

/** How long a part of the stack may take to get through what was written to it. */
export const LIMIT_MS = 120_000;

/** Starts it on the servers that the environment names; it ends with `ending`. */
export async function startStack(ending: Ending): Promise<Stack> {
  const webhook = await startWebhookServer(ending);
  const receivers = [{ name: 'hook', kind: 'webhook', url: webhook.url, allowPrivate: true }];
  const tokens = { honest: HONEST_TOKEN, limited: { token: LIMITED_TOKEN, hosts: [OWN_HOST] } };
  const fleet = await startFleet(ending, {
    ...AT_ONCE,
    FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receivers),
    FOGHORN_COLLECTOR_HTTP_TOKENS: JSON.stringify(tokens),
  });
  return { fleet, webhook };
}

/** Every dead letter that a stage of this stack wrote. */
export async function deadLettersOf({ kafka }: Fleet): Promise<readonly ReadDeadLetter[]> {
  const letters: ReadDeadLetter[] = [];
  await readTopic(kafka.kafka, kafka.settings, deadLettersTopic, async (values) => {
    letters.push(...values.filter(({ source }) => source.topic.startsWith(`${kafka.settings.topicPrefix}.`)));
    await Promise.resolve();
  });
  return letters;
}

/** What became of the event that holds the marker: the reason of its dead letter, or `document`. */
export async function outcomeOf(fleet: Fleet, marker: string): Promise<string> {
  return await until(
    `${marker} is indexed or a dead letter`,
    async () => {
      if ((await fleet.elasticsearch.count({ match_phrase: { message: marker } })) > 0) return 'document';
      return (await deadLettersOf(fleet)).find(({ original }) => original.value?.includes(marker) === true)?.reason;
    },
    LIMIT_MS,
  );
}

/**
 * Resolves when every consumer group of the stack has taken all that lies in the topics it reads,
 * and committed it; gives how many there are.
 */
export async function allRead({ kafka: { kafka, settings } }: Fleet): Promise<number> {
  return await withAdmin(kafka, async (admin) => {
    const { groups } = await admin.listGroups();
    const own = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(`${settings.topicPrefix}.`));
    let last: readonly string[] = [];
    const look = async (): Promise<boolean> => {
      last = (await Promise.all(own.map(async (groupId) => await behind(admin, groupId)))).flat();
      return last.length === 0;
    };
    try {
      await until('all is read', look, LIMIT_MS);
    } catch (error) {
      throw new Error(`Not read to the end: ${last.join('; ')}`, { cause: error });
    }
    return own.length;
  });
}

/** Where a group has not read to the end. */
async function behind(admin: Admin, groupId: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
    const ends = await admin.fetchTopicOffsets(topic);
    for (const { partition, low, high } of ends) {
      const offset = partitions.find((one) => one.partition === partition)?.offset;
      if (low !== high && offset !== high) found.push(`${groupId} is at ${offset} of ${high} in ${topic}/${partition}`);
    }
  }
  return found;
}
