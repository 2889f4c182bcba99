// The body of a bulk request: framing that no document can break.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulkBody } from '../../../../services/indexer/bulk-request.ts';

const item = (id: string, text: string) => ({ id, document: Buffer.from(text, 'utf8') });

test('an action line and the document’s own bytes for each item', () => {
  const body = bulkBody('create', [item('a-_1', '{"big":9007199254740993}'), item('b', '{"text":"ü"}')]);
  assert.equal(
    body.toString('utf8'),
    '{"create":{"_id":"a-_1"}}\n{"big":9007199254740993}\n{"create":{"_id":"b"}}\n{"text":"ü"}\n',
  );
});

test('an external version travels in the action line', () => {
  const body = bulkBody('index', [{ ...item('i', '{}'), version: 7 }]);
  assert.equal(body.toString('utf8'), '{"index":{"_id":"i","version":7,"version_type":"external"}}\n{}\n');
});

test('neither an id nor a document can smuggle in a line', () => {
  const body = bulkBody('create', [item('x"}}\n{"delete":{"_id":"y"}}', '{"a":1,\n{"delete":{"_id":"z"}}\n"b":2}')]);
  const lines = body.toString('utf8').split('\n');
  assert.equal(lines.length, 3);
  assert.deepEqual(JSON.parse(lines[0] ?? ''), { create: { _id: 'x"}}\n{"delete":{"_id":"y"}}' } });
  assert.equal(lines[1], '{"a":1, {"delete":{"_id":"z"}} "b":2}');
});
