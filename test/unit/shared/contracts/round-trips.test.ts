// Random records of every topic come back as they were written; what Kafka carries of a dead letter
// says all that was known of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, commandsTopic, encodeCommand } from '../../../../shared/contracts/command.ts';
import {
  DEAD_LETTER_REASONS,
  deadLettersTopic,
  encodeDeadLetter,
  shortened,
} from '../../../../shared/contracts/dead-letter.ts';
import {
  alertsTopic,
  countedIdOf,
  encodeAlert,
  encodeEnrichedEvent,
  eventsTopic,
  isConflict,
} from '../../../../shared/contracts/enriched-event.ts';
import { encodeRawEvent, rawTopic } from '../../../../shared/contracts/raw-event.ts';
import type { InRecord, OutRecord } from '../../../../shared/contracts/record.ts';
import { type Random, randomOf } from '../../../fuzz/mutate.ts';
import { bytesOf } from '../../../support/compressors.ts';
import { anId } from '../../../support/ids.ts';
import { anIncident } from '../../../support/incidents.ts';

const TURNS = 300;
const NOW_MS = Date.UTC(2026, 10, 30);
const WORDS = ['media01', 'Пётр', '日本', '💡', '\u0000\u007F', '"}\\', '<b>', '', ' ', '__proto__', 'x'.repeat(300)];

function generator(random: Random) {
  const oneOf = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const text = (): string => `${oneOf(WORDS)}${oneOf(WORDS)}`;
  const maybe = <Key extends string, T>(key: Key, value: () => T): { readonly [K in Key]?: T } =>
    random(2) === 0 ? {} : ({ [key]: value() } as { readonly [K in Key]?: T });
  const time = (): number => random(2) * NOW_MS - random(1e9);
  return { random, oneOf, text, maybe, time };
}

function asRead({ key, value, headers = {} }: OutRecord, timestampMs = NOW_MS): InRecord {
  const bytes = (part: string | Buffer | null): Buffer | null => (typeof part === 'string' ? Buffer.from(part) : part);
  return { key: bytes(key), value: bytes(value), headers, timestampMs };
}

function each(seed: number, work: (made: ReturnType<typeof generator>) => void): void {
  const made = generator(randomOf(seed));
  for (let turn = 0; turn < TURNS; turn += 1) work(made);
}

test('raw events', () =>
  each(1, ({ random, oneOf, text, maybe }) => {
    const event = {
      bytes: bytesOf(random, random(100)),
      encoding: oneOf(['utf-8', 'utf-16le', 'utf-16be'] as const),
      format: oneOf(['xml', 'json'] as const),
      input: oneOf(['http', 'kafka']),
      sender: text(),
      receivedAtMs: NOW_MS - random(1e9),
      ...maybe('senderHosts', () =>
        Array.from({ length: 1 + random(3) }, () => oneOf(['media*', '*.example.org', 'a'])),
      ),
      ...maybe('senderKind', () => oneOf(['certificate', 'token'] as const)),
      ...maybe('senderAddress', () => oneOf(['10.1.2.3', 'fe80::1%eth0'])),
      ...maybe('agent', text),
      ...maybe('copy', () => 2 + random(99)),
    };
    const computer = oneOf([undefined, 'MEDIA01', text()]);
    const record = encodeRawEvent(computer === undefined ? event : { ...event, computer });
    assert.deepEqual([record.topic, record.key], [rawTopic.key, (computer ?? event.sender).toLowerCase()]);
    assert.deepEqual(rawTopic.decode(asRead(record)), { kind: 'value', value: event });
  }));

test('a raw record’s headers that make no sense are as if they were missing', () => {
  const read = (headers: Readonly<Record<string, string>>) => {
    const decoded = rawTopic.decode({ key: null, value: Buffer.from('x'), headers, timestampMs: NOW_MS });
    return decoded.kind === 'value' ? decoded.value : assert.fail(decoded.kind);
  };
  const plain = read({});
  for (const headers of [
    { 'sender-kind': 'king' },
    { copy: '1' },
    { copy: '0' },
    { copy: '-3' },
    { copy: '2.5' },
    { copy: 'two' },
    { encoding: 'latin1' },
    { format: 'csv' },
    { received: '0' },
    { received: '-1' },
    { received: '1.5' },
    { received: '' },
    { received: String(2 ** 60) },
  ])
    assert.deepEqual(read(headers), plain, JSON.stringify(headers));
  const timeless = { key: null, value: Buffer.from('x'), headers: {}, timestampMs: Number.NaN };
  assert.equal(rawTopic.decode(timeless).kind, 'bad');
});

