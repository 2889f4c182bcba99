// Winlogbeat 5 and 6: the old names find their new places, and what the new document has no place
// for is not kept twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf, eventOf, reasonOf } from '../event-text.ts';
import { spoilEach, written } from './dialect-text.ts';

const old = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => written('Winlogbeat 6', over);

test('any field may be wrong or missing', () => {
  spoilEach(old(), ['event_id', 'source_name', 'log_name']);
});

test('without an id there is no event', () => {
  for (const over of [{ event_id: 'x' }, { event_id: null }, { event_id: -1 }])
    assert.equal(reasonOf(old(over)), 'invalid_event', JSON.stringify(over));
});

test('no old name is left at the top', () => {
  const document = documentOf(old({ user: { name: 'x' }, message_error: 'no message', host: 'media01', tags: ['a'] }));
  for (const name of [
    'event_id',
    'source_name',
    'log_name',
    'computer_name',
    'record_number',
    'event_data',
    'beat',
    'type',
    'user',
  ])
    assert.equal(name in document, false, name);
  assert.deepEqual(document['error'], { message: 'no message' });
  assert.deepEqual(document['host'], { name: 'MEDIA01.example.org', os: { type: 'windows' } });
  assert.deepEqual([document['winlog']?.['user'], document.tags], [{ name: 'x' }, ['a']]);
});

test('a folded id is unfolded; a record number beyond exact numbers keeps its digits', () => {
  const event = eventOf(old({ event_id: 3_221_225_781, record_number: '9007199254740993' }));
  assert.deepEqual([event.eventId, event.qualifiers, event.recordId], [309, 0xc0_00, '9007199254740993']);
});

test('audit keywords state the outcome', () => {
  const outcome = (keywords: unknown): unknown => documentOf(old({ keywords }))['event']?.['outcome'];
  assert.deepEqual([['Audit Failure'], ['Audit Success'], ['Classic'], 'Audit Failure', null].map(outcome), [
    'failure',
    'success',
    undefined,
    undefined,
    undefined,
  ]);
});

test('names of the language are names like others', () => {
  const text = JSON.stringify(old()).replace(/\}$/u, ',"__proto__":{"polluted":1}}');
  assert.equal(JSON.stringify(documentOf(text)).includes('"__proto__":{"polluted":1}'), true);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});
