// The requirements for Redis, checked before anything is written to it.
import { ConfigError } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { createRedis, infoField } from './client.ts';
import { CLUSTER_ADVICE } from './errors.ts';
import type { RedisSettings } from './settings.ts';

/** ZMSCORE, ZRANGE BYSCORE and TIME in a script that writes are not in older ones. */
const OLDEST = [6, 2] as const;

/**
 * Connects, looks and disconnects. Throws Unavailable when Redis is away, and ConfigError for one
 * that cannot serve: a wrong password or database, a user who may not ask for INFO, cluster mode,
 * an older version, or one that may evict keys.
 */
export async function checkRedis(settings: RedisSettings, log: Logger): Promise<void> {
  const client = createRedis(settings, log);
  try {
    refuseServer(await client.run(async (redis) => await redis.info()));
  } finally {
    await client.close();
  }
}

function refuseServer(info: string): void {
  const version = infoField(info, 'redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (version !== '' && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])))
    throw new ConfigError(`Redis is of version ${version}; the notifier needs ${OLDEST.join('.')} or later.`);
  if (infoField(info, 'cluster_enabled') === '1') throw new ConfigError(CLUSTER_ADVICE);
  const policy = infoField(info, 'maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction')
    throw new ConfigError(
      `Redis has maxmemory-policy ${policy}, which may throw away incidents and queued deliveries. Set it to noeviction, or name another Redis in REDIS_URL.`,
    );
}
