// A test's own corner of the real Redis: a random key prefix, removed at the end.
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { createRedis, type RedisClient } from '../../services/notifier/redis/client.ts';
import { type Keys, keysOf } from '../../services/notifier/redis/keys.ts';
import type { Ending } from './ending.ts';
import { quietLog } from './log.ts';
import { requiredEnv } from './servers.ts';

/** A test's corner of Redis. */
export interface TestRedis {
  readonly keyPrefix: string;
  readonly url: string;
  /** Removes all keys of the prefix, as if Redis had been wiped. */
  wipe(): Promise<void>;
}

/**
 * In one piece, as FLUSHALL: between a look and a deletion the queue would write, and leave a list
 * that names jobs which are gone.
 */
const WIPE = `for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end`;

/**
 * A random prefix; its keys are removed when the test ends, except on a server of the test's own,
 * at `ownUrl`.
 */
export function testRedis(t: Ending, ownUrl?: string): TestRedis {
  const keyPrefix = `t${randomBytes(6).toString('hex')}`;
  const url = ownUrl ?? requiredEnv('REDIS_URL');
  const wipe = async (): Promise<void> => {
    const redis = new Redis(url);
    try {
      await redis.eval(WIPE, 0, `${keyPrefix}:*`);
    } finally {
      redis.disconnect();
    }
  };
  if (ownUrl === undefined) t.after(wipe);
  return { keyPrefix, url, wipe };
}

/** A connection of the test's own to a corner, closed when the test ends. */
export function openRedis(t: Ending, { url, keyPrefix }: Pick<TestRedis, 'url' | 'keyPrefix'>): RedisClient {
  const client = createRedis({ url, keyPrefix }, quietLog);
  t.after(async () => await client.close());
  return client;
}

/** A corner that the notifier takes for complete. */
export interface CompleteRedis extends TestRedis {
  readonly client: RedisClient;
  readonly keys: Keys;
}

/** A corner that the notifier takes for complete, with a connection and its keys. */
export async function openCompleteRedis(t: Ending): Promise<CompleteRedis> {
  const redis = testRedis(t);
  const client = openRedis(t, redis);
  const keys = keysOf(redis.keyPrefix);
  await client.run(async (connection) => await connection.set(keys.complete, 'x'));
  return { ...redis, client, keys };
}
