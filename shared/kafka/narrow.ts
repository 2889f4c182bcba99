// Isolates a bug in handling a batch: the record that causes it becomes a dead letter, and the
// others of the batch pass.
import type { Delivery, Stage, Verdict } from '../contracts/stage.ts';
import { isBug, errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { type RateLimitedLog, rateLimited } from '../runtime/rate-limited-log.ts';
import { isOfKafka } from './client.ts';

/**
 * How many successive records, with no success between them, may fail in the same place of the code
 * and become dead letters. One more, and the data is not to blame: the error passes through and
 * ends the process, with nothing of the batch committed.
 */
export const MAX_ALIKE_IN_A_ROW = 10;

/** How a batch is handled. */
interface Handing {
  readonly signal: AbortSignal;
  readonly delivery: Delivery;
}

/** Hands batches to a stage. One for each loop: it keeps across batches what failed last. */
export class NarrowHandler<In> {
  readonly #stage: Pick<Stage<In, string>, 'name' | 'handle'>;
  readonly #isBug: (error: unknown) => boolean;
  readonly #log: RateLimitedLog;
  #place = '';
  #inARow = 0;

  constructor(stage: Pick<Stage<In, string>, 'name' | 'handle'>, log: Logger, isOwnBug = isBug) {
    this.#stage = stage;
    this.#isBug = isOwnBug;
    this.#log = rateLimited(log);
  }

  /**
   * A verdict for each value, in order. On a bug (anything thrown but Unavailable, or verdicts that
   * are too few) the batch is halved until the values that it is met with stand alone; those are
   * `internal`. What went well in a half that failed is done again, as after a crash. Throws
   * Unavailable, and the bug itself when it is met with everything.
   */
  async handle(values: readonly In[], handing: Handing): Promise<readonly Verdict[]> {
    try {
      const verdicts = await this.#stage.handle(values, handing.signal, handing.delivery);
      if (verdicts.length !== values.length)
        throw new Error(`Stage ${this.#stage.name} gave ${verdicts.length} verdicts for ${values.length} records.`);
      if (values.length > 0) this.#inARow = 0;
      return verdicts;
    } catch (error) {
      if (!this.#isBug(error) || isOfKafka(error) || handing.signal.aborted || values.length === 0) throw error;
      if (values.length === 1) return [this.#letterOf(error)];
      const middle = Math.ceil(values.length / 2);
      const again = { ...handing, delivery: { ...handing.delivery, mayRepeat: true } };
      const left = await this.handle(values.slice(0, middle), again);
      return [...left, ...(await this.handle(values.slice(middle), again))];
    }
  }

  #letterOf(error: unknown): Verdict {
    const place = placeOf(error);
    this.#inARow = place === this.#place ? this.#inARow + 1 : 1;
    this.#place = place;
    if (this.#inARow > MAX_ALIKE_IN_A_ROW) throw error;
    this.#log.error(place, { err: error }, 'a bug met with one record: it becomes a dead letter');
    return { kind: 'dead', reason: 'internal', detail: `${errorText(error)} (${place})` };
  }
}

/** Where something was thrown: the first line of its stack that names a place. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const line = stack.split('\n').find((each) => /^\s+at /u.test(each));
  return line === undefined ? `${typeof error} without a stack` : line.trim();
}
