// A test's own corner of the real Redis: a random key prefix, removed at the end.
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Ending } from './ending.ts';
import { requiredEnv } from './servers.ts';

/** A test's corner of Redis. */
export interface TestRedis {
  readonly keyPrefix: string;
  readonly url: string;
  /** Removes all keys of the prefix, as if Redis had been wiped. */
  wipe(): Promise<void>;
}

/** In one piece, as FLUSHALL: between a look and a deletion the queue would write, and leave a list that names jobs which are gone. */
const WIPE = `for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end`;

/** A random prefix; its keys are removed when the test ends, except on a server of the test's own, at `ownUrl`. */
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
