// What goes onto a topic comes back from it, and what others wrote there is read with defaults or
// refused with a reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeDeadLetter } from '../../../../shared/contracts/dead-letter.ts';
import {
  alertsTopic,
  encodeAlert,
  encodeEnrichedEvent,
  eventsTopic,
} from '../../../../shared/contracts/enriched-event.ts';
import { encodeRawEvent, type RawEvent, rawTopic } from '../../../../shared/contracts/raw-event.ts';
import type { InRecord, OutRecord } from '../../../../shared/contracts/record.ts';
import { TOPICS, topicName } from '../../../../shared/contracts/topics.ts';
import { anId } from '../../../support/ids.ts';

/** After all that the records of these tests say. */
const WRITTEN_MS = Date.UTC(2100, 0, 1);

function asRead(record: OutRecord): InRecord {
  const bytes = (value: string | Buffer | null): Buffer | null =>
    typeof value === 'string' ? Buffer.from(value) : value;
  return { key: bytes(record.key), value: bytes(record.value), headers: record.headers ?? {}, timestampMs: WRITTEN_MS };
}

const ID = anId('event');
const INCIDENT = anId('incident');

const remediation = {
  ruleId: 'e',
  ruleVersion: 1,
  title: 't',
  summary: 's',
  faultClass: 'c',
  severity: 'error',
  causes: [],
  options: [],
  verification: [],
  notes: [],
  references: [],
} as const;

test('a raw event comes back byte for byte', () => {
  const event: RawEvent = {
    bytes: Buffer.from([0xff, 0xfe, 0x3c, 0x00]),
    encoding: 'utf-16le',
    format: 'xml',
    input: 'http',
    sender: 'team-a',
    agent: 'curl/8',
    receivedAtMs: 1_700_000_000_000,
    computer: 'MEDIA01',
  };
  const record = encodeRawEvent(event);
  assert.equal(record.key, 'media01');
  const { computer: _, ...rest } = event;
  assert.deepEqual(rawTopic.decode(asRead(record)), { kind: 'value', value: rest });
  const second = { ...rest, copy: 2 };
  assert.deepEqual(rawTopic.decode(asRead(encodeRawEvent(second))), { kind: 'value', value: second });
});

test('a raw record was received no later than it lies in Kafka, whatever its header says [issue 13]', () => {
  const received = (value: string, timestampMs: number): unknown => {
    const decoded = rawTopic.decode({ key: null, value: Buffer.from('{}'), headers: { received: value }, timestampMs });
    return decoded.kind === 'value' ? decoded.value.receivedAtMs : decoded.kind;
  };
  assert.equal(received('253402214400000', 1_700_000_000_000), 1_700_000_000_000);
  assert.equal(received('1699999999000', 1_700_000_000_000), 1_699_999_999_000);
  assert.equal(received('soon', 1_700_000_000_000), 1_700_000_000_000);
  assert.equal(received('1699999999000', Number.NaN), 1_699_999_999_000);
});

test('a raw record without headers, as other programs write them, is read with defaults', () => {
  const decoded = rawTopic.decode({ key: null, value: Buffer.from('{}'), headers: {}, timestampMs: 42 });
  assert.deepEqual(decoded, {
    kind: 'value',
    value: {
      bytes: Buffer.from('{}'),
      encoding: 'utf-8',
      format: 'json',
      input: 'kafka',
      sender: '',
      receivedAtMs: 42,
    },
  });
  assert.equal(rawTopic.decode({ key: null, value: null, headers: {}, timestampMs: 42 }).kind, 'bad');
});

test('an event’s document passes through as bytes, with its id beside it', () => {
  const record = encodeEnrichedEvent({ id: ID, host: 'h', document: {} }, '{"a":1}', { receivedAtMs: 5 });
  assert.deepEqual(eventsTopic.decode(asRead(record)), {
    kind: 'value',
    value: { id: ID, json: Buffer.from('{"a":1}'), receivedAtMs: 5 },
  });
  const created = encodeEnrichedEvent({ id: ID, host: 'h', document: {} }, '{}', {
    receivedAtMs: 5,
    createdAtMs: 3,
  });
  assert.deepEqual(eventsTopic.decode(asRead(created)), {
    kind: 'value',
    value: { id: ID, json: Buffer.from('{}'), receivedAtMs: 5, createdAtMs: 3 },
  });
  assert.equal(eventsTopic.decode({ ...asRead(record), headers: {} }).kind, 'bad');
});

test('an alert carries its document, match and remediation', () => {
  const match = { ruleId: 'e', ruleVersion: 1, params: { port: 80 }, discriminators: ['80'], remediation };
  const record = encodeAlert({ id: ID, host: 'h', document: {}, match, incidentId: INCIDENT }, '{"a":1}', {
    receivedAtMs: 5,
    sender: 'team-a',
  });
  assert.equal(record.key, INCIDENT);
  assert.deepEqual(alertsTopic.decode(asRead(record)), {
    kind: 'value',
    value: { incidentId: INCIDENT, eventId: ID, receivedAtMs: 5, sender: 'team-a', match, document: { a: 1 } },
  });
  assert.throws(() => encodeAlert({ id: ID, host: 'h', document: {} }, '{}', { receivedAtMs: 5 }), TypeError);
  assert.equal(alertsTopic.decode({ ...asRead(record), value: Buffer.from('[1]') }).kind, 'bad');
  assert.equal(alertsTopic.decode({ ...asRead(record), value: Buffer.from('{') }).kind, 'bad');
});

test('a dead letter keeps the original untouched and says where and why', () => {
  const original = { key: Buffer.from('k'), value: Buffer.from([0, 255]), headers: { input: 'http' } };
  const letter = encodeDeadLetter({
    stage: 'enricher',
    reason: 'invalid_xml',
    detail: 'x'.repeat(9000),
    source: { topic: 'f.raw', partition: 3, offset: '12' },
    original,
  });
  assert.deepEqual([letter.key, letter.value], [original.key, original.value]);
  assert.equal(letter.headers?.['dead-detail']?.length, 2000);
  assert.deepEqual(
    ['input', 'dead-stage', 'dead-reason', 'dead-topic', 'dead-partition', 'dead-offset'].map(
      (name) => letter.headers?.[name],
    ),
    ['http', 'enricher', 'invalid_xml', 'f.raw', '3', '12'],
  );
});

test('incidents, sources and the catalogue are compacted, everything else is kept by time', () => {
  assert.deepEqual(
    Object.entries(TOPICS)
      .filter(([, plan]) => plan.cleanup === 'compact')
      .map(([key]) => key),
    ['incidents', 'sources', 'catalog'],
  );
  assert.ok(Object.values(TOPICS).every((plan) => plan.cleanup === 'compact' || (plan.retentionMs ?? 0) > 0));
  assert.equal(topicName('foghorn', 'deadLetters'), 'foghorn.dead-letters');
});
