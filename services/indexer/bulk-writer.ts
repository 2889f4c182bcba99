// Writes documents and settles each one by its own answer: done, or refused with a reason. What the cluster puts off goes again alone.
import { type Elasticsearch, reasonText } from '../../shared/elasticsearch/client.ts';
import { backoffMs, sleep } from '../../shared/runtime/backoff.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { type BulkItem, type BulkTarget, bulkBody, groupBySize } from './bulk-request.ts';
import { type BulkSize, createBulkSize } from './bulk-size.ts';
import { createFindConflicts, type FindConflicts } from './conflicts.ts';
import { createLimiter } from '../../shared/runtime/limiter.ts';
import type { IndexerMetrics } from './metrics.ts';
import { createRepeatLookup, type RepeatLookup } from './repeat-lookup.ts';
import { type BulkAnswer, type ItemOutcome, judge, type Settled } from './verdict.ts';

/** What the writer works with. */
export interface BulkWriterOptions {
  readonly elasticsearch: Elasticsearch;
  readonly metrics: IndexerMetrics;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly maxBulkBytes: number;
  readonly bulkTargetMs: number;
  readonly maxBulksInFlight: number;
  readonly itemTries: number;
  /** Called for each write in which events met others of their ids that state something else. */
  readonly onConflicts?: (target: string, ids: readonly string[]) => void;
}

/** How a write was asked for. `mayRepeat`: documents may have been written just before. */
export interface WriteContext {
  readonly signal: AbortSignal;
  readonly mayRepeat: boolean;
}

/**
 * Writes items and gives, in their order, what became of each. Throws Unavailable when a request as a whole fails or items are put off
 * once too often; some documents may be written then, and writing them again is harmless.
 */
export type WriteBulk = (
  target: BulkTarget,
  items: readonly BulkItem[],
  context: WriteContext,
) => Promise<readonly Settled[]>;

/** An item and its place in what was asked for. */
interface Entry {
  readonly item: BulkItem;
  readonly place: number;
}

const BACKOFF = { minMs: 100, maxMs: 3000 };
const ANSWER_FILTER = 'errors,items.*.status,items.*.error,items.*.failure_store';
/** Without its template a data stream's name would quietly become a plain index. */
const BULK_QUERY = {
  create: { filter_path: ANSWER_FILTER, require_data_stream: 'true' },
  index: { filter_path: ANSWER_FILTER },
} as const;
/** What no document is to blame for: https://github.com/elastic/elasticsearch/blob/main/server/src/main/java/org/elasticsearch/rest/BaseRestHandler.java. */
const UNKNOWN_PARAMETER = /contains unrecognized parameter/u;
const TOO_BIG = 413;
const TOO_MANY = 429;

/** A writer; all that write with it share its limits. */
export function createBulkWriter(options: BulkWriterOptions): WriteBulk {
  const writer = new BulkWriter(options);
  return (target, items, context) => writer.write(target, items, context);
}

class BulkWriter {
  readonly #options: BulkWriterOptions;
  readonly #limited;
  readonly #lookUp: RepeatLookup;
  readonly #size: BulkSize;
  readonly #findConflicts: FindConflicts;

  constructor(options: BulkWriterOptions) {
    this.#options = options;
    this.#limited = createLimiter(options.maxBulksInFlight);
    const onLookup = (target: string, count: number): void => options.metrics.repeatLookups.inc({ target }, count);
    this.#lookUp = createRepeatLookup({ ...options, onLookup });
    this.#findConflicts = createFindConflicts(options.elasticsearch);
    this.#size = createBulkSize({ maxBytes: options.maxBulkBytes, targetMs: options.bulkTargetMs });
  }

  async write(target: BulkTarget, items: readonly BulkItem[], context: WriteContext): Promise<readonly Settled[]> {
    const settled = new Map<number, Settled>();
    let waiting = await this.#withoutSettled(target, items, context, settled);
    let putOff = '';
    for (let attempt = 0; waiting.length > 0; attempt += 1) {
      if (attempt > 0)
        await this.#pauseBeforeRetry(target, waiting.length, { attempt, putOff, signal: context.signal });
      const again: Entry[] = [];
      for (const [entry, outcome] of await this.#sendAll(target, waiting, context.signal)) {
        if (outcome.kind === 'again') {
          again.push(entry);
          putOff = outcome.detail;
        } else settled.set(entry.place, outcome);
      }
      waiting = again;
    }
    await this.#settleConflicts(target, items, settled, context.signal);
    return this.#inOrder(target, items, settled);
  }

  /** Those still to write: not what no request can hold, nor what is there already. */
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
    if (target.action !== 'create' || settable.length === 0) return settable;
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

