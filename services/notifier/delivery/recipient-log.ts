// The recipients that have taken a delivery, in Redis, so that another process or a reload sends
// only to the others.
import type { RecipientLog } from '../channels/channel.ts';
import type { Keys } from '../redis/keys.ts';
import { pipeline, type RedisClient } from '../redis/client.ts';

/** Longer than a delivery is retried. */
const KEEP_MS = 60 * 24 * 60 * 60 * 1000;

/** The log on a connection. Calls throw Unavailable. */
export function createRecipientLog(client: RedisClient, keys: Keys): RecipientLog {
  return {
    of: (deliveryId) => client.run((redis) => redis.smembers(keys.letter(deliveryId))),
    add: async (deliveryId, addresses) => {
      await pipeline(client, (commands) => {
        commands.sadd(keys.letter(deliveryId), ...addresses);
        commands.pexpire(keys.letter(deliveryId), KEEP_MS);
      });
    },
  };
}
