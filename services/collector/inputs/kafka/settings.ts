// The settings of the Kafka input.
import { z } from 'zod';
import { brokerAddress, loginSettings } from '../../../../shared/kafka/client.ts';
import { createTlsSettings } from '../../../../shared/kafka/tls.ts';
import { setting } from '../../../../shared/runtime/settings.ts';
import { enabledSetting } from '../senders.ts';

/** The section `collector.kafka`. */
export const kafkaInputSettings = z
  .strictObject({
    enabled: enabledSetting(false, 'Whether this input reads.'),
    topics: setting(z.array(z.string().regex(/^[\w.-]{1,249}$/u)).default([]), {
      description: 'The topics that agents write to.',
    }),
    groupId: setting(z.string().max(249).default(''), {
      description: 'The consumer group. Empty: <kafka.topicPrefix>.collector.',
    }),
    fromBeginning: setting(z.boolean().default(true), {
      description: 'Whether a new group begins with the first record that is there; otherwise with the next one.',
    }),
    brokers: setting(z.array(brokerAddress).default([]), {
      description:
        'The bootstrap brokers of these topics, host:port each. Empty: kafka.brokers, with the TLS and login of the section kafka instead of those below.',
    }),
    tls: createTlsSettings('collector.kafka'),
    ...loginSettings,
  })
  .refine(({ enabled, topics }) => !enabled || topics.length > 0, {
    path: ['topics'],
    error: 'name the topics to read',
  })
  .prefault({});

/** The settings of the Kafka input, validated. */
export type KafkaInputConfig = z.infer<typeof kafkaInputSettings>;
