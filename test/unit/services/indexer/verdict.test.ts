// What each answer of Elasticsearch means for one document.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BulkAnswer, judge, toVerdict } from '../../../../services/indexer/verdict.ts';

const failed = (status: number, type: string, reason = 'because'): BulkAnswer => ({ status, error: { type, reason } });

test('the table of answers', () => {
  const table: readonly (readonly [BulkAnswer, string])[] = [
    [{ status: 201 }, 'created'],
    [{ status: 200 }, 'created'],
    [failed(409, 'version_conflict_engine_exception'), 'exists'],
    [failed(400, 'document_parsing_exception'), 'refused'],
    [failed(400, 'mapper_parsing_exception'), 'refused'],
    [failed(400, 'strict_dynamic_mapping_exception'), 'refused'],
    [failed(400, 'illegal_argument_exception'), 'refused'],
    [failed(400, 'illegal_argument_exception', 'Document contains at least one immense term'), 'refused'],
    [failed(400, 'ingest_processor_exception'), 'doubtful'],
    [failed(400, 'illegal_argument_exception', 'field [a] not present as part of path [a]'), 'doubtful'],
    [{ status: 201, failure_store: 'used' }, 'refused'],
    [{ status: 201, failure_store: 'not_enabled' }, 'created'],
    [failed(429, 'es_rejected_execution_exception'), 'again'],
    [failed(429, 'cluster_block_exception'), 'again'],
    [failed(403, 'cluster_block_exception'), 'again'],
    [failed(401, 'security_exception'), 'again'],
    [failed(403, 'security_exception'), 'again'],
    [failed(404, 'index_not_found_exception'), 'again'],
    [failed(400, 'index_closed_exception'), 'again'],
    [failed(400, 'validation_exception'), 'again'],
    [failed(400, 'illegal_argument_exception', 'pipeline with id [gone] does not exist'), 'again'],
    [
      failed(400, 'illegal_argument_exception', 'no write index is defined for alias [a]. The write index may be …'),
      'again',
    ],
    [failed(400, 'invalid_index_name_exception'), 'again'],
    [failed(503, 'process_cluster_event_timeout_exception'), 'again'],
    [failed(503, 'master_not_discovered_exception'), 'again'],
    [failed(500, 'null_pointer_exception'), 'again'],
    [failed(503, 'unavailable_shards_exception'), 'again'],
  ];
  for (const [answer, kind] of table) assert.equal(judge(answer).kind, kind, JSON.stringify(answer));
});

test('a refusal says why, down to the deepest cause, and is bounded', () => {
  const nested = {
    status: 400,
    error: {
      type: 'document_parsing_exception',
      reason: 'failed to parse field [a]',
      caused_by: { type: 'x', reason: 'outer', caused_by: { type: 'number_format_exception', reason: 'inner' } },
    },
  };
  const outcome = judge(nested);
  assert.deepEqual(outcome, {
    kind: 'refused',
    detail: '400 document_parsing_exception: failed to parse field [a] (number_format_exception: inner)',
  });
  const long = judge(failed(400, 'document_parsing_exception', 'x'.repeat(100_000)));
  assert.ok(long.kind === 'refused' && long.detail.length < 1000);
});

test('a full disk and a blocked index are told apart in words', () => {
  const detail = (reason: string): string => {
    const outcome = judge(failed(429, 'cluster_block_exception', reason));
    return outcome.kind === 'again' ? outcome.detail : '';
  };
  assert.match(
    detail('index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]'),
    /free space/u,
  );
  assert.match(detail('index [x] blocked by: [FORBIDDEN/8/index write (api)]'), /take the block away/u);
});

test('the stage’s verdicts', () => {
  assert.deepEqual(toVerdict({ kind: 'created' }), { kind: 'emit', records: [] });
  assert.deepEqual(toVerdict({ kind: 'exists' }), { kind: 'skip', reason: 'exists' });
  assert.deepEqual(toVerdict({ kind: 'refused', detail: 'why' }), {
    kind: 'dead',
    reason: 'index_refused',
    detail: 'why',
  });
});
