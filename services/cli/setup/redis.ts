// `foghorn setup redis`: the rule of an ACL user for the notifier, with no more than the commands
// and keys that it takes.
import { z } from 'zod';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { redisAclRules } from '../../notifier/redis/commands.ts';
import { redisSettings } from '../../notifier/redis/settings.ts';
import { readArguments } from '../arguments.ts';
import { type CommandIo, UsageError } from '../command.ts';
import { cliConfigSource } from '../running-start.ts';

const schema = z.strictObject({ redis: redisSettings });

/**
 * Runs it; 0 when the rule was shown. It has no password: the administrator adds one. Throws
 * UsageError and ConfigError.
 */
export async function setupRedis(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, {
    user: { type: 'string', default: 'foghorn-notifier' },
    config: { type: 'string', short: 'c' },
  });
  if (positionals.length > 0) throw new UsageError(`setup redis takes no ${positionals.join(' ')}.`);
  if (!/^[\w.-]+$/u.test(values.user))
    throw new UsageError(`--user ${values.user}: a name of letters, digits, dots, dashes and underscores.`);
  const { redis } = loadConfig(schema, cliConfigSource(values.config));
  io.out(`ACL SETUSER ${values.user} reset on '>PASSWORD' ${redisAclRules(redis.keyPrefix).join(' ')}`);
  io.err(
    'For redis-cli, as an administrator, with a password of your own; ACL SAVE keeps it where Redis has an aclfile.',
  );
  return 0;
}
