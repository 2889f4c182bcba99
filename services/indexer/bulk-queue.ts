// Joins what several writes send into few bulk requests: what comes while as many are under way as
// may be goes together in the next one, so that requests grow with the load.
import { isBug } from '../../shared/runtime/errors.ts';
import { type BulkItem, type BulkTarget, bytesOf } from './bulk-request.ts';
import type { ItemOutcome } from './verdict.ts';

/** An item and its place in the write. */
export interface Entry {
  readonly item: BulkItem;
  readonly place: number;
  /** The next older version of the document, which is written if this one is refused. */
  readonly older?: Entry;
}

/** What became of an entry. */
export type Outcome = readonly [Entry, ItemOutcome];

/** The parts of the queue. */
interface BulkQueueOptions {
  readonly maxInFlight: number;
  /** The size that requests are cut to now; a larger item is a request of its own. */
  maxBytes(): number;
  /** One request; gives an outcome for each entry, in order. */
  send(target: BulkTarget, entries: readonly Entry[], signal: AbortSignal): Promise<readonly Outcome[]>;
}

/** What one call of `send` gave to the queue. */
interface Write {
  readonly target: BulkTarget;
  readonly signal: AbortSignal;
  readonly entries: readonly Entry[];
  /** How many of the entries are in requests already. */
  taken: number;
  /** The requests under way that have some of them. */
  underWay: number;
  readonly outcomes: Outcome[];
  failure: { readonly error: unknown } | undefined;
  settle(): void;
}

interface Part {
  readonly write: Write;
  readonly entry: Entry;
}

/** Requests to all targets, the longest wait first. */
export class BulkQueue {
  readonly #options: BulkQueueOptions;
  /** Those with entries that are in no request yet. */
  readonly #waiting = new Set<Write>();
  #underWay = 0;
  #isScheduled = false;

  constructor(options: BulkQueueOptions) {
    this.#options = options;
  }

  /**
   * Resolves with an outcome for each entry. Rejects as the first request that fails does, when
   * none is under way any more, and for a bug that is met with others only where it is met alone;
   * when `signal` aborts, at once.
   */
  async send(target: BulkTarget, entries: readonly Entry[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    if (entries.length === 0) return [];
    return await new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiting.delete(write);
        signal.removeEventListener('abort', settle);
        if (signal.aborted) reject(signal.reason as Error);
        else if (write.failure !== undefined) reject(write.failure.error);
        else resolve(write.outcomes);
      };
      const write: Write = {
        target,
        signal,
        entries,
        taken: 0,
        underWay: 0,
        outcomes: [],
        failure: undefined,
        settle,
      };
      signal.addEventListener('abort', settle, { once: true });
      this.#waiting.add(write);
      this.#schedule();
    });
  }

  /** After whatever else is ready now: the partitions of one fetch are handled in one turn. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#underWay < this.#options.maxInFlight && this.#waiting.size > 0) void this.#run(this.#take());
    });
  }

  /** The entries of the write that waits longest, and of others to the same target. */
  #take(): readonly Part[] {
    const [first] = this.#waiting;
    const parts: Part[] = [];
    const maxBytes = this.#options.maxBytes();
    let bytes = 0;
    for (const write of this.#waiting) {
      if (write.target.index !== first?.target.index) continue;
      for (let entry = write.entries[write.taken]; entry !== undefined; entry = write.entries[write.taken]) {
        bytes += bytesOf(entry.item);
        if (parts.length > 0 && bytes > maxBytes) return parts;
        parts.push({ write, entry });
        write.taken += 1;
      }
      this.#waiting.delete(write);
    }
    return parts;
  }

  async #run(parts: readonly Part[]): Promise<void> {
    const writes = [...new Set(parts.map(({ write }) => write))];
    this.#underWay += 1;
    for (const write of writes) write.underWay += 1;
    await this.#request(writes, parts);
    this.#underWay -= 1;
    this.#schedule();
    for (const write of writes) {
      write.underWay -= 1;
      if (write.underWay === 0 && !this.#waiting.has(write)) write.settle();
    }
  }

  /** A bug met with several writes is met again by the one that causes it, alone. */
  async #request(writes: readonly Write[], parts: readonly Part[]): Promise<void> {
    const [first] = writes;
    if (first === undefined) return;
    const sorted = parts.toSorted(byId);
    const { signal, release } = abortedByAll(writes.map((write) => write.signal));
    try {
      const entries = sorted.map(({ entry }) => entry);
      const outcomes = await this.#options.send(first.target, entries, signal);
      for (const [at, outcome] of outcomes.entries()) sorted[at]?.write.outcomes.push(outcome);
    } catch (error) {
      if (isBug(error) && writes.length > 1) await this.#requestEach(writes, parts);
      else
        for (const write of writes) {
          write.failure ??= { error };
          this.#waiting.delete(write);
        }
    } finally {
      release();
    }
  }

  async #requestEach(writes: readonly Write[], parts: readonly Part[]): Promise<void> {
    for (const write of writes)
      if (!write.signal.aborted)
        await this.#request(
          [write],
          parts.filter((part) => part.write === write),
        );
  }
}

/**
 * Elasticsearch looks for each id among those it has, and finds one beside the last sooner than one
 * anywhere (docs/measured.md). Equal ids stay in their order.
 */
function byId({ entry: { item: one } }: Part, { entry: { item: other } }: Part): number {
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
}

/** A request goes on as long as one of its writes waits for it. */
function abortedByAll(signals: readonly AbortSignal[]): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => {
    if (signals.every(({ aborted }) => aborted)) controller.abort(signals[0]?.reason);
  };
  for (const signal of signals) signal.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) signal.removeEventListener('abort', abort);
    },
  };
}
