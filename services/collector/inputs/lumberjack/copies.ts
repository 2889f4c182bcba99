// Numbers the events of a window that have equal bytes. Their digests count as bytes in flight.
import { digestBytes } from '../../../../shared/contracts/ids.ts';
import type { Holding } from './byte-reader.ts';

/** Room is taken in steps of so many digests, beyond the first step. */
const STEP = 256;
/** What a digest takes in memory. */
const DIGEST_BYTES = 128;

/** The digests of a window's events. */
export class Copies {
  readonly #holding: Holding;
  readonly #counts = new Map<string, number>();
  #held = STEP;

  constructor(holding: Holding) {
    this.#holding = holding;
  }

  /** How many events so far have these bytes, this one included. */
  count(bytes: Buffer): number {
    const digest = digestBytes(bytes);
    const count = (this.#counts.get(digest) ?? 0) + 1;
    this.#counts.set(digest, count);
    return count;
  }

  /** Takes room for what was counted; undefined when there is enough. */
  grow(): Promise<void> | undefined {
    if (this.#counts.size <= this.#held) return undefined;
    this.#held += STEP;
    return this.#holding.grow(STEP * DIGEST_BYTES);
  }

  /** Gives the room back. */
  release(): void {
    this.#counts.clear();
    this.#holding.release();
  }
}
