// The number of messages a receiver gets in a minute, counted for all processes together; suppressed and superseded deliveries do not count.
import type { Keys } from '../redis/keys.ts';
import type { RedisClient } from '../redis/client.ts';

/** Takes one of the minute's messages: 0 when it may be sent, else how long to wait, in milliseconds. Throws Unavailable. */
export type RateLimit = () => Promise<number>;

const MINUTE_MS = 60_000;

const TAKE = `
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return math.max(1, redis.call('PTTL', KEYS[1])) end
if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ${MINUTE_MS}) end
return 0`;

/** The rate limit of a receiver; without a maximum it never waits. */
export function createRateLimit(
  client: RedisClient,
  key: ReturnType<Keys['rateLimit']>,
  maxPerMinute: number | undefined,
): RateLimit {
  if (maxPerMinute === undefined) return async () => await Promise.resolve(0);
  return async () => Number(await client.run(async (redis) => await redis.eval(TAKE, 1, key, maxPerMinute)));
}
