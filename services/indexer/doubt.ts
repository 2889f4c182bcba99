// Refusals that can be the document's fault or the cluster's (a pipeline that fails, a request refused as a whole): what becomes of other documents decides. No input, no output.

/** How long one target refuses everything before one document is given up, so that a document that is alone stops nothing for good. */
const MAX_DOUBT_MS = 300_000;

interface TargetState {
  /** When the latest request was sent of which a document was accepted, epoch milliseconds. */
  acceptedAtMs: number;
  /** When the refusals began that nothing has decided yet. */
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

  /** The target accepted a document of a request that was sent at `sentAtMs`: it does not refuse everything. */
  accepted(target: string, sentAtMs: number): void {
    const state = this.#of(target);
    state.acceptedAtMs = Math.max(state.acceptedAtMs, sentAtMs);
  }

  /**
   * How many of the documents that a request was refused for are to blame themselves: all where another of the same request was accepted, or one of any
   * request since the refusals began; one where they have lasted too long; else none. Later refusals begin anew.
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
