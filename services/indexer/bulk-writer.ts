// Writes documents and settles each by its own answer: done, or refused with a reason. Only items
// that the cluster defers are sent again.
import type { Elasticsearch } from '../../shared/elasticsearch/client.ts';
import { backoffMs, sleep } from '../../shared/runtime/backoff.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import type { Entry } from './bulk-queue.ts';
import type { BulkItem, BulkTarget } from './bulk-request.ts';
import { BulkSender } from './bulk-sender.ts';
import { createFindConflicts, type FindConflicts } from './conflicts.ts';
import { Doubt } from './doubt.ts';
import type { IndexerMetrics } from './metrics.ts';
import { createRepeatLookup, type RepeatLookup } from './repeat-lookup.ts';
import type { ItemOutcome, Settled } from './verdict.ts';

/** The parts of the writer. */
interface BulkWriterOptions {
  readonly elasticsearch: Elasticsearch;
  readonly metrics: IndexerMetrics;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly maxBulkBytes: number;
  readonly bulkTargetMs: number;
  readonly maxBulksInFlight: number;
  readonly itemTries: number;
  /** Called for each write with conflicts: events whose id is there with another content. */
  readonly onConflicts?: (target: string, ids: readonly string[]) => void;
}

/** The context of a write. `mayRepeat`: documents may have been written just before. */
interface WriteContext {
  readonly signal: AbortSignal;
  readonly mayRepeat: boolean;
}

/**
 * Writes items and returns their outcomes in order. Throws Unavailable when a request as a whole
 * fails or items are deferred too often; some documents may be written then, and writing them again
 * is harmless.
 */
export type WriteBulk = (
  target: BulkTarget,
  items: readonly BulkItem[],
  context: WriteContext,
) => Promise<readonly Settled[]>;

const BACKOFF = { minMs: 100, maxMs: 3000 };
/** Documents that wait are tried far more often, unless their partition moved away. */
const SETUP_ERROR_MS = 180_000;

type SentEntry = readonly [Entry, Exclude<ItemOutcome, { readonly kind: 'doubtful' }>];

function waitingFor(detail: string) {
  const advice = 'every document is refused alike: look at the ingest pipelines and settings of the index';
  return { kind: 'again', detail: `${advice} (${detail})`, isSetup: true } as const;
}

/** All users of one writer share its limits. */
export class BulkWriter {
  readonly #options: BulkWriterOptions;
  readonly #sender: BulkSender;
  readonly #lookUp: RepeatLookup;
  readonly #doubt: Doubt;
  /** Target → the error in the cluster's set-up, and when it was met last. */
  readonly #setupErrors = new Map<string, { readonly detail: string; readonly atMs: number }>();
  readonly #findConflicts: FindConflicts;

  constructor(options: BulkWriterOptions) {
    this.#options = options;
    this.#sender = new BulkSender(options);
    this.#doubt = new Doubt(options.now);
    const onLookup = (target: string, count: number): void => options.metrics.repeatLookups.inc({ target }, count);
    this.#lookUp = createRepeatLookup({ ...options, onLookup });
    this.#findConflicts = createFindConflicts(options.elasticsearch);
  }

  /** The error in the cluster's set-up that documents of its own wait for. */
  ready(): string | undefined {
    const sinceMs = this.#options.now() - SETUP_ERROR_MS;
    for (const [target, { detail, atMs }] of this.#setupErrors)
      if (atMs >= sinceMs) return `Elasticsearch: documents for ${target} wait: ${detail}`;
    return undefined;
  }

  readonly write: WriteBulk = async (target, items, context) => {
    const settled = new Map<number, Settled>();
    let waiting = await this.#withoutSettled(target, items, context, settled);
    let deferred = '';
    for (let attempt = 0; waiting.length > 0; attempt += 1) {
      if (attempt > 0)
        await this.#pauseBeforeRetry(target, waiting.length, { attempt, deferred, signal: context.signal });
      const again: Entry[] = [];
      const older: Entry[] = [];
      for (const [entry, outcome] of await this.#send(target, waiting, context.signal)) {
        if (outcome.kind === 'again') {
          again.push(entry);
          deferred = outcome.detail;
        } else older.push(...settle(entry, outcome, settled));
      }
      // An older version is tried as often as the one that was refused.
      if (again.length === 0) attempt = -1;
      waiting = [...again, ...older];
    }
    await this.#settleConflicts(target, items, settled, context.signal);
    return this.#inOrder(target, items, settled);
  };

  /**
   * Sends once. A refusal that a document or the cluster may cause is decided by the outcomes of
   * other documents.
   */
  async #send(target: BulkTarget, waiting: readonly Entry[], signal: AbortSignal): Promise<readonly SentEntry[]> {
    const sentAtMs = this.#options.now();
    const outcomes = await this.#sender.sendAll(target, waiting, signal);
    const isAccepted = outcomes.some(([, { kind }]) => kind === 'created' || kind === 'exists');
    if (isAccepted) this.#doubt.accepted(target.index, sentAtMs);
    const isAnyDoubtful = outcomes.some(([, { kind }]) => kind === 'doubtful');
    let refusable = isAnyDoubtful ? this.#doubt.refusable(target.index, isAccepted) : 0;
    const classified = outcomes.map(([entry, outcome]): SentEntry => {
      if (outcome.kind !== 'doubtful') return [entry, outcome];
      refusable -= 1;
      return [entry, refusable >= 0 ? { kind: 'refused', detail: outcome.detail } : waitingFor(outcome.detail)];
    });
    this.#noteSetup(target.index, classified, isAccepted);
    return classified;
  }