test('enriched events and alerts', () =>
  each(2, ({ random, oneOf, text, maybe, time }) => {
    const id = anId(text());
    const document = { message: text(), n: random(99), host: { name: text() } };
    const known = { receivedAtMs: time(), ...maybe('createdAtMs', time), ...maybe('content', () => anId(text())) };
    const event = { id, host: text(), document };
    const record = encodeEnrichedEvent(event, JSON.stringify(document), known);
    const { headers = {} } = record;
    assert.deepEqual([record.topic, record.key, headers['id']], [eventsTopic.key, event.host, id]);
    assert.ok(Object.values(headers).every((text) => typeof text === 'string'));
    const json = Buffer.from(JSON.stringify(document));
    assert.deepEqual(eventsTopic.decode(asRead(record)), { kind: 'value', value: { id, json, ...known } });

    const arrival = {
      receivedAtMs: time(),
      ...maybe('sender', text),
      ...maybe('agent', text),
      ...maybe('clock', () => ({ skewMs: random(2000) - 1000, isSettled: random(2) === 0 })),
      ...maybe('content', () => anId(text())),
    };
    const match = {
      ruleId: text(),
      ruleVersion: random(9),
      ...maybe('reference', text),
      params: { port: random(65_536), path: text() },
      discriminators: [text()],
      remediation: anIncident('', 1).remediation,
      ...maybe('probe', () => ({
        port: 1 + random(65_535),
        answers: [{ protocol: oneOf(['http', 'rtsp'] as const), server: text() }, { protocol: 'mms' as const }],
      })),
    };
    const incidentId = anId(text());
    assert.throws(() => encodeAlert({ ...event, match }, '{}', arrival), TypeError);
    const alert = encodeAlert({ ...event, match, incidentId }, JSON.stringify(document), arrival);
    assert.deepEqual([alert.topic, alert.key, alert.headers], [alertsTopic.key, incidentId, { id }]);
    const value = { incidentId, eventId: id, ...arrival, match, document };
    assert.deepEqual(alertsTopic.decode(asRead(alert)), { kind: 'value', value });
  }));

test('an event whose headers or frame are wrong is none; times that are none are Kafka’s own, or missing', () => {
  const id = anId('event');
  const read = (value: string | null, headers: Readonly<Record<string, string>>) =>
    eventsTopic.decode(asRead({ topic: 'events', key: null, value, headers }));
  for (const [value, headers, detail] of [
    ['{}', {}, /header id/u],
    ['{}', { id: `${id}x` }, /header id/u],
    [null, { id }, /no JSON object/u],
    ['', { id }, /no JSON object/u],
    ['{"a":1', { id }, /no JSON object/u],
    ['"a":1}', { id }, /no JSON object/u],
    ['{}', { id, content: 'no mark!' }, /mark of content/u],
  ] as const) {
    const decoded = read(value, headers);
    assert.match(decoded.kind === 'bad' ? decoded.detail : '', detail);
  }
  const plain = { kind: 'value', value: { id, json: Buffer.from('{}'), receivedAtMs: NOW_MS } };
  for (const times of [{}, { received: 'soon' }, { created: 'late' }, { received: '1.5', created: '2.5' }])
    assert.deepEqual(read('{}', { id, ...times }), plain);
});

test('a second event of one id that states something else is distinguished by its content, and by nothing else', () => {
  const [eventId, other] = [anId('event'), anId('other')];
  const [one, two] = [anId('one'), anId('two')];
  const counted = [countedIdOf({ eventId, content: one })];
  assert.deepEqual(counted, [`${eventId}~${one.slice(0, 8)}`], 'as snapshots have it');
  assert.ok(isConflict({ eventId, content: two }, counted));
  assert.ok(!isConflict({ eventId, content: one }, counted), 'a repeat');
  assert.ok(!isConflict({ eventId }, counted), 'nothing is known of its content');
  assert.ok(!isConflict({ eventId, content: two }, [countedIdOf({ eventId })]), 'counted by an earlier version');
  assert.ok(!isConflict({ eventId: other, content: two }, counted));
  assert.equal(countedIdOf({ eventId }), eventId);
});

