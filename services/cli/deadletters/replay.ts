// Puts originals back onto the topics they came from, so that they go the whole way again.
import type { ReadDeadLetter } from '../../../shared/contracts/dead-letter.ts';
import type { OutRecord, TopicKey } from '../../../shared/contracts/record.ts';
import { TOPICS, topicName } from '../../../shared/contracts/topics.ts';

/** What is replayed unless another topic is named: what comes from senders, and is checked on its way again. */
const REPLAYED: ReadonlySet<TopicKey> = new Set(['raw', 'events', 'alerts']);

/** The record to send, or why there is none. */
export type Replay =
  | { readonly kind: 'record'; readonly record: OutRecord }
  | { readonly kind: 'left'; readonly why: string };

/**
 * What is sent for a dead letter: the original's key, value and headers as they were. Ids are made from those, so a record that was taken after all
 * makes no second event, incident or message. `named` is the one topic that is meant, by its name without the prefix.
 */
export function replayOf({ source, original }: ReadDeadLetter, topicPrefix: string, named?: string): Replay {
  const keys = Object.keys(TOPICS) as TopicKey[];
  const topic = keys.find((key) => topicName(topicPrefix, key) === source.topic);
  if (topic === undefined) return { kind: 'left', why: `${source.topic} is no topic under the prefix ${topicPrefix}` };
  // The newest record under a key is the truth of a compacted topic: an old snapshot must not become it.
  if (TOPICS[topic].cleanup === 'compact')
    return { kind: 'left', why: `${source.topic} holds snapshots; the next change of the incident writes a new one` };
  if (topic === 'deadLetters') return { kind: 'left', why: 'it was a dead letter before it failed' };
  // Where a letter says that it comes from, whoever writes letters decides: a command would be executed in the name that it gives.
  if (topic === 'commands') return { kind: 'left', why: `${source.topic} holds commands; give the command again` };
  if (!REPLAYED.has(topic) && topic !== named)
    return { kind: 'left', why: `${source.topic} is replayed only with --topic ${topic}` };
  if (named !== undefined && topic !== named) return { kind: 'left', why: `${source.topic} is not --topic ${named}` };
  if (source.partition < 0 || !/^\d{1,19}$/u.test(source.offset))
    return { kind: 'left', why: 'it names no place in a topic, so that no stage of Foghorn wrote it' };
  const { key, value, headers } = original;
  return { kind: 'record', record: { topic, key, value, headers } };
}
