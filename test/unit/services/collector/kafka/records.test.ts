// Records of a topic, recognised by their bytes, whoever wrote them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { collectorSchema } from '../../../../../services/collector/config.ts';
import { startKafkaInput } from '../../../../../services/collector/inputs/kafka/kafka.ts';
import { piecesOfRecord } from '../../../../../services/collector/inputs/kafka/records.ts';
import { kafkaSettings } from '../../../../../shared/kafka/client.ts';
import type { GroupReading } from '../../../../../shared/kafka/group-reader.ts';
import { readEvent } from '../../../../../shared/windows/read-event.ts';
import { createMadeIntake } from '../../../../support/collector-input.ts';
import { jsonRequest, protobufRequest } from '../../../../support/otlp.ts';

const bodyOf = (name: string): Buffer => readFileSync(`test/data/cases/${name}`);
const firstLine = (name: string): string => String(bodyOf(name)).split('\n')[0] ?? '';

function piecesIn(value: Buffer | string | null, undecodable?: string) {
  return piecesOfRecord(
    {
      value: typeof value === 'string' ? Buffer.from(value) : value,
      ...(undecodable === undefined ? {} : { undecodable }),
    },
    {
      arrival: { input: 'kafka', sender: 'agents', place: 'agents/0/7', receivedAtMs: 1 },
      charset: 'utf-8',
      maxEvents: 100,
      admit: () => undefined,
      onBug: assert.fail,
    },
  );
}

const OTEL = {
  body: {
    computer: 'm1',
    channel: 'System',
    record_id: 1,
    system_time: '2026-11-20T09:00:00Z',
    event_id: { id: 309, qualifiers: 0 },
    provider: { name: 'WMServer' },
  },
};

