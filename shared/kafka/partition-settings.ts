// How many partitions topics are made with, and which may be raised later.
import { z } from 'zod';
import type { TopicKey } from '../contracts/record.ts';
import { TOPICS } from '../contracts/topics.ts';
import { setting } from '../runtime/settings.ts';

const MAX_PARTITIONS = 1000;

function count(key: TopicKey) {
  const { suffix, partitions, isOrderKept } = TOPICS[key];
  const then = isOrderKept
    ? 'An existing topic with fewer is refused: its records have to stay in order by key'
    : 'An existing topic with fewer is raised to it at the start';
  return setting(z.number().int().min(1).max(MAX_PARTITIONS).optional(), {
    description: `Partitions of \`<topicPrefix>.${suffix}\`. ${then}; not set: made with ${partitions}, and left as it is.`,
  });
}

/**
 * The section `kafka.partitions`: nothing is changed unless it asks for it, and nothing is ever
 * lowered.
 */
export const partitionSettings = z
  .strictObject({
    raw: count('raw'),
    events: count('events'),
    alerts: count('alerts'),
    incidents: count('incidents'),
    actions: count('actions'),
    commands: count('commands'),
    sources: count('sources'),
    catalog: count('catalog'),
    deadLetters: count('deadLetters'),
  } satisfies Record<TopicKey, unknown>)
  .prefault({});
