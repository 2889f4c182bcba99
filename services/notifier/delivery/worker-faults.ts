// What keeps a queue's worker from its work: BullMQ tries again for ever, and only its errors say that nothing is delivered.
import { errorText } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { rateLimited } from '../../../shared/runtime/rate-limited-log.ts';
import { settingsProblem } from '../redis-faults.ts';

/** The errors of one worker. */
export interface WorkerFaults {
  saw(error: unknown): void;
  /** What somebody has to correct so that deliveries are made; undefined when nothing was wrong of late. */
  current(): string | undefined;
}

/** A worker that is refused something tries again within 15 s at the latest. */
const LATELY_MS = 30_000;

/** Logs what somebody has to correct at level error, once a minute; the rest passes by itself. `now`: epoch milliseconds. */
export function createWorkerFaults(receiver: string, log: Logger, now: () => number = Date.now): WorkerFaults {
  const limited = rateLimited(log, now);
  let last: { readonly fault: string; readonly atMs: number } | undefined;
  return {
    saw: (error) => {
      const fault = settingsProblem(error);
      if (fault === undefined) {
        log.debug({ receiver, detail: errorText(error) }, 'delivery worker');
        return;
      }
      last = { fault, atMs: now() };
      limited.error(fault, { receiver, detail: fault }, 'deliveries are not made');
    },
    current: () => (last !== undefined && now() - last.atMs < LATELY_MS ? last.fault : undefined),
  };
}
