// What requests of HEC ask for, and the ids that are kept for them.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { createAcknowledgements } from '../../../../../services/collector/inputs/hec/acknowledgements.ts';
import { hecEnvelope } from '../../../../../services/collector/inputs/hec/envelope.ts';
import { channelOf, endpointOf, idsOf } from '../../../../../services/collector/inputs/hec/requests.ts';
import { Refusal } from '../../../../../shared/http/refusal.ts';

const CHANNEL = '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba';

function requestOf(method: string, url: string, headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  return { method, url, headers } as unknown as IncomingMessage;
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'none';
}

test('each endpoint has its paths, with and without version, slash and query', () => {
  for (const [path, endpoint] of [
    ['/services/collector', 'event'],
    ['/services/collector/', 'event'],
    ['/services/collector/1.0', 'event'],
    ['/services/collector/event', 'event'],
    ['/services/collector/event/1.0', 'event'],
    ['http://foghorn.example:8088/services/collector/event?channel=1', 'event'],
    ['/services/collector/raw/1.0?sourcetype=XmlWinEventLog', 'raw'],
    ['/services/collector/ack', 'ack'],
  ] as const)
    assert.equal(endpointOf(requestOf('POST', path)), endpoint, path);
  assert.equal(endpointOf(requestOf('GET', '/services/collector/health/1.0')), 'health');
});

test('other paths and methods are refused', () => {
  for (const path of ['/', '/v1/events', '/services/collector/s2s', '/services/collector/event/2.0', '/constructor'])
    assert.equal(
      codeOf(() => endpointOf(requestOf('POST', path))),
      'not_found',
      path,
    );
  assert.equal(
    codeOf(() => endpointOf(requestOf('GET', '/services/collector/event'))),
    'method_not_allowed',
  );
  assert.equal(
    codeOf(() => endpointOf(requestOf('POST', '/services/collector/health'))),
    'method_not_allowed',
  );
});

test('the channel comes by header or query and is a GUID', () => {
  assert.equal(channelOf(requestOf('POST', '/')), undefined);
  assert.equal(channelOf(requestOf('POST', '/?a=1')), undefined);
  assert.equal(channelOf(requestOf('POST', `/?a=1&channel=${CHANNEL.toUpperCase()}`)), CHANNEL);
  assert.equal(channelOf(requestOf('POST', '/', { 'x-splunk-request-channel': CHANNEL })), CHANNEL);
  assert.equal(
    codeOf(() => channelOf(requestOf('POST', '/?channel=1'))),
    'invalid_channel',
  );
  assert.equal(
    codeOf(() => channelOf(requestOf('POST', '/', { 'x-splunk-request-channel': '' }))),
    'invalid_channel',
  );
});

test('a question has a list of ids, and no more than are kept', () => {
  assert.deepEqual(idsOf(Buffer.from('{"acks":[0,1,7]}'), 3), [0, 1, 7]);
  assert.deepEqual(idsOf(Buffer.from('{"acks":[]}'), 3), []);
  for (const body of [
    '',
    'null',
    '[]',
    '{}',
    '{"acks":{}}',
    '{"acks":[-1]}',
    '{"acks":["0"]}',
    '{"acks":[1.5]}',
    '{"acks":[1,2,3,4]}',
    '\0',
  ])
    assert.equal(
      codeOf(() => idsOf(Buffer.from(body), 3)),
      'invalid_data',
      body,
    );
});

test('an id is true once, on its own channel of its own sender', () => {
  const ids = createAcknowledgements({ maxKept: 1000, maxIds: 10 });
  assert.deepEqual([ids.next('me', 'a'), ids.next('me', 'a'), ids.next('me', 'b'), ids.next('you', 'a')], [0, 1, 0, 0]);
  assert.deepEqual(ids.report('me', 'b', [0, 1]), { 0: true, 1: false });
  assert.deepEqual(ids.report('me', 'a', [0, 5]), { 0: true, 5: false });
  assert.deepEqual(ids.report('me', 'a', [0, 1]), { 0: false, 1: true });
  assert.deepEqual(ids.report('you', 'a', [1, 0]), { 1: false, 0: true });
  assert.deepEqual(ids.report('nobody', 'a', [0]), { 0: false });
});

test('of a channel that nobody asks about the oldest ids are dropped', () => {
  const ids = createAcknowledgements({ maxKept: 1000, maxIds: 3 });
  for (let count = 0; count < 5; count += 1) ids.next('me', 'a');
  assert.deepEqual(ids.report('me', 'a', [0, 1, 2, 3, 4]), { 0: false, 1: false, 2: true, 3: true, 4: true });
});

test('a sender that opens channels without end loses its own, the one that is unused longest first', () => {
  const ids = createAcknowledgements({ maxKept: 1000, maxIds: 10 });
  ids.next('quiet', 'a');
  for (let channel = 0; channel < 10_000; channel += 1) {
    ids.next('greedy', String(channel));
    if (channel === 100) ids.next('greedy', '99');
  }
  assert.deepEqual(ids.report('quiet', 'a', [0]), { 0: true });
  assert.deepEqual(ids.report('greedy', '0', [0]), { 0: false });
  assert.deepEqual(ids.report('greedy', '9999', [0]), { 0: true });
  const kept = Array.from({ length: 10_000 }, (_, channel) => ids.report('greedy', String(channel), [0])['0']);
  const left = kept.filter((isKept) => isKept === true).length;
  assert.ok(left > 40 && left < 60, `${left} channels are left`);
});

test('what was asked about makes room', () => {
  const ids = createAcknowledgements({ maxKept: 1000, maxIds: 1000 });
  ids.next('me', 'a');
  for (let count = 0; count < 5000; count += 1) ids.report('you', 'b', [ids.next('you', 'b')]);
  assert.deepEqual(ids.report('me', 'a', [0]), { 0: true });
  assert.equal(ids.next('you', 'b'), 5000, 'its numbers go on');
});

test('an object without event, or with a blank one, is a fault; every other value is an event', () => {
  const reasonOf = (value: object): string | undefined => hecEnvelope.faultOf(value)?.reason;
  assert.equal(reasonOf({ time: 1 }), 'event_required');
  assert.equal(reasonOf({ event: null }), 'event_required');
  assert.equal(reasonOf({ event: ' ' }), 'event_blank');
  for (const event of ['x', {}, [], 0, false]) assert.equal(reasonOf({ event }), undefined);
});

test('the computer is found in XML, in an object and in its JSON', () => {
  const xml = '<Event><System><Computer>m1</Computer></System></Event>';
  for (const event of [xml, { Computer: 'm1' }, '{"Computer":"m1"}'])
    assert.equal(hecEnvelope.computerOf({ event }), 'm1');
  for (const event of ['{broken', 'EventCode=4624', 17, [], null])
    assert.equal(hecEnvelope.computerOf({ event }), undefined);
});
