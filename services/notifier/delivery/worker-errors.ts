// The errors that stop a queue's worker: BullMQ retries for ever, and only its errors show that
// nothing is delivered.
import { errorText } from '../../../shared/runtime/errors.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { rateLimited } from '../../../shared/runtime/rate-limited-log.ts';
import { settingsProblem } from '../redis/errors.ts';

/** The errors of one worker. */
export interface WorkerErrors {
  record(error: unknown): void;
  /** The problem that somebody has to correct; undefined without a recent one. */
  current(): string | undefined;
}

/** A worker that is refused something tries again within 15 s at the latest. */
const LATELY_MS = 30_000;

/**
 * Logs problems that somebody has to correct at level error, once a minute; others pass by
 * themselves. `now`: epoch milliseconds.
 */
export function createWorkerErrors(receiver: string, log: Logger, now: () => number = Date.now): WorkerErrors {
  const limited = rateLimited(log, now);
  let last: { readonly problem: string; readonly atMs: number } | undefined;
  return {
    record: (error) => {
      const problem = settingsProblem(error);
      if (problem === undefined) {
        log.debug({ receiver, detail: errorText(error) }, 'delivery worker');
        return;
      }
      last = { problem, atMs: now() };
      limited.error(problem, { receiver, detail: problem }, 'deliveries are not made');
    },
    current: () => (last !== undefined && now() - last.atMs < LATELY_MS ? last.problem : undefined),
  };
}
