// The time in which silence counts: only while events are received. A collector that restarts, a
// Kafka that is away and an enricher that was stopped let no time pass for any source.

/** What the input is checked by. Milliseconds. */
interface ReceivingTimeOptions {
  /** No shorter gap of the whole input is an outage. */
  readonly outageMs: number;
  /** How long senders have after an outage of the input before time passes again. */
  readonly graceMs: number;
  /** When nothing at all has come for so long, the input is silent; 0: never. */
  readonly inputSilentAfterMs: number;
}

/** A gap is an outage when it is so many times the usual one, which is a moving average. */
const TIMES_USUAL = 3;
/** How much each gap counts in it: some outages do not make the next one usual. */
const WEIGHT = 0.05;

/** Advances with looks at how much was written to the topic of received events. */
export class ReceivingTime {
  readonly #options: ReceivingTimeOptions;
  #receivingMs = 0;
  #written: bigint | undefined;
  /** When something was found to be written last, or the first look was. */
  #grownAtMs = 0;
  #hasGrown = false;
  #graceUntilMs = -Infinity;
  #usualGapMs = 0;
  #isInputSilent = false;

  constructor(options: ReceivingTimeOptions) {
    this.#options = options;
  }

  /** The time that has passed for sources, from 0; stands still while nothing is received. */
  get receivingMs(): number {
    return this.#receivingMs;
  }

  /**
   * Takes a look: when it was, epoch milliseconds, and what was written by then. Gives whether the
   * whole input fell silent or came back with it, and since when it was silent.
   */
  look(atMs: number, written: bigint): { readonly kind: 'silent' | 'back'; readonly sinceMs: number } | undefined {
    const before = this.#written;
    this.#written = written;
    if (before === undefined) {
      this.#grownAtMs = atMs;
      return undefined;
    }
    if (written <= before) return this.#quiet(atMs);
    const sinceMs = this.#grownAtMs;
    this.#passed(atMs, atMs - sinceMs);
    this.#grownAtMs = atMs;
    // What an earlier process said of the input is not known here.
    const isBack = this.#isInputSilent || !this.#hasGrown;
    this.#isInputSilent = false;
    this.#hasGrown = true;
    return isBack ? { kind: 'back', sinceMs } : undefined;
  }

  #quiet(atMs: number): { readonly kind: 'silent'; readonly sinceMs: number } | undefined {
    const { inputSilentAfterMs } = this.#options;
    const limitMs = Math.max(inputSilentAfterMs, this.#outageMs());
    if (inputSilentAfterMs === 0 || this.#isInputSilent || atMs - this.#grownAtMs < limitMs) return undefined;
    this.#isInputSilent = true;
    return { kind: 'silent', sinceMs: this.#grownAtMs };
  }

  #outageMs(): number {
    return Math.max(this.#options.outageMs, TIMES_USUAL * this.#usualGapMs);
  }

  #passed(atMs: number, gapMs: number): void {
    const outageMs = this.#outageMs();
    if (gapMs > outageMs) this.#graceUntilMs = atMs + this.#options.graceMs;
    else if (atMs >= this.#graceUntilMs) this.#receivingMs += gapMs;
    this.#usualGapMs += (gapMs - this.#usualGapMs) * WEIGHT;
  }
}