function aLetter({ random, oneOf, text, maybe }: ReturnType<typeof generator>) {
  const headers = Object.fromEntries(Array.from({ length: random(5) }, (_, index) => [`h${index}`, text()]));
  return {
    stage: oneOf(['enricher', 'indexer']),
    reason: oneOf(DEAD_LETTER_REASONS),
    detail: text(),
    source: { topic: text(), partition: random(99), offset: String(random(1e9)) },
    original: {
      key: oneOf([null, bytesOf(random, random(9))]),
      value: oneOf([null, bytesOf(random, random(99))]),
      headers: { ...headers, ...maybe('input', text) },
    },
  };
}

test('dead letters', () =>
  each(3, (made) => {
    const letter = aLetter(made);
    const record = encodeDeadLetter(letter);
    assert.equal(record.topic, deadLettersTopic.key);
    const decoded = deadLettersTopic.decode(asRead(record, 7));
    assert.ok(decoded.kind === 'value');
    const { id, atMs, ...read } = decoded.value;
    assert.deepEqual([read, atMs], [letter, 7]);
    const again = deadLettersTopic.decode(asRead(record, 8));
    assert.equal(again.kind === 'value' && again.value.id, id, 'written twice it is one');
  }));

test('another stage, place or value is another dead letter; what others wrote is one all the same', () => {
  const letter = aLetter(generator(randomOf(4)));
  const idOf = (record: OutRecord): string => {
    const decoded = deadLettersTopic.decode(asRead(record));
    return decoded.kind === 'value' ? decoded.value.id : assert.fail();
  };
  const { source, original } = letter;
  const ids = [
    letter,
    { ...letter, stage: 'other' },
    { ...letter, source: { ...source, topic: 'other' } },
    { ...letter, source: { ...source, partition: 100 } },
    { ...letter, source: { ...source, offset: 'other' } },
    { ...letter, original: { ...original, value: Buffer.from('other') } },
  ].map((each) => idOf(encodeDeadLetter(each)));
  assert.equal(new Set(ids).size, ids.length);
  const foreign = deadLettersTopic.decode(asRead({ topic: 'deadLetters', key: null, value: null }, 7));
  assert.ok(foreign.kind === 'value');
  const { id, ...value } = foreign.value;
  assert.equal(id, 'mpIdy4_mf5fzPomg46hwP3x-2qc', 'also in another version');
  assert.deepEqual(value, {
    stage: 'unknown',
    reason: 'unknown',
    detail: 'unknown',
    source: { topic: 'unknown', partition: -1, offset: 'unknown' },
    original: { key: null, value: null, headers: {} },
    atMs: 7,
  });
  const odd = deadLettersTopic.decode(
    asRead({ topic: 'deadLetters', key: null, value: null, headers: { 'dead-partition': '1.5' } }),
  );
  assert.equal(odd.kind === 'value' && odd.value.source.partition, -1);
});

test('headers of an original that begin as those of dead letters come back, and change nothing of ours', () => {
  const letter = aLetter(generator(randomOf(8)));
  const headers = { input: 'http', 'dead-stage': 'foreign', 'dead-x': 'y', 'dead-original-dead-x': 'z' };
  const written = encodeDeadLetter({ ...letter, original: { ...letter.original, headers } });
  const read = deadLettersTopic.decode(asRead(written));
  assert.ok(read.kind === 'value');
  assert.deepEqual([read.value.stage, read.value.original.headers], [letter.stage, headers]);
  const kept = Object.keys(shortened(written, 100).headers ?? {});
  assert.deepEqual(
    kept.filter((name) => name.includes('original')),
    [],
  );
});

