// Log records in both encodings: the same event whichever it is, every kind of value, and bytes
// that are none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { piecesOfJson, piecesOfProtobuf } from '../../../../../services/collector/inputs/otlp/pieces.ts';
import type { BodyOptions, BodyPiece } from '../../../../../services/collector/inputs/http/events-of-body.ts';
import { readEvent } from '../../../../../shared/windows/read-event.ts';
import { CASES_FOLDER, readCases } from '../../../../cases/read-cases.ts';
import { cpuMsOf } from '../../../../fuzz/cpu.ts';
import { jsonRequest, type LogRecord, protobufRecord, protobufRequest } from '../../../../support/otlp.ts';

const OPTIONS: BodyOptions = {
  arrival: { input: 'otlp', sender: 'fleet', receivedAtMs: 1 },
  charset: 'utf-8',
  maxEvents: 1000,
  admit: () => undefined,
  onBug: assert.fail,
};

function bytesOf(pieces: readonly BodyPiece[]): readonly Buffer[] {
  return pieces.map((piece) => {
    assert.ok(piece.kind === 'event', JSON.stringify(piece));
    return piece.event.bytes;
  });
}

function valuesOf(...records: readonly LogRecord[]): readonly unknown[] {
  return bytesOf(piecesOfProtobuf(protobufRequest(records), OPTIONS)).map((bytes) => JSON.parse(String(bytes)));
}

