// The partition key: found cheaply, absent rather than wrong when it is not there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computerOfJson, computerOfXml } from '../../../../shared/windows/computer-of.ts';
import { eventXml, winlogbeatDocument } from './event-text.ts';

test('from XML in every encoding, with a prefix and with white space', () => {
  const text = eventXml({ computer: '<w:Computer> zoë-01 </w:Computer>' });
  assert.equal(computerOfXml(Buffer.from(text), 'utf-8'), 'zoë-01');
  assert.equal(computerOfXml(Buffer.from(text, 'utf16le'), 'utf-16le'), 'zoë-01');
  const big = Buffer.from(text, 'utf16le').swap16();
  const before = Buffer.from(big);
  assert.equal(computerOfXml(big, 'utf-16be'), 'zoë-01');
  assert.deepEqual(big, before);
});

test('absent from XML without one, with an empty one, with an endless one', () => {
  for (const computer of [
    '',
    '<Computer></Computer>',
    '<Computer> </Computer>',
    `<Computer>${'x'.repeat(1000)}</Computer>`,
  ])
    assert.equal(computerOfXml(Buffer.from(eventXml({ computer })), 'utf-8'), undefined, computer);
  assert.equal(computerOfXml(Buffer.from('<Computer>abc'), 'utf-8'), undefined);
});

test('from JSON, in the places where the dialects have it', () => {
  assert.equal(computerOfJson(winlogbeatDocument({ computer_name: 'pc' })), 'pc');
  assert.equal(computerOfJson({ winlog: {}, host: { name: 'pc' } }), 'pc');
  for (const value of [
    { 'winlog.computer_name': 'pc' },
    { Hostname: 'pc' },
    { Computer: 'pc' },
    { System: { Computer: 'pc' } },
    { body: { computer: 'pc' } },
  ])
    assert.equal(computerOfJson(value), 'pc');
  for (const value of [
    undefined,
    null,
    1,
    'pc',
    [],
    {},
    { winlog: null },
    { Computer: 5 },
    { Computer: '' },
    { Computer: 'x'.repeat(300) },
  ])
    assert.equal(computerOfJson(value), undefined);
});
