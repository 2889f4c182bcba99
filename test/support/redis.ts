// A test's own corner of the real Redis: a random key prefix, removed at the end.
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { requiredEnv } from './servers.ts';

/** A test's corner of Redis. */
export interface TestRedis {
  readonly keyPrefix: string;
  readonly url: string;
  /** Removes all keys of the prefix, as if Redis had been wiped. */
  wipe(): Promise<void>;
}

/** A random prefix; its keys are removed when the test ends, except on a server of the test's own, at `ownUrl`. */
export function testRedis(t: TestContext, ownUrl?: string): TestRedis {
  const keyPrefix = `t${randomBytes(6).toString('hex')}`;
  const url = ownUrl ?? requiredEnv('REDIS_URL');
  const wipe = async (): Promise<void> => {
    const redis = new Redis(url);
    try {
      const found: string[] = [];
      for await (const keys of redis.scanStream({ match: `${keyPrefix}:*`, count: 1000 }) as AsyncIterable<string[]>)
        found.push(...keys);
      while (found.length > 0) await redis.del(...found.splice(0, 1000));
    } finally {
      redis.disconnect();
    }
  };
  if (ownUrl === undefined) t.after(wipe);
  return { keyPrefix, url, wipe };
}