  #noteSetup(target: string, outcomes: readonly SentEntry[], isAccepted: boolean): void {
    const setupError = outcomes.map(([, outcome]) => outcome).find((it) => it.kind === 'again' && it.isSetup === true);
    if (isAccepted) this.#setupErrors.delete(target);
    else if (setupError?.kind === 'again')
      this.#setupErrors.set(target, { detail: setupError.detail, atMs: this.#options.now() });
  }

  /**
   * Items still to write: without those that no request can hold and those that are there already.
   */
  async #withoutSettled(
    target: BulkTarget,
    items: readonly BulkItem[],
    context: WriteContext,
    settled: Map<number, Settled>,
  ): Promise<Entry[]> {
    const entries = items.map((item, place) => ({ item, place }));
    const settable = entries.filter(({ item, place }) => {
      const problem = problemIn(item);
      if (problem !== undefined) settled.set(place, { kind: 'refused', detail: problem });
      return problem === undefined;
    });
    if (target.action === 'index') return latestOf(settable);
    if (settable.length === 0) return settable;
    const present = await this.#lookUp(
      target.index,
      settable.map(({ item }) => item),
      context,
    );
    for (const { item, place } of settable) {
      const index = present.get(item.id);
      if (index !== undefined) settled.set(place, { kind: 'exists', index });
    }
    return settable.filter(({ item }) => !present.has(item.id));
  }

  /**
   * An existing document is the same event, or another under its identity: then the second one is
   * kept as a dead letter, not dropped.
   */
  async #settleConflicts(
    target: BulkTarget,
    items: readonly BulkItem[],
    settled: Map<number, Settled>,
    signal: AbortSignal,
  ): Promise<void> {
    const existing: { id: string; content: string; index: string; place: number }[] = [];
    for (const [place, outcome] of settled) {
      const { id = '', content } = items[place] ?? {};
      if (outcome.kind === 'exists' && outcome.index !== undefined && content !== undefined)
        existing.push({ id, content, index: outcome.index, place });
    }
    if (existing.length === 0) return;
    const answers = await this.#findConflicts(existing, signal);
    const conflicts = existing.filter((_, at) => answers[at] === true);
    for (const { id, index, place } of conflicts)
      settled.set(place, {
        kind: 'conflict',
        detail: `${index} has an event ${id} of the same computer, channel, record and time that states something else; compare the two, one of them is forged or damaged`,
      });
    const ids = conflicts.map(({ id }) => id);
    if (ids.length > 0) this.#options.onConflicts?.(target.index, ids);
  }

  async #pauseBeforeRetry(
    target: BulkTarget,
    count: number,
    {
      attempt,
      deferred,
      signal,
    }: { readonly attempt: number; readonly deferred: string; readonly signal: AbortSignal },
  ): Promise<void> {
    if (attempt >= this.#options.itemTries || signal.aborted)
      throw new Unavailable('Elasticsearch', `it deferred ${count} documents for ${target.index}: ${deferred}`);
    this.#options.metrics.bulkRetries.inc({ target: target.index }, count);
    await sleep(backoffMs(BACKOFF, attempt - 1, Math.random), signal);
  }

  #inOrder(target: BulkTarget, items: readonly BulkItem[], settled: ReadonlyMap<number, Settled>): readonly Settled[] {
    const counts = { created: 0, exists: 0, conflict: 0, refused: 0 };
    const ordered = items.map((item, place) => {
      const outcome = settled.get(place);
      if (outcome === undefined) throw new Error(`The document ${item.id} for ${target.index} was left unsettled.`);
      counts[outcome.kind] += 1;
      return outcome;
    });
    for (const [outcome, count] of Object.entries(counts))
      this.#options.metrics.indexedDocuments.inc({ target: target.index, outcome }, count);
    return ordered;
  }
}

/**
 * Of several versions of a document the latest is written first: the others would be replaced in
 * the same request, or found to be older.
 */
function latestOf(entries: readonly Entry[]): Entry[] {
  const latest = new Map<string, Entry>();
  for (const entry of entries) latest.set(entry.item.id, withOlder(entry, latest.get(entry.item.id)));
  return [...latest.values()];
}

function withOlder(entry: Entry, others: Entry | undefined): Entry {
  if (others === undefined) return entry;
  if (versionOf(entry) > versionOf(others)) return { ...entry, older: others };
  return { ...others, older: withOlder(entry, others.older) };
}

function versionOf({ item }: Entry): number {
  return item.version ?? 0;
}

/** Older versions count as there when this one is; the next of them is given if it is refused. */
function settle(entry: Entry, outcome: Settled, settled: Map<number, Settled>): readonly Entry[] {
  settled.set(entry.place, outcome);
  if (outcome.kind === 'refused') return entry.older === undefined ? [] : [entry.older];
  for (let { older } = entry; older !== undefined; older = older.older) settled.set(older.place, { kind: 'exists' });
  return [];
}

/**
 * The longest id that Elasticsearch takes:
 * https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-id-field.
 */
const MAX_ID_BYTES = 512;

/** Why an item can be in no request, whatever the cluster; undefined when it can. */
function problemIn({ id, version }: BulkItem): string | undefined {
  if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > MAX_ID_BYTES)
    return `the id has to be a text of 1 to ${MAX_ID_BYTES} bytes`;
  if (version !== undefined && (!Number.isSafeInteger(version) || version < 0))
    return `the version ${JSON.stringify(version)} is no whole number`;
  return undefined;
}
