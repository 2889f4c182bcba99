// Refusals that the document or the cluster may cause (a failing pipeline, a request refused as a
// whole): the outcomes of other documents decide. Pure state, no input or output.

/**
 * How long one target refuses everything before one document is given up, so that a single document
 * stops nothing for good.
 */
const MAX_DOUBT_MS = 300_000;

interface TargetState {
  /** When the latest request with an accepted document was sent, epoch milliseconds. */
  acceptedAtMs: number;
  /** When the undecided refusals began. */
  sinceMs: number | undefined;
}

/** Decides for one Elasticsearch; each target on its own. */
export class Doubt {
  readonly #now: () => number;
  readonly #targets = new Map<string, TargetState>();

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Called when the target accepted a document of a request that was sent at `sentAtMs`: it does
   * not refuse everything.
   */
  accepted(target: string, sentAtMs: number): void {
    const state = this.#of(target);
    state.acceptedAtMs = Math.max(state.acceptedAtMs, sentAtMs);
  }

  /**
   * How many of the refused documents of a request cause the refusal themselves: all where another
   * of the same request was accepted, or one of any request since the refusals began; one where
   * they have lasted too long; else none. Later refusals begin anew.
   */
  refusable(target: string, isOtherAccepted: boolean): number {
    const state = this.#of(target);
    const now = this.#now();
    const sinceMs = state.sinceMs ?? now;
    const isOfDocuments = isOtherAccepted || (state.sinceMs !== undefined && state.acceptedAtMs >= sinceMs);
    const isTooLong = now - sinceMs >= MAX_DOUBT_MS;
    state.sinceMs = isOfDocuments || isTooLong ? undefined : sinceMs;
    return isOfDocuments ? Number.POSITIVE_INFINITY : Number(isTooLong);
  }

  #of(target: string): TargetState {
    const state = this.#targets.get(target) ?? { acceptedAtMs: 0, sinceMs: undefined };
    this.#targets.set(target, state);
    return state;
  }
}
