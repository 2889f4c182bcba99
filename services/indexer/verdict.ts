// What an item's answer in a bulk response means: done, again, or refused for good.
import type { Verdict } from '../../shared/contracts/stage.ts';
import { reasonText } from '../../shared/elasticsearch/client.ts';

/** An item of a bulk response, as far as it is asked for. */
export interface BulkAnswer {
  readonly status: number;
  readonly error?: { readonly type?: string; readonly reason?: string; readonly index?: string };
  /** `used` when the document was diverted to the data stream's failure store. */
  readonly failure_store?: string;
}

/** What became of a document for good. */
export type Settled =
  | { readonly kind: 'created' }
  /** `index`: where it is, where that is known. */
  | { readonly kind: 'exists'; readonly index?: string }
  | { readonly kind: 'conflict'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string };

/** What an answer means; `again`: the document is fine, the cluster is not, and with `isSetup` only a person mends it; `doubtful`: one of the two is at fault. */
export type ItemOutcome =
  | Settled
  | { readonly kind: 'again'; readonly detail: string; readonly isSetup?: true }
  | { readonly kind: 'doubtful'; readonly detail: string };

/** Errors of the cluster or its set-up that come with a status of the 400 class: no document is lost to them. */
const CLUSTER_FAULTS: ReadonlySet<string> = new Set([
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

/** Of the faults that documents and set-up share a type for: what only a change of the cluster mends. https://github.com/elastic/elasticsearch, IngestService and IndexAbstraction. */
const SETUP_REASONS =
  /pipeline with id \[.*\] does not exist|no write index is defined for alias|has more than one index associated|only write ops with an op_type of create|(?:does not|doesn't) support (?:write|index)|no ingest nodes|unable to find (?:a )?template/iu;

/** Faults within an ingest pipeline: of the pipeline, or of what it was given. Elasticsearch names most by what went wrong inside. https://github.com/elastic/elasticsearch, IngestProcessorException and ingest-common. */
const PIPELINE_FAULTS: ReadonlySet<string> = new Set([
  'ingest_processor_exception',
  'fail_processor_exception',
  'script_exception',
]);
const PIPELINE_REASONS =
  /^field \[.*\] (?:not present|doesn't exist|is null|of type|with value)|^unable to (?:convert|parse|join|split)|\bprocessor\b|\bpipeline\b|Provided Grok expressions|^Limit of total fields/iu;

/** The outcome of one item. 409 is done: with `create` the same document is there, with an external version a later one. */
export function classifyBulkItem(answer: BulkAnswer): ItemOutcome {
  const { status, error } = answer;
  if (answer.failure_store === 'used')
    return { kind: 'refused', detail: 'Elasticsearch diverted the document to the failure store of its data stream' };
  if (status === 409) return existsIn(error);
  if (status < 300) return { kind: 'created' };
  const detail = `${status} ${reasonText({ error })}`;
  if (!isOfCluster(answer)) return { kind: isOfPipeline(answer) ? 'doubtful' : 'refused', detail };
  const isSetup = status >= 400 && status < 429;
  return { kind: 'again', detail: explained(answer, detail), ...(isSetup ? { isSetup } : {}) };
}

function isOfPipeline({ error: { type = '', reason = '' } = {} }: BulkAnswer): boolean {
  return PIPELINE_FAULTS.has(type) || (type === 'illegal_argument_exception' && PIPELINE_REASONS.test(reason));
}

const CLUSTER_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 429]);

function isOfCluster({ status, error: { type = '', reason = '' } = {} }: BulkAnswer): boolean {
  if (CLUSTER_STATUSES.has(status) || status >= 500 || CLUSTER_FAULTS.has(type)) return true;
  return type === 'illegal_argument_exception' && SETUP_REASONS.test(reason);
}

function existsIn(error: BulkAnswer['error']): Settled {
  const { index } = error ?? {};
  return { kind: 'exists', ...(index === undefined ? {} : { index }) };
}

/** The stage's verdict on a settled document. */
export function toVerdict(settled: Settled): Verdict {
  if (settled.kind === 'conflict') return { kind: 'dead', reason: 'conflict', detail: settled.detail };
  if (settled.kind === 'refused') return { kind: 'dead', reason: 'index_refused', detail: settled.detail };
  return settled.kind === 'exists' ? { kind: 'skip', reason: 'exists' } : { kind: 'emit', records: [] };
}

function explained({ error }: BulkAnswer, detail: string): string {
  if (error?.type !== 'cluster_block_exception') return detail;
  const advice = error.reason?.includes('flood-stage')
    ? 'a disk is over the flood-stage watermark: free space on it'
    : 'the index is blocked for writing: take the block away';
  return `${advice} (${detail})`;
}
