// `foghorn setup kafka`: the topics, and the least rights of each service in them.
import { z } from 'zod';
import { type KafkaPermission, kafkaPermissions } from '../../../shared/contracts/access.ts';
import type { TopicKey } from '../../../shared/contracts/record.ts';
import { TOPICS } from '../../../shared/contracts/topics.ts';
import { createKafka, kafkaSettings } from '../../../shared/kafka/client.ts';
import { grantPermissions } from '../../../shared/kafka/permissions.ts';
import { ensureTopics } from '../../../shared/kafka/topics.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { readArguments } from '../arguments.ts';
import { type CommandIo, UsageError } from '../command.ts';
import { cliConfigSource } from '../running-start.ts';

const schema = z.strictObject({ kafka: kafkaSettings });

/**
 * Runs it; 0 when the permissions were shown or granted. Throws UsageError, ConfigError and
 * Unavailable.
 */
export async function setupKafka(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, {
    apply: { type: 'boolean', default: false },
    'principal-prefix': { type: 'string', default: 'User:foghorn-' },
    config: { type: 'string', short: 'c' },
  });
  if (positionals.length > 0) throw new UsageError(`setup kafka takes no ${positionals.join(' ')}.`);
  const prefix = values['principal-prefix'];
  if (!/^\w+:./u.test(prefix))
    throw new UsageError(`--principal-prefix ${prefix} has no type: write it as Kafka does, e.g. User:foghorn-.`);
  const { kafka: settings } = loadConfig(schema, cliConfigSource(values.config));
  const permissions = kafkaPermissions(settings.topicPrefix, prefix);
  if (!values.apply) {
    for (const permission of permissions) io.out(aclCommand(permission, settings.brokers.join(',')));
    io.err(`${permissions.length} commands; nothing was changed. --apply makes the topics and grants the permissions.`);
    return 0;
  }
  const kafka = createKafka(settings, createLogger('setup', { level: 'warn', format: 'pretty' }));
  try {
    await ensureTopics(kafka, settings, Object.keys(TOPICS) as TopicKey[]);
    await grantPermissions(kafka, permissions);
  } finally {
    kafka.end();
  }
  io.out(`${Object.keys(TOPICS).length} topics are there, ${permissions.length} permissions are granted.`);
  return 0;
}

/** The same as a call of Kafka’s own tool. */
function aclCommand({ principal, resource, name, pattern, operations }: KafkaPermission, brokers: string): string {
  const granted = operations.map((operation) => `--operation ${operation}`).join(' ');
  return `kafka-acls.sh --bootstrap-server ${brokers} --add --allow-principal '${principal}' ${granted} --${resource} '${name}' --resource-pattern-type ${pattern}`;
}
