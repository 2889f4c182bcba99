// The number of messages a receiver gets in a minute, counted for all processes together;
// suppressed and superseded deliveries do not count.
import type { Keys } from '../redis/keys.ts';
import type { RedisClient } from '../redis/client.ts';
import { defineScript, runScript } from '../redis/scripts.ts';

/**
 * Takes one of the minute's messages: 0 when it may be sent, else how long to wait, in
 * milliseconds. Throws Unavailable.
 */
export type RateLimit = () => Promise<number>;

const MINUTE_MS = 60_000;

const TAKE = defineScript('take-message', { keys: ['count'], args: ['max', 'periodMs'] });

/** The rate limit of a receiver; without a maximum it never waits. */
export function createRateLimit(
  client: RedisClient,
  key: ReturnType<Keys['rateLimit']>,
  maxPerMinute: number | undefined,
): RateLimit {
  if (maxPerMinute === undefined) return async () => await Promise.resolve(0);
  const call = { count: key, max: maxPerMinute, periodMs: MINUTE_MS };
  return async () => Number(await runScript(client, TAKE, call));
}
