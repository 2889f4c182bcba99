// Which addresses have taken which email, in Redis: of one that only some took, another process and a reload have to know.
import type { TakenLetters } from '../channels/email/email.ts';
import type { Keys } from '../redis/keys.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';

/** Longer than a delivery is tried. */
const KEEP_MS = 60 * 24 * 60 * 60 * 1000;

/** The memory on a connection. Calls throw Unavailable. */
export function createTakenLetters(client: RedisClient, keys: Keys): TakenLetters {
  return {
    of: async (deliveryId) => await client.run(async (redis) => await redis.smembers(keys.letter(deliveryId))),
    add: async (deliveryId, addresses) => {
      await pipeline(client, (commands) => {
        commands.sadd(keys.letter(deliveryId), ...addresses);
        commands.pexpire(keys.letter(deliveryId), KEEP_MS);
      });
    },
  };
}
