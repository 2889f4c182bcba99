// When the contents of Redis must not be used: it was lost, or nobody has checked since the
// connection was.
import { isBug } from '../../../shared/runtime/errors.ts';
import type { RedisClient } from './client.ts';

/**
 * Redis is empty or another one than before: its state has to be compared with Kafka first, and
 * rebuilt where it lacks something.
 */
export class StateLost extends Error {
  override readonly name = 'StateLost';
}

/** Whether something thrown is a bug, and not the state of Redis or of another dependency. */
export function isOwnBug(error: unknown): boolean {
  return isBug(error) && !(error instanceof StateLost);
}

/** Throws StateLost when the connection was lost and Redis has not been checked since. */
export function assertVerified(client: Pick<RedisClient, 'isVerified'>): void {
  if (!client.isVerified()) throw new StateLost('The connection to Redis was lost, so Redis has to be checked first.');
}