  /** What is there already is the same event, or another that claims its identity: then the one that came second is kept beside, not dropped. */
  async #settleConflicts(
    target: BulkTarget,
    items: readonly BulkItem[],
    settled: Map<number, Settled>,
    signal: AbortSignal,
  ): Promise<void> {
    const existing = items.flatMap(({ id, content }, place) => {
      const outcome = settled.get(place);
      return outcome?.kind === 'exists' && outcome.index !== undefined && content !== undefined
        ? [{ id, content, index: outcome.index, place }]
        : [];
    });
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
    { attempt, putOff, signal }: { readonly attempt: number; readonly putOff: string; readonly signal: AbortSignal },
  ): Promise<void> {
    if (attempt >= this.#options.itemTries || signal.aborted)
      throw new Unavailable('Elasticsearch', `it put off ${count} documents for ${target.index}: ${putOff}`);
    this.#options.metrics.bulkRetries.inc({ target: target.index }, count);
    await sleep(backoffMs(BACKOFF, attempt - 1, Math.random), signal);
  }

  /** Sends in parallel; waits for all even when one fails, so that nothing is under way any more when it throws. */
  async #sendAll(
    target: BulkTarget,
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<readonly (readonly [Entry, ItemOutcome])[]> {
    const groups = groupBySize(entries.toSorted(byId), this.#size.now());
    const results = await Promise.allSettled(
      groups.map((group) => this.#limited(() => this.#send(target, group, signal))),
    );
    return results.flatMap((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  async #send(
    target: BulkTarget,
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<readonly (readonly [Entry, ItemOutcome])[]> {
    const { status, body } = await this.#ask(target, entries, signal);
    if (status !== 200) return await this.#divide(target, entries, { status, body, signal });
    const answers = answersOf(body);
    if (answers.length !== entries.length) return await this.#divideMiscounted(target, entries, { body, signal });
    return entries.map((entry, index) => [entry, judge(answers[index] as BulkAnswer)] as const);
  }

  async #ask(target: BulkTarget, entries: readonly Entry[], signal: AbortSignal) {
    const { elasticsearch, metrics } = this.#options;
    const labels = { target: target.index };
    const body = bulkBody(
      target.action,
      entries.map(({ item }) => item),
    );
    metrics.bulkBytes.inc(labels, body.length);
    const endTimer = metrics.bulkSeconds.startTimer(labels);
    let outcome = 'failed';
    let isOverloaded = true;
    try {
      const response = await elasticsearch.request(
        { method: 'POST', path: `/${target.index}/_bulk`, query: BULK_QUERY[target.action], body },
        signal,
      );
      outcome = response.status === TOO_BIG ? 'too_big' : 'answered';
      isOverloaded = saysOverloaded(response);
      return response;
    } finally {
      this.#size.saw(body.length, { tookMs: endTimer() * 1000, isOverloaded });
      metrics.bulkSizeBytes.set(this.#size.now());
      metrics.bulkRequests.inc({ ...labels, outcome });
    }
  }

  /** A request refused as a whole (too big, or one item that spoils it): in halves, down to the item that is to blame. */
  async #divide(
    target: BulkTarget,
    entries: readonly Entry[],
    refusal: { readonly status: number; readonly body: unknown; readonly signal: AbortSignal },
  ): Promise<readonly (readonly [Entry, ItemOutcome])[]> {
    const { status, body, signal } = refusal;
    const [first] = entries;
    if (first === undefined) return [];
    if ((status !== 400 && status !== TOO_BIG) || UNKNOWN_PARAMETER.test(reasonText(body)))
      throw new Unavailable('Elasticsearch', `it answered a bulk request with ${status}: ${reasonText(body)}`);
    if (entries.length === 1) return [[first, { kind: 'refused', detail: `${status} ${reasonText(body)}` }]];
    return await this.#halves(target, entries, signal);
  }

  /** A document that is taken for more than one, or for none, spoils its request as one that is refused does. What is no answer to a bulk request at all is no document's fault. */
  async #divideMiscounted(
    target: BulkTarget,
    entries: readonly Entry[],
    { body, signal }: { readonly body: unknown; readonly signal: AbortSignal },
  ): Promise<readonly (readonly [Entry, ItemOutcome])[]> {
    const { length } = answersOf(body);
    const detail = `it answered for ${length} documents where ${entries.length} were sent`;
    const [first] = entries;
    if (length === 0 || first === undefined) throw new Unavailable('Elasticsearch', detail);
    if (entries.length === 1) return [[first, { kind: 'refused', detail: `Elasticsearch: ${detail}` }]];
    return await this.#halves(target, entries, signal);
  }

  async #halves(
    target: BulkTarget,
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<readonly (readonly [Entry, ItemOutcome])[]> {
    const middle = Math.ceil(entries.length / 2);
    const left = await this.#send(target, entries.slice(0, middle), signal);
    return [...left, ...(await this.#send(target, entries.slice(middle), signal))];
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

/** What Elasticsearch takes no longer id than: https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-id-field. */
const MAX_ID_BYTES = 512;

/** Why an item can be in no request, whatever the cluster; undefined when it can. */
function problemIn({ id, version }: BulkItem): string | undefined {
  if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > MAX_ID_BYTES)
    return `the id has to be a text of 1 to ${MAX_ID_BYTES} bytes`;
  if (version !== undefined && (!Number.isSafeInteger(version) || version < 0))
    return `the version ${JSON.stringify(version)} is no whole number`;
  return undefined;
}

/** Elasticsearch looks for each id among those it has, and finds one beside the last sooner than one anywhere (docs/measured.md). Equal ids stay in their order. */
function byId({ item: { id: one } }: Entry, { item: { id: other } }: Entry): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function saysOverloaded({ status, body }: { readonly status: number; readonly body: unknown }): boolean {
  if (status === TOO_BIG || status === TOO_MANY) return true;
  const { errors } = Object(body) as { errors?: boolean };
  return errors === true && answersOf(body).some((answer) => answer.status === TOO_MANY);
}

/** Each item of the response is an object with the action as its only key. */
function answersOf(body: unknown): readonly BulkAnswer[] {
  const { items } = Object(body) as { items?: readonly Record<string, BulkAnswer>[] };
  return (items ?? []).flatMap((item) => Object.values(item));
}
