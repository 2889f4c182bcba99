// Puts originals back onto the topics they came from, so that they go the whole way again.
import type { ReadDeadLetter } from '../../../shared/contracts/dead-letter.ts';
import type { OutRecord, TopicKey } from '../../../shared/contracts/record.ts';
import { TOPICS, topicName } from '../../../shared/contracts/topics.ts';

/**
 * The topic that is replayed by default: its records come from senders and pass all checks again.
 */
const REPLAYED: ReadonlySet<TopicKey> = new Set(['raw', 'events', 'alerts']);

/** The record to send, or why there is none. */
type Replay = { readonly kind: 'record'; readonly record: OutRecord } | { readonly kind: 'left'; readonly why: string };

/**
 * The record of a dead letter: the original's key, value and headers unchanged. Ids are made from
 * those, so a record that was processed after all makes no second event, incident or message.
 * `named` is the topic to replay to, by its name without the prefix.
 */
export function replayOf({ source, original }: ReadDeadLetter, topicPrefix: string, named?: string): Replay {
  const keys = Object.keys(TOPICS) as TopicKey[];
  const topic = keys.find((key) => topicName(topicPrefix, key) === source.topic);
  if (topic === undefined) return { kind: 'left', why: `${source.topic} is no topic under the prefix ${topicPrefix}` };
  // In a compacted topic the newest record of a key counts: an old snapshot must not replace it.
  if (TOPICS[topic].cleanup === 'compact')
    return { kind: 'left', why: `${source.topic} holds snapshots; the next change of the incident writes a new one` };
  if (topic === 'deadLetters') return { kind: 'left', why: 'it was a dead letter before it failed' };
  // The topic in a dead letter is chosen by its writer: a replayed command would be executed under
  // the name that it contains.
  if (topic === 'commands') return { kind: 'left', why: `${source.topic} holds commands; give the command again` };
  if (!REPLAYED.has(topic) && topic !== named)
    return { kind: 'left', why: `${source.topic} is replayed only with --topic ${topic}` };
  if (named !== undefined && topic !== named) return { kind: 'left', why: `${source.topic} is not --topic ${named}` };
  if (source.partition < 0 || !/^\d{1,19}$/u.test(source.offset))
    return { kind: 'left', why: 'it names no place in a topic, so that no stage of Foghorn wrote it' };
  const { key, value, headers } = original;
  return { kind: 'record', record: { topic, key, value, headers } };
}
