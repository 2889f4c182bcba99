// Sends documents by bulk requests and returns an answer for each; a request refused as a whole is
// sent again in halves, down to the document that causes it.
import { type Elasticsearch, reasonText } from '../../shared/elasticsearch/client.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { BulkQueue, type Entry, type Outcome } from './bulk-queue.ts';
import { type BulkTarget, bulkBody } from './bulk-request.ts';
import { type BulkSize, createBulkSize } from './bulk-size.ts';
import type { IndexerMetrics } from './metrics.ts';
import { type BulkAnswer, type ItemOutcome, classifyBulkItem } from './verdict.ts';

/** The parts of the sender. */
interface BulkSenderOptions {
  readonly elasticsearch: Elasticsearch;
  readonly metrics: IndexerMetrics;
  readonly maxBulkBytes: number;
  readonly bulkTargetMs: number;
  readonly maxBulksInFlight: number;
}

const ANSWER_FILTER = 'errors,items.*.status,items.*.error,items.*.failure_store';
/** Without its template a data stream's name would silently become a plain index. */
const BULK_QUERY = {
  create: { filter_path: ANSWER_FILTER, require_data_stream: 'true' },
  index: { filter_path: ANSWER_FILTER },
} as const;
/**
 * Refusals that no document causes:
 * https://github.com/elastic/elasticsearch/blob/main/server/src/main/java/org/elasticsearch/rest/BaseRestHandler.java.
 */
const UNKNOWN_PARAMETER = /contains unrecognized parameter/u;
const TOO_BIG = 413;
const TOO_MANY = 429;

/** All users of a sender share its limits. */
export class BulkSender {
  readonly #options: BulkSenderOptions;
  readonly #queue: BulkQueue;
  readonly #size: BulkSize;

  constructor(options: BulkSenderOptions) {
    this.#options = options;
    this.#size = createBulkSize({ maxBytes: options.maxBulkBytes, targetMs: options.bulkTargetMs });
    this.#queue = new BulkQueue({
      maxInFlight: options.maxBulksInFlight,
      maxBytes: () => this.#size.now(),
      send: (target, entries, signal) => this.#send(target, entries, signal),
    });
  }

  /** See `BulkQueue.send`; what others send at the same time may be in the same requests. */
  async sendAll(target: BulkTarget, entries: readonly Entry[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return await this.#queue.send(target, entries, signal);
  }

  async #send(target: BulkTarget, entries: readonly Entry[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const { status, body } = await this.#ask(target, entries, signal);
    if (status !== 200) return await this.#divide(target, entries, { status, body, signal });
    const answers = answersOf(body);
    if (answers.length !== entries.length) return await this.#divideMiscounted(target, entries, { body, signal });
    return entries.map((entry, index) => [entry, classifyBulkItem(answers[index] as BulkAnswer)] as const);
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
      this.#size.record(body.length, { tookMs: endTimer() * 1000, isOverloaded });
      metrics.bulkSizeBytes.set(this.#size.now());
      metrics.bulkRequests.inc({ ...labels, outcome });
    }
  }

  /**
   * Splits a request refused as a whole (too big, or spoilt by one item) in halves, down to the
   * item that causes it.
   */
  async #divide(
    target: BulkTarget,
    entries: readonly Entry[],
    refusal: { readonly status: number; readonly body: unknown; readonly signal: AbortSignal },
  ): Promise<readonly Outcome[]> {
    const { status, body, signal } = refusal;
    const [first] = entries;
    if (first === undefined) return [];
    if ((status !== 400 && status !== TOO_BIG) || UNKNOWN_PARAMETER.test(reasonText(body)))
      throw new Unavailable('Elasticsearch', `it answered a bulk request with ${status}: ${reasonText(body)}`);
    if (entries.length === 1) return [[first, refusedWhole(status, `${status} ${reasonText(body)}`)]];
    return await this.#halves(target, entries, signal);
  }

  /**
   * A document parsed as several, or as none, spoils its request like a refused one. An answer that
   * is no bulk response is not caused by a document.
   */
  async #divideMiscounted(
    target: BulkTarget,
    entries: readonly Entry[],
    { body, signal }: { readonly body: unknown; readonly signal: AbortSignal },
  ): Promise<readonly Outcome[]> {
    const { length } = answersOf(body);
    const detail = `it answered for ${length} documents where ${entries.length} were sent`;
    const [first] = entries;
    if (length === 0 || first === undefined) throw new Unavailable('Elasticsearch', detail);
    if (entries.length === 1) return [[first, { kind: 'refused', detail: `Elasticsearch: ${detail}` }]];
    return await this.#halves(target, entries, signal);
  }

  async #halves(target: BulkTarget, entries: readonly Entry[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const middle = Math.ceil(entries.length / 2);
    const left = await this.#send(target, entries.slice(0, middle), signal);
    return [...left, ...(await this.#send(target, entries.slice(middle), signal))];
  }
}

/**
 * A document too big for any request is the cause itself; any other refusal may come from the
 * cluster or a proxy in front of it.
 */
function refusedWhole(status: number, detail: string): ItemOutcome {
  return { kind: status === TOO_BIG ? 'refused' : 'doubtful', detail };
}

function saysOverloaded({ status, body }: { readonly status: number; readonly body: unknown }): boolean {
  if (status === TOO_BIG || status === TOO_MANY) return true;
  const { errors } = Object(body) as { errors?: boolean };
  return errors === true && answersOf(body).some(isOverload);
}

/** A full disk is answered alike, and takes no smaller requests. */
function isOverload({ status, error }: BulkAnswer): boolean {
  return status === TOO_MANY && error?.type !== 'cluster_block_exception';
}

/** Each item of the response is an object with the action as its only key. */
function answersOf(body: unknown): readonly BulkAnswer[] {
  const { items } = Object(body) as { items?: readonly Record<string, BulkAnswer>[] };
  return (items ?? []).flatMap((item) => Object.values(item));
}
