// Puts originals back onto the topics they came from, so that they go the whole way again.
import type { ReadDeadLetter } from '../../../shared/contracts/dead-letter.ts';
import type { OutRecord, TopicKey } from '../../../shared/contracts/record.ts';
import { TOPICS, topicName } from '../../../shared/contracts/topics.ts';

/** The record to send, or why there is none. */
export type Replay =
  | { readonly kind: 'record'; readonly record: OutRecord }
  | { readonly kind: 'left'; readonly why: string };

/**
 * What is sent for a dead letter: the original's key, value and headers as they were. Ids are made from those, so a record that was taken after all
 * makes no second event, incident or message.
 */
export function replayOf({ source, original }: ReadDeadLetter, topicPrefix: string): Replay {
  const keys = Object.keys(TOPICS) as TopicKey[];
  const topic = keys.find((key) => topicName(topicPrefix, key) === source.topic);
  if (topic === undefined) return { kind: 'left', why: `${source.topic} is no topic under the prefix ${topicPrefix}` };
  // The newest record under a key is the truth of a compacted topic: an old snapshot must not become it.
  if (TOPICS[topic].cleanup === 'compact')
    return { kind: 'left', why: `${source.topic} holds snapshots; the next change of the incident writes a new one` };
  if (topic === 'deadLetters') return { kind: 'left', why: 'it was a dead letter before it failed' };
  const { key, value, headers } = original;
  return { kind: 'record', record: { topic, key, value, headers } };
}
