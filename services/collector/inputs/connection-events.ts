// What an input counts and logs about its connections.
import type { ConnectionEvents } from '../../../shared/http/connections.ts';
import { rateLimited } from '../../../shared/runtime/rate-limited-log.ts';
import type { InputParts } from './input.ts';

/** Counts the connections of an input, and logs those that this side closes. */
export function connectionEvents(input: string, { metrics, log, now }: Omit<InputParts, 'intake'>): ConnectionEvents {
  const limited = rateLimited(log, now);
  return {
    onCount: (count) => metrics.connections.set({ input }, count),
    onEnd: (reason, address) => {
      metrics.connectionsEnded.inc({ input, reason });
      limited.warn('connection', { input, reason, address }, 'a connection was closed by this side');
    },
  };
}
