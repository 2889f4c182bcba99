// What each answer of Elasticsearch means for one document.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BulkAnswer, classifyBulkItem, toVerdict } from '../../../../services/indexer/verdict.ts';

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
  for (const [answer, kind] of table) assert.equal(classifyBulkItem(answer).kind, kind, JSON.stringify(answer));
});

test('by the status alone: what is said without an error, or with an unknown one [RFC 9110]', () => {
  const kinds: Readonly<Record<string, readonly number[]>> = {
    created: [200, 201, 299],
    refused: [300, 400, 402, 405, 406, 410, 413, 415, 422, 428],
    exists: [409],
    again: [401, 403, 404, 429, 500, 501, 502, 503, 504, 507],
  };
  for (const [kind, statuses] of Object.entries(kinds))
    for (const status of statuses) {
      assert.equal(classifyBulkItem({ status }).kind, kind, `${status}`);
      assert.equal(classifyBulkItem(failed(status, 'mutant', 'mutant')).kind, kind, `${status} with an error`);
    }
});

test('by the type alone: a fault of the cluster with the status of a bad document is no refusal', () => {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    again: [
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
    ],
    doubtful: ['ingest_processor_exception', 'fail_processor_exception', 'script_exception'],
  };
  for (const [kind, types] of Object.entries(kinds))
    for (const type of types) assert.equal(classifyBulkItem(failed(400, type)).kind, kind, type);
});

test('only what a person has to mend is of the set-up: not a busy cluster, not a failing one', () => {
  const isSetup = (answer: BulkAnswer): boolean => 'isSetup' in classifyBulkItem(answer);
  for (const status of [401, 403, 404]) assert.ok(isSetup({ status }), `${status}`);
  assert.ok(isSetup(failed(400, 'validation_exception')));
  assert.ok(isSetup(failed(429, 'cluster_block_exception')), 'a full disk');
  assert.ok(!isSetup(failed(503, 'cluster_block_exception')), 'no master, or a state that is being recovered');
  for (const status of [429, 500, 503]) assert.ok(!isSetup({ status }), `${status}`);
});

test('what is there already says where, when Elasticsearch does', () => {
  const error = { type: 'version_conflict_engine_exception', reason: 'there', index: '.ds-events-000001' };
  assert.deepEqual(classifyBulkItem({ status: 409, error }), { kind: 'exists', index: '.ds-events-000001' });
  assert.deepEqual(classifyBulkItem({ status: 409, error: { type: error.type } }), { kind: 'exists' });
  assert.deepEqual(classifyBulkItem({ status: 409 }), { kind: 'exists' });
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
  const outcome = classifyBulkItem(nested);
  assert.deepEqual(outcome, {
    kind: 'refused',
    detail: '400 document_parsing_exception: failed to parse field [a] (number_format_exception: inner)',
  });
  const long = classifyBulkItem(failed(400, 'document_parsing_exception', 'x'.repeat(100_000)));
  assert.ok(long.kind === 'refused' && long.detail.length < 1000);
});

test('a full disk and a blocked index are distinguished in words', () => {
  const detail = (reason: string): string => {
    const outcome = classifyBulkItem(failed(429, 'cluster_block_exception', reason));
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
  assert.deepEqual(toVerdict({ kind: 'conflict', detail: 'why' }), { kind: 'dead', reason: 'conflict', detail: 'why' });
});