test('fifty headers of an original are kept, the others are counted with those that were dropped before', () => {
  const letter = aLetter(generator(randomOf(5)));
  const withHeaders = (count: number, droppedHeaders?: number) => {
    const headers = Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}`, 'x']));
    const original = { ...letter.original, headers, ...(droppedHeaders === undefined ? {} : { droppedHeaders }) };
    const { headers: written = {} } = encodeDeadLetter({ ...letter, original });
    return [Object.keys(written).filter((name) => name.startsWith('h')).length, written['dead-headers-dropped']];
  };
  assert.deepEqual(withHeaders(50), [50, undefined]);
  assert.deepEqual(withHeaders(51), [50, '1']);
  assert.deepEqual(withHeaders(53, 4900), [50, '4903']);
  assert.deepEqual(withHeaders(1, 3), [1, '3']);
});

test('a dead letter that is too large keeps the beginning of key and value, how long they were, and what Foghorn says of it', () => {
  const letter = aLetter(generator(randomOf(6)));
  const original = { key: Buffer.alloc(3000, 'k'), value: Buffer.alloc(9000, 'v'), headers: { input: 'http' } };
  const whole = encodeDeadLetter({ ...letter, detail: 'd'.repeat(5000), original });
  const {
    key,
    value,
    headers = {},
    topic,
  } = shortened(
    { ...whole, headers: { ...whole.headers, [`dead-${'x'.repeat(34)}`]: 'y', [`dead-${'x'.repeat(35)}`]: 'z' } },
    100,
  );
  assert.equal(topic, 'deadLetters');
  assert.deepEqual([key, value], [original.key.subarray(0, 1024), original.value.subarray(0, 100)]);
  assert.deepEqual([headers['dead-value-bytes'], headers['dead-key-bytes']], ['9000', '3000']);
  assert.deepEqual(
    [headers['dead-detail'], headers['dead-stage'], headers['dead-offset']],
    ['d'.repeat(2000), letter.stage, letter.source.offset],
  );
  assert.deepEqual(
    Object.keys(headers).filter((name) => !name.startsWith('dead-') || name.length >= 40),
    [],
  );
  assert.equal(headers[`dead-${'x'.repeat(34)}`], 'y');
  const empty = shortened(
    { topic: 'deadLetters', key: null, value: null, headers: { 'dead-detail': 'd'.repeat(3000) } },
    100,
  );
  assert.deepEqual([empty.key, empty.value], [null, null]);
  assert.deepEqual(empty.headers, {
    'dead-detail': 'd'.repeat(2000),
    'dead-value-bytes': '0',
    'dead-key-bytes': '0',
  });
});

test('commands', () =>
  each(7, ({ random, oneOf, text, maybe, time }) => {
    const incidentId = anId(text());
    const groupId = anId(text());
    const asked = { id: `c${random(1e9)}`, actor: `kim${text()}`.slice(0, 200), atMs: time(), reason: text() };
    const ofIncident = { ...asked, incidentId, ...maybe('episode', () => 1 + random(9)) };
    const silence = {
      id: `s${random(1e9)}`,
      matchers: [text()],
      author: text().slice(0, 200),
      comment: text(),
      startsAtMs: time(),
      endsAtMs: time(),
    };
    const [command, key] = oneOf<readonly [Command, string]>([
      [{ ...ofIncident, kind: oneOf(['acknowledge', 'unacknowledge', 'resolve', 'reopen'] as const) }, incidentId],
      [{ ...ofIncident, kind: 'assign', assignee: text().slice(0, 200) }, incidentId],
      [{ ...ofIncident, kind: 'note', text: `note ${text()}`.trim() }, incidentId],
      [{ ...ofIncident, kind: 'snooze', untilMs: time() }, incidentId],
      [{ ...ofIncident, kind: 'probe' }, incidentId],
      [{ ...asked, kind: 'resolve_group', groupId, episode: 1 + random(9), revision: random(99) }, groupId],
      [{ ...asked, kind: 'silence', silence }, silence.id],
      [{ ...asked, kind: 'expire_silence', silenceId: 's1' }, 's1'],
      [{ ...asked, kind: 'redrive', receiver: 'ops', ...maybe('deliveryId', () => `n-${random(99)}`) }, 'ops'],
    ]);
    const record = encodeCommand(command);
    assert.deepEqual([record.topic, record.key, record.headers], [commandsTopic.key, key, { id: asked.id }]);
    assert.deepEqual(commandsTopic.decode(asRead(record)), { kind: 'value', value: command });
  }));
