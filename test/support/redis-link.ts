// One Redis made the copy of another, as managed services do at a fail-over; both keep their
// clients and their run ids.
import type { TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { skipHere } from './needs.ts';
import { type OwnServer, startOwnServers } from './own-servers.ts';
import { until } from './until.ts';

/** A Redis of its own for a test, which is skipped where there is none. */
export async function startRedis(t: TestContext): Promise<OwnServer | undefined> {
  const servers = await startOwnServers(t, ['redis']);
  if (typeof servers !== 'string') return servers.redis;
  skipHere(t, 'servers', servers);
  return undefined;
}

/** A primary and its replica, with the same password; undefined where the test is skipped. */
export async function startLinkedRedis(
  t: TestContext,
): Promise<{ readonly first: URL; readonly second: URL } | undefined> {
  const [one, two] = [await startRedis(t), await startRedis(t)];
  if (one === undefined || two === undefined) return undefined;
  const [first, second] = [new URL(one.address), new URL(two.address)];
  await ask(second.href, async (redis) => await redis.config('SET', 'requirepass', first.password));
  second.password = first.password;
  await follow(second.href, first.href);
  return { first, second };
}

/**
 * Makes the Redis at `url` a replica of the one at `primaryUrl`; resolves when it has the primary's
 * data.
 */
export async function follow(url: string, primaryUrl: string): Promise<void> {
  const { hostname, port, password } = new URL(primaryUrl);
  await ask(url, async (redis) => {
    await redis.config('SET', 'masterauth', password);
    await redis.replicaof(hostname, Number(port));
    await until('the replica is in step', async () => {
      const info = await redis.info('replication');
      return info.includes('master_link_status:up') && info.includes('master_sync_in_progress:0');
    });
  });
}

/** Makes the Redis at `url` a primary of its own, with the data that it has. */
export async function promote(url: string): Promise<void> {
  await ask(url, async (redis) => await redis.replicaof('NO', 'ONE'));
}

/** Gives a Redis a connection for one piece of work. */
export async function ask<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
