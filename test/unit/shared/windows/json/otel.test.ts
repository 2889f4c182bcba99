// OpenTelemetry: a body alone, in its record, in OTLP's wrapping, or XML; names in the place of
// numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGON_FAILED, PORT_IN_USE, xmlOf } from '../../../../support/dialects.ts';
import { eventOf, reasonOf } from '../event-text.ts';
import { written, WRONG } from './dialect-text.ts';

const body = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...(written('OpenTelemetry')['body'] as Record<string, unknown>),
  ...over,
});

test('any field of the body may be wrong or missing', () => {
  const objects = WRONG.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
  for (const name of Object.keys(body()))
    for (const value of WRONG) {
      if (name === 'event_id' || (name === 'provider' && !objects.includes(value)))
        assert.match(reasonOf({ body: body({ [name]: value }) }), /^(?:unknown_format|invalid_event)$/u);
      else if (name !== 'keywords')
        assert.equal(eventOf({ body: body({ [name]: value }) }).eventId, 309, `${name}: ${JSON.stringify(value)}`);
    }
});

test('the body may stand alone, in its record, beside an original text, or in the wrapping of OTLP', () => {
  const wrap = (value: unknown): unknown => {
    if (Array.isArray(value)) return { arrayValue: { values: value.map(wrap) } };
    if (typeof value === 'object' && value !== null)
      return { kvlistValue: { values: Object.entries(value).map(([key, item]) => ({ key, value: wrap(item) })) } };
    return typeof value === 'number' ? { intValue: String(value) } : { stringValue: value };
  };
  const model = eventOf(body());
  for (const form of [
    { body: body() },
    { Body: body() },
    { body: { structured: body(), original: 'x' } },
    { body: wrap(body()) },
  ])
    assert.deepEqual(eventOf(form), model, JSON.stringify(form).slice(0, 60));
});

test('wrapping without an end is left alone', () => {
  let deep: unknown = { stringValue: 'x' };
  for (let depth = 0; depth < 12; depth += 1) deep = { kvlistValue: { values: [{ key: 'event_id', value: deep }] } };
  assert.equal(reasonOf({ body: deep }), 'unknown_format');
  assert.equal(reasonOf({ body: { kvlistValue: { values: [null, 5, { key: {} }] } } }), 'unknown_format');
});

test('a body of XML is the event; one of other text is not', () => {
  assert.equal(eventOf({ body: xmlOf(LOGON_FAILED, true) }).eventId, 4625);
  assert.equal(eventOf({ body: { stringValue: xmlOf(PORT_IN_USE, false) } }).eventId, 309);
  assert.equal(reasonOf({ body: '<Event>' }), 'invalid_event');
  assert.equal(reasonOf({ body: 'a line' }), 'unknown_format');
});

test('unnamed data of every build have Winlogbeat’s names', () => {
  const dataOf = (event_data: unknown): object => ({ ...eventOf(body({ event_data })).eventData });
  assert.deepEqual(dataOf({ param1: '554' }), { param1: '554' });
  assert.deepEqual(dataOf({ data: ['554', 'b'] }), { param1: '554', param2: 'b' });
  assert.deepEqual(dataOf({ data: [{ '': '554' }, { port: '1' }, { '': 'c' }], binary: '00FF' }), {
    param1: '554',
    port: '1',
    param3: 'c',
    Binary: '00FF',
  });
  assert.deepEqual(dataOf({ param1: '554', binary: '00FF', name: 'x' }), { param1: '554', Binary: '00FF', name: 'x' });
  assert.deepEqual(dataOf({ data: [{ a: '1' }, { a: '2' }], name: 'x' }), { a: '1', a_1: '2' });
  assert.deepEqual(dataOf({ data: [] }), {});
});

test('user data of every build have their name and pairs', () => {
  const userDataOf = (user_data: unknown): object | undefined => {
    const { userData } = eventOf(body({ user_data }));
    return userData && { ...userData.values, xmlName: userData.xmlName };
  };
  assert.deepEqual(userDataOf({ name: 'Cleared', data: { Channel: 'System' } }), {
    xmlName: 'Cleared',
    Channel: 'System',
  });
  assert.deepEqual(userDataOf({ xml_name: 'Cleared', Channel: 'System' }), { xmlName: 'Cleared', Channel: 'System' });
  assert.equal(userDataOf({ name: 'Cleared', data: {} }), undefined);
});

test('what could not be processed, and what a trace says of the execution', () => {
  const event = eventOf(
    body({
      execution: { process_id: 4, thread_id: 8, processor_id: 2 },
      processing_error_data: { error_code: 15_005, data_item_name: 'param2', event_payload: '' },
    }),
  );
  assert.deepEqual([event.trace, event.errorCode, event.errorMessages?.length], [{ processor_id: 2 }, 15_005, 1]);
});

test('audit names stand for their bits', () => {
  assert.equal(eventOf(body({ keywords: ['Audit Failure'] })).keywordMask, 0x10_0000_0000_0000n);
  assert.equal(eventOf(body({ keywords: ['constructor', '__proto__'] })).eventId, 309);
});
