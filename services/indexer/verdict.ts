// Classifies an item of a bulk response: done, retry, or refused for good.
import type { Verdict } from '../../shared/contracts/stage.ts';
import { reasonText } from '../../shared/elasticsearch/client.ts';

/** The fields of a bulk response's item that are read. */
export interface BulkAnswer {
  readonly status: number;
  readonly error?: { readonly type?: string; readonly reason?: string; readonly index?: string };
  /** `used` when the document was diverted to the data stream's failure store. */
  readonly failure_store?: string;
}

/** The final outcome of a document. */
export type Settled =
  | { readonly kind: 'created' }
  /** `index`: where it is, where that is known. */
  | { readonly kind: 'exists'; readonly index?: string }
  | { readonly kind: 'conflict'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string };

/**
 * The class of an answer. `again`: the cluster is the cause, and with `isSetup` only a person can
 * correct it; `doubtful`: the document or the cluster is.
 */
export type ItemOutcome =
  | Settled
  | { readonly kind: 'again'; readonly detail: string; readonly isSetup?: true }
  | { readonly kind: 'doubtful'; readonly detail: string };

const CREATED: Settled = { kind: 'created' };
const NOTHING_TO_PASS_ON: Verdict = { kind: 'emit', records: [] };
const EXISTS: Verdict = { kind: 'skip', reason: 'exists' };

/** Errors of the cluster or its set-up with a 4xx status: they must not cost a document. */
const CLUSTER_ERRORS: ReadonlySet<string> = new Set([
  'cluster_block_exception',
  'security_exception',
  'index_not_found_exception',
  'index_closed_exception',
  'validation_exception',
  'invalid_index_name_exception',
  'invalid_index_template_exception',
  'process_cluster_event_timeout_exception',
  'master_not_discovered_exception',
  'circuit_breaking_exception',
  'es_rejected_execution_exception',
]);

/**
 * Error types that documents and set-up share: these reasons are of the set-up.
 * https://github.com/elastic/elasticsearch, IngestService and IndexAbstraction.
 */
const SETUP_REASONS =
  /pipeline with id \[.*\] does not exist|no write index is defined for alias|has more than one index associated|only write ops with an op_type of create|(?:does not|doesn't) support (?:write|index)|no ingest nodes|unable to find (?:a )?template/iu;

/**
 * Errors within an ingest pipeline: of the pipeline or of its document. Elasticsearch names most by
 * the inner error. https://github.com/elastic/elasticsearch, IngestProcessorException and
 * ingest-common.
 */
const PIPELINE_ERRORS: ReadonlySet<string> = new Set([
  'ingest_processor_exception',
  'fail_processor_exception',
  'script_exception',
]);
const PIPELINE_REASONS =
  /^field \[.*\] (?:not present|doesn't exist|is null|of type|with value)|^unable to (?:convert|parse|join|split)|\bprocessor\b|\bpipeline\b|Provided Grok expressions|^Limit of total fields/iu;

/**
 * The outcome of one item. 409 is done: with `create` the same document is there, with an external
 * version a later one.
 */
export function classifyBulkItem(answer: BulkAnswer): ItemOutcome {
  const { status, error } = answer;
  if (answer.failure_store === 'used')
    return { kind: 'refused', detail: 'Elasticsearch diverted the document to the failure store of its data stream' };
  if (status === 409) return existsIn(error);
  if (status < 300) return CREATED;
  const detail = `${status} ${reasonText({ error })}`;
  if (!isOfCluster(answer)) return { kind: isOfPipeline(answer) ? 'doubtful' : 'refused', detail };
  return { kind: 'again', detail: explained(answer, detail), ...(isForPeople(answer) ? { isSetup: true } : {}) };
}

/** Elasticsearch answers 429 to who is too fast, and where a full disk has blocked an index. */
function isForPeople({ status, error }: BulkAnswer): boolean {
  return (status >= 400 && status < 429) || (status === 429 && error?.type === 'cluster_block_exception');
}

function isOfPipeline({ error: { type = '', reason = '' } = {} }: BulkAnswer): boolean {
  return PIPELINE_ERRORS.has(type) || (type === 'illegal_argument_exception' && PIPELINE_REASONS.test(reason));
}

const CLUSTER_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 429]);

function isOfCluster({ status, error: { type = '', reason = '' } = {} }: BulkAnswer): boolean {
  if (CLUSTER_STATUSES.has(status) || status >= 500 || CLUSTER_ERRORS.has(type)) return true;
  return type === 'illegal_argument_exception' && SETUP_REASONS.test(reason);
}

function existsIn(error: BulkAnswer['error']): Settled {
  const { index } = error ?? {};
  return { kind: 'exists', ...(index === undefined ? {} : { index }) };
}

/** The stage's verdict for a settled document. */
export function toVerdict(settled: Settled): Verdict {
  if (settled.kind === 'conflict') return { kind: 'dead', reason: 'conflict', detail: settled.detail };
  if (settled.kind === 'refused') return { kind: 'dead', reason: 'index_refused', detail: settled.detail };
  return settled.kind === 'exists' ? EXISTS : NOTHING_TO_PASS_ON;
}

function explained({ error }: BulkAnswer, detail: string): string {
  if (error?.type !== 'cluster_block_exception') return detail;
  const advice = error.reason?.includes('flood-stage')
    ? 'a disk is over the flood-stage watermark: free space on it'
    : 'the index is blocked for writing: take the block away';
  return `${advice} (${detail})`;
}