/** The bodies of OpenTelemetry’s receiver, of each build that the cases have. */
function recordsOfCases(): readonly { readonly name: string; readonly record: LogRecord }[] {
  const cases = readCases(CASES_FOLDER).filter(({ name }) => /otel/u.test(name) && !name.includes('elasticsearch'));
  return cases.flatMap(({ name, body }) =>
    String(body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .map((value) => {
        const original = (value['attributes'] as { value: { stringValue: string } }[] | undefined)?.[0];
        return {
          name,
          record: {
            ...('severityNumber' in value ? { severityNumber: Number(value['severityNumber']) } : {}),
            body: value['body'] ?? value,
            ...(original === undefined ? {} : { attributes: { 'log.record.original': original.value?.stringValue } }),
          },
        };
      }),
  );
}

for (const { name, record } of recordsOfCases())
  test(`${name}: the event is the same in protobuf, in JSON and in plain values`, () => {
    const plain = readEvent(Buffer.from(JSON.stringify(record)), 'utf-8');
    assert.equal(plain.kind, 'event');
    const [protobuf] = piecesOfProtobuf(protobufRequest([record]), OPTIONS);
    const [json] = piecesOfJson(Buffer.from(jsonRequest([record])), OPTIONS);
    for (const piece of [protobuf, json]) {
      assert.ok(piece?.kind === 'event');
      assert.deepEqual(readEvent(piece.event.bytes, 'utf-8'), plain);
      assert.equal(piece.event.computer, (record.body as { readonly computer: string }).computer);
    }
  });

test('each kind of value is the JSON of its own kind', () => {
  const body = {
    text: 'ä "quoted"\\\n\u0001\u2028',
    yes: true,
    no: false,
    large: 9_007_199_254_740_993n,
    negative: -1,
    half: 0.5,
    huge: 1e300,
    list: ['a', [], {}, null],
    map: { inner: { deep: 1 } },
    bytes: Buffer.from([0, 255]),
    '': '',
    __proto__: undefined,
  };
  const record: LogRecord = {
    timeUnixNano: '1795165200250000000',
    observedTimeUnixNano: '18446744073709551615',
    severityNumber: 17,
    severityText: 'Error',
    body,
    attributes: { a: 'b', 'c.d': 1 },
    traceId: Buffer.from('00ff', 'hex'),
  };
  const [bytes] = bytesOf(piecesOfProtobuf(protobufRequest([record]), OPTIONS));
  assert.match(String(bytes), /"large":9007199254740993,/u);
  assert.deepEqual(JSON.parse(String(bytes)), {
    ...record,
    body: { ...body, large: 9_007_199_254_740_992, bytes: 'AP8=' },
    traceId: '00ff',
  });
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  assert.deepEqual(valuesOf(...odd.map((value) => ({ body: value }))), [
    { body: 'NaN' },
    { body: 'Infinity' },
    { body: '-Infinity' },
  ]);
  assert.deepEqual(valuesOf({}, { body: 'x' }), [{}, { body: 'x' }]);
});

test('what is no UTF-8 stays what it is, and the event is tagged by its reader', () => {
  const text = Buffer.from('{"Computer":"M\u00fcNCHEN","EventID":1}', 'latin1');
  const record = Buffer.concat([Buffer.from([0x2a, text.length + 2, 0x0a, text.length]), text]);
  const [bytes] = bytesOf(piecesOfProtobuf(protobufRequest([record]), OPTIONS));
  assert.ok(bytes !== undefined);
  assert.ok(bytes.includes(0xfc));
  assert.ok(JSON.parse(bytes.toString('latin1')));
});

test('the body of another sender is read as that sender’s', () => {
  const fluentBit = {
    ProviderName: 'WMServer',
    EventID: 309,
    Qualifiers: 49_152,
    Level: 2,
    Channel: 'Application',
    Computer: 'MEDIA01.example.org',
    EventRecordID: 7,
    TimeCreated: '2026-11-20 09:00:00 +0000',
    StringInserts: ['8080'],
  };
  for (const body of [fluentBit, JSON.stringify(fluentBit)])
    for (const pieces of [
      piecesOfProtobuf(protobufRequest([{ body }]), OPTIONS),
      piecesOfJson(Buffer.from(jsonRequest([{ body }])), OPTIONS),
    ]) {
      const [piece] = pieces;
      assert.ok(piece?.kind === 'event');
      const read = readEvent(piece.event.bytes, 'utf-8');
      assert.ok(read.kind === 'event', JSON.stringify(read));
      assert.deepEqual([read.event.form, read.event.computer], ['fluent-bit', 'MEDIA01.example.org']);
      assert.equal(piece.event.computer, body === fluentBit ? 'MEDIA01.example.org' : undefined);
    }
});

test('a body of event XML is read, and its computer is found', () => {
  const body = "\n<Event><System><Provider Name='p'/><EventID>1</EventID><Computer>dc01</Computer></System></Event>";
  for (const [piece] of [
    piecesOfProtobuf(protobufRequest([{ body }]), OPTIONS),
    piecesOfJson(Buffer.from(jsonRequest([{ body }])), OPTIONS),
  ]) {
    assert.ok(piece?.kind === 'event');
    assert.equal(piece.event.computer, 'dc01');
    assert.equal(readEvent(piece.event.bytes, 'utf-8').kind, 'event');
  }
});

test('fields that are not known are passed over, groups too', () => {
  const unknown = Buffer.from([
    0xfa, 0x07, 1, 0x41, 0xf8, 0x07, 5, 0xfb, 0x07, 0x08, 1, 0xfc, 0x07, 0xfd, 0x07, 1, 2, 3, 4,
  ]);
  const record = Buffer.concat([unknown, protobufRecord({ body: 'x' }), unknown]);
  const request = Buffer.concat([unknown, protobufRequest([record]), unknown]);
  assert.deepEqual(bytesOf(piecesOfProtobuf(request, OPTIONS)).map(String), ['{"body":"x"}']);
});

test('equal records are numbered', () => {
  const pieces = piecesOfProtobuf(protobufRequest([{ body: 'a' }, { body: 'b' }, { body: 'a' }]), OPTIONS);
  assert.deepEqual(
    pieces.map((piece) => (piece.kind === 'event' ? piece.event.copy : undefined)),
    [undefined, undefined, 2],
  );
});

for (const { name, body } of [
  { name: 'JSON', body: '{"resourceLogs":[]}' },
  { name: 'XML', body: '<Event/>' },
  { name: 'a length beyond the end', body: '\n\u007f' },
  { name: 'a varint without an end', body: Buffer.alloc(20, 0xff) },
  { name: 'field 0', body: Buffer.from([0, 0]) },
  { name: '10,000 open groups', body: Buffer.alloc(10_000, 0x0b) },
  { name: 'a request cut off', body: protobufRequest([{ body: 'x' }]).subarray(0, -1) },
])
  test(`no protobuf is refused whole: ${name}`, () => {
    assert.throws(() => piecesOfProtobuf(Buffer.from(body as string), OPTIONS), {
      name: 'Refusal',
      status: 400,
      code: 'not_otlp',
    });
  });

for (const { name, record } of [
  { name: 'a text longer than its record', record: Buffer.from([0x2a, 2, 0x0a, 5]) },
  { name: 'a body longer than its record', record: Buffer.from([0x2a, 200]) },
  { name: 'a time cut off', record: Buffer.from([0x09, 1, 2]) },
  { name: 'values nested 70 deep', record: nested(70) },
  { name: 'values nested 20,000 deep', record: nested(20_000) },
])
  test(`a record that cannot be read keeps its bytes, and the others pass: ${name}`, () => {
    const pieces = piecesOfProtobuf(protobufRequest([{ body: 'a' }, record, { body: 'b' }]), OPTIONS);
    assert.deepEqual(
      pieces.map(({ kind }) => kind),
      ['event', 'bad', 'event'],
    );
    const [, piece] = pieces;
    assert.ok(piece?.kind === 'bad');
    assert.equal(piece.reason, 'invalid_protobuf');
    assert.deepEqual(piece.piece?.bytes, record);
  });

function nested(depth: number): Buffer {
  let value = Buffer.from([0x0a, 1, 0x78]);
  for (let level = 0; level < depth; level += 1) {
    value = Buffer.concat([Buffer.from([0x0a, ...varint(value.length)]), value]);
    value = Buffer.concat([Buffer.from([0x2a, ...varint(value.length)]), value]);
  }
  return Buffer.concat([Buffer.from([0x2a, ...varint(value.length)]), value]);
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

test('too many records are refused before any of them is looked into', () => {
  const records = Array.from({ length: 4 }, () => Buffer.from([0x2a, 200]));
  const few = { ...OPTIONS, maxEvents: 3, admit: () => assert.fail('looked into') };
  assert.throws(() => piecesOfProtobuf(protobufRequest(records), few), { status: 413 });
  assert.throws(() => piecesOfJson(Buffer.from(jsonRequest([{}, {}, {}, {}])), few), { status: 413 });
});

test('room is taken for what is made beyond the body, and its lack ends the reading', () => {
  const request = protobufRequest([{ body: '\u0001'.repeat(1000) }]);
  let grown = 0;
  const grow = (bytes: number): void => {
    grown += bytes;
  };
  const [bytes] = bytesOf(piecesOfProtobuf(request, { ...OPTIONS, grow }));
  assert.equal(grown, (bytes?.length ?? 0) - request.length);
  assert.throws(
    () =>
      piecesOfProtobuf(request, {
        ...OPTIONS,
        grow: () => {
          throw new Error('no room');
        },
      }),
    /no room/u,
  );
});

for (const { name, body } of [
  { name: 'no JSON', body: '{"resourceLogs":[' },
  { name: 'a list', body: '[]' },
  { name: 'another request', body: '{"resourceSpans":[]}' },
  { name: 'no list', body: '{"resourceLogs":{}}' },
  { name: 'no objects', body: '{"resourceLogs":[1]}' },
  { name: 'a name in escapes', body: '{"resourceLogs":[{"scopeLogs":[{"log\\u0052ecords":[{"body":{}}]}]}]}' },
])
  test(`no request in JSON is refused whole: ${name}`, () => {
    assert.throws(() => piecesOfJson(Buffer.from(body), OPTIONS), { name: 'Refusal', status: 400, code: 'not_otlp' });
  });

test('nothing is no fault', () => {
  for (const body of ['{}', '{"resourceLogs":[]}', '{"resourceLogs":[{"scopeLogs":null},{"resource":{}}]}'])
    assert.deepEqual(piecesOfJson(Buffer.from(body), OPTIONS), []);
  assert.deepEqual(piecesOfProtobuf(Buffer.alloc(0), OPTIONS), []);
  assert.deepEqual(piecesOfProtobuf(Buffer.from([0x0a, 0]), OPTIONS), []);
});

test('time grows with the bytes alone, however small their fields', () => {
  for (const field of [
    [0x0a, 0],
    [0x2a, 2, 0x2a, 0],
    [0x32, 0],
    [0x2a, 4, 0x32, 2, 0x0a, 0],
  ]) {
    const cost = (count: number): number => {
      const record = Buffer.concat(Array.from({ length: count }, () => Buffer.from(field)));
      const request = protobufRequest([record]);
      return cpuMsOf(() => piecesOfProtobuf(request, OPTIONS));
    };
    cost(20_000);
    const [small, large] = [cost(20_000), cost(200_000)];
    assert.ok(large < 60 * Math.max(small, 1), `${small} ms, then ${large} ms`);
  }
});
