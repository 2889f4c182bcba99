// The lines of bulk requests, as clients write them and as nobody should.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemsOf } from '../../../../../services/collector/inputs/bulk/actions.ts';
import { Refusal } from '../../../../../shared/http/refusal.ts';

const read = (body: string | Buffer, maxItems = 100) =>
  itemsOf(Buffer.from(body), { index: 'of-path', maxItems }).map(({ document, ...item }) => ({
    ...item,
    document: document === undefined ? undefined : String(document),
  }));

test('index and id are of the action, else of the request; other parameters change nothing', () => {
  assert.deepEqual(
    read(
      '{"create":{}}\n{"a":1}\n' +
        '{"index":{"_index":"i","_id":"x","_type":"doc","pipeline":"p","routing":"r","require_alias":true,"dynamic_templates":{"a":"b"}}}\n{"b":2}\n',
    ),
    [
      { action: 'create', index: 'of-path', id: undefined, document: '{"a":1}' },
      { action: 'index', index: 'i', id: 'x', document: '{"b":2}' },
    ],
  );
});

test('lines end as they like, the last need not, and empty ones before an action are none', () => {
  const document = '{"a":"\\r\\n"}';
  for (const body of [
    `{"create":{}}\n${document}\n`,
    `{"create":{}}\r\n${document}\r\n`,
    `{"create":{}}\n${document}`,
    `\n\r\n{"create":{}}\n${document}\n\n`,
  ])
    assert.deepEqual(
      read(body).map((item) => item.document),
      [document],
      JSON.stringify(body),
    );
});

test('update takes the line behind it along, delete does not', () => {
  assert.deepEqual(
    read('{"update":{"_id":"1"}}\n{"doc":{}}\n{"delete":{"_id":"2"}}\n{"create":{}}\n{"a":1}\n').map(
      ({ action, id, document }) => [action, id, document],
    ),
    [
      ['update', '1', undefined],
      ['delete', '2', undefined],
      ['create', undefined, '{"a":1}'],
    ],
  );
});

test('what is no document is for others to say: the next action is found all the same', () => {
  assert.deepEqual(
    read('{"create":{}}\nbroken\n{"create":{}}\n\n{"create":{}}\n{"a":1}\n').map(({ document }) => document),
    ['broken', '', '{"a":1}'],
  );
});

for (const { name, body, status, code } of [
  { name: 'nothing', body: '', status: 400, code: 'empty' },
  { name: 'empty lines', body: '\n\r\n\n', status: 400, code: 'empty' },
  { name: 'a document without an action', body: '{"a":1}\n', status: 400, code: 'malformed' },
  { name: 'a broken action', body: '{"create":{}\n{"a":1}\n', status: 400, code: 'malformed' },
  { name: 'an array', body: '[{"create":{}}]\n{"a":1}\n', status: 400, code: 'malformed' },
  { name: 'two actions in one line', body: '{"create":{},"index":{}}\n{"a":1}\n', status: 400, code: 'malformed' },
  { name: 'an action without an object', body: '{"create":[]}\n{"a":1}\n', status: 400, code: 'malformed' },
  { name: 'null', body: '{"create":null}\n{"a":1}\n', status: 400, code: 'malformed' },
  { name: 'an unknown action', body: '{"constructor":{}}\n{"a":1}\n', status: 400, code: 'malformed' },
  { name: 'an action with nothing behind it', body: '{"create":{}}\n', status: 400, code: 'malformed' },
  {
    name: 'an action of 20,000 bytes',
    body: `{"create":{"_id":"${'x'.repeat(20_000)}"}}\n{}\n`,
    status: 400,
    code: 'malformed',
  },
  { name: 'a deep action', body: `${'{"create":'.repeat(1500)}\n{}\n`, status: 400, code: 'malformed' },
  { name: 'more items than allowed', body: '{"delete":{}}\n'.repeat(101), status: 413, code: 'too_many_events' },
])
  test(`${name}: the whole request is refused`, () => {
    assert.throws(
      () => read(body),
      (error) => error instanceof Refusal && error.status === status && error.code === code,
    );
  });

test('names that are no texts, and very long ones, harm nothing', () => {
  const long = 'i'.repeat(1000);
  assert.deepEqual(
    read(`{"create":{"_index":7,"_id":{}}}\n{}\n{"create":{"_index":"${long}","_id":""}}\n{}\n`).map(
      ({ index, id }) => [index.length, id],
    ),
    [
      [7, undefined],
      [512, undefined],
    ],
  );
});