/** As Go writes a string in JSON. */
function asGoQuotes(text: string): string {
  return JSON.stringify(text).replaceAll(/[<>&]/gu, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

for (const { name, value, forms } of [
  { name: 'Winlogbeat', value: firstLine('53-winlogbeat-9.json'), forms: ['winlogbeat'] },
  { name: 'Fluent Bit', value: firstLine('56-fluent-bit-winevtlog.json'), forms: ['fluent-bit'] },
  { name: 'Vector', value: firstLine('58-vector.json'), forms: ['vector'] },
  { name: 'several on lines', value: bodyOf('53-winlogbeat-9.json'), forms: ['winlogbeat', 'winlogbeat'] },
  { name: 'event XML', value: bodyOf('63-event-xml.xml'), forms: undefined },
  { name: 'rsyslog, with its header', value: firstLine('97-nxlog-snare-rsyslog.syslog'), forms: ['snare'] },
  {
    name: 'a header without a priority',
    value: `Nov 20 09:00:00 m1 app: ${firstLine('58-vector.json')}`,
    forms: ['vector'],
  },
  {
    name: 'OpenTelemetry, otlp_proto',
    value: protobufRequest([OTEL, OTEL]),
    forms: ['opentelemetry', 'opentelemetry'],
  },
  { name: 'OpenTelemetry, otlp_json', value: jsonRequest([OTEL]), forms: ['opentelemetry'] },
  { name: 'OpenTelemetry, raw', value: JSON.stringify(OTEL.body), forms: ['opentelemetry'] },
  {
    name: 'OpenTelemetry, raw, with a body of text',
    value: asGoQuotes(String(bodyOf('63-event-xml.xml'))),
    forms: undefined,
  },
  { name: 'a line of a file as raw', value: asGoQuotes(firstLine('58-vector.json')), forms: ['vector'] },
  { name: 'JSON behind a line feed', value: `\n${JSON.stringify(OTEL)}`, forms: ['opentelemetry'] },
  { name: 'UTF-16', value: Buffer.from(`\ufeff${JSON.stringify(OTEL)}`, 'utf16le'), forms: ['opentelemetry'] },
])
  test(`${name}: every event of the record is read, with its place`, () => {
    const pieces = piecesIn(value);
    const found = pieces.map((piece) => {
      assert.ok(piece.kind === 'event', JSON.stringify(piece));
      assert.deepEqual([piece.event.sender, piece.event.place], ['agents', 'agents/0/7']);
      const read = readEvent(piece.event.bytes, piece.event.encoding);
      assert.ok(read.kind === 'event', read.kind === 'bad' ? read.detail : '');
      return read.event.form;
    });
    if (forms === undefined) assert.ok(found.length > 0);
    else assert.deepEqual(found, forms);
  });

test('a Beat is the agent of its events', () => {
  const start =
    '{"@timestamp":"2026-11-20T09:00:00Z","@metadata":{"beat":"winlogbeat","type":"_doc","version":"9.1.0"},';
  const agents = [`${start}"a":1}`, `{"a":{"@metadata":{}}}`].map((value) => {
    const [piece] = piecesIn(value);
    assert.ok(piece?.kind === 'event');
    return piece.event.agent;
  });
  assert.deepEqual(agents, ['winlogbeat/9.1.0', undefined]);
});

for (const { name, value, undecodable, reason } of [
  { name: 'no value', value: null, reason: 'not_an_event' },
  { name: 'nothing', value: '', reason: 'not_an_event' },
  { name: 'white space', value: ' \n', reason: 'not_an_event' },
  { name: 'broken JSON', value: '{"a":', reason: 'invalid_json' },
  { name: 'broken XML', value: '<a>', reason: 'not_an_event' },
  { name: 'an empty JSON string', value: '""', reason: 'not_an_event' },
  {
    name: 'a batch that could not be taken apart',
    value: 'batch',
    undecodable: 'zstd: malformed',
    reason: 'undecodable',
  },
  { name: 'more events than a record has', value: '{}\n'.repeat(101), reason: 'too_large' },
])
  test(`${name}: all of the record is kept, with its place`, () => {
    const pieces = piecesIn(value, undecodable);
    assert.equal(pieces.length, 1);
    const [piece] = pieces;
    assert.ok(piece?.kind === 'bad');
    assert.equal(piece.reason, reason);
    assert.equal(String(piece.piece?.bytes), value ?? '');
    assert.equal(piece.piece?.place, 'agents/0/7');
  });

for (const value of ['"not closed', '"a" and more', String.raw`"\ud800"`])
  test(`${value}: what is no JSON string goes on as it came`, () => {
    const [piece] = piecesIn(value);
    assert.ok(piece?.kind === 'event');
    assert.equal(String(piece.event.bytes), value);
  });

test('bytes of no kind go on, and the reader says what they are', () => {
  const bytes = gzipSync('x');
  const [piece] = piecesIn(bytes);
  assert.ok(piece?.kind === 'event');
  assert.deepEqual(piece.event.bytes, bytes);
  assert.equal(readEvent(bytes, 'utf-8').kind, 'bad');
});

test('Foghorn’s own topics are refused, with what to do', () => {
  const { collector } = collectorSchema.parse({
    collector: { kafka: { enabled: true, topics: ['agents', 'fh.raw'] } },
  });
  const { parts } = createMadeIntake({ ...collector }, { partition: 0, nowMs: 1 });
  const kafka = { ...kafkaSettings.parse({}), topicPrefix: 'fh' };
  assert.throws(() => startKafkaInput(collector.kafka, { ...parts, kafka }), {
    name: 'ConfigError',
    message: /fh\.raw is Foghorn's own/u,
  });
});

test('an event that Kafka refuses for its size is named by its place, once for many batches', async () => {
  const { collector } = collectorSchema.parse({ collector: { kafka: { enabled: true, topics: ['agents'] } } });
  const { parts, state, lines } = createMadeIntake({ ...collector }, { partition: 0, nowMs: 1 });
  state.mostBytes = 1000;
  let handle: GroupReading['handle'] = async () => await Promise.reject(new Error('nothing reads'));
  startKafkaInput(collector.kafka, parts, (_, reading) => {
    ({ handle } = reading);
    return { ready: async () => await Promise.resolve(undefined), stop: async () => await Promise.resolve() };
  });
  for (const offset of ['7', '8']) {
    const value = Buffer.from(JSON.stringify({ ...OTEL.body, filler: 'x'.repeat(2000) }));
    const records = [{ key: null, value, headers: {}, timestampMs: 1, offset }];
    await handle({ topic: 'agents', partition: 0, records }, new AbortController().signal);
  }
  const errors = lines.filter(({ level }) => level === 50);
  assert.equal(errors.length, 1);
  assert.match(String(errors[0]?.['msg']), /^an event stays in the topic of its agent alone/u);
  assert.equal(errors[0]?.['place'], 'agents/0/7');
});

test('brokers of its own come with TLS and login of their own; without them all is the section kafka’s', async () => {
  const kafka = {
    ...kafkaSettings.parse({}),
    brokers: ['own:9092'],
    saslMechanism: 'plain' as const,
    topicPrefix: 'fh',
  };
  const opened = (own: object) => {
    const { collector } = collectorSchema.parse({ collector: { kafka: { enabled: true, topics: ['a'], ...own } } });
    const { parts } = createMadeIntake({ ...collector }, { partition: 0, nowMs: 1 });
    let found: unknown;
    startKafkaInput(collector.kafka, { ...parts, kafka }, ({ brokers, saslMechanism, tls }, { groupId }) => {
      found = [brokers, saslMechanism, tls.enabled, groupId];
      return { ready: async () => await Promise.resolve(undefined), stop: async () => await Promise.resolve() };
    });
    return found;
  };
  assert.deepEqual(opened({}), [['own:9092'], 'plain', false, 'fh.collector']);
  assert.deepEqual(opened({ brokers: ['theirs:9093'], tls: true, groupId: 'g' }), [['theirs:9093'], 'none', true, 'g']);
  await Promise.resolve();
});
