// The OTLP input over real sockets, Kafka's answers made up: what is answered, in the encoding of
// the request.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { choosePort } from '../../../../../deploy/local/ports.ts';
import { collectorSchema } from '../../../../../services/collector/config.ts';
import { otlpInput } from '../../../../../services/collector/inputs/otlp/otlp.ts';
import { createMadeIntake } from '../../../../support/collector-input.ts';
import { jsonRequest, type LogRecord, protobufRequest, readAnswer } from '../../../../support/otlp.ts';

const TOKEN = '12345678-1234-1234-1234-123456789012';
const NOW_MS = 1_795_165_200_000;
const PROTOBUF = 'application/x-protobuf';

async function startInput(t: TestContext, otlp: Readonly<Record<string, unknown>> = {}, maxInFlightBytes = 24_000_000) {
  const port = await choosePort();
  const { collector } = collectorSchema.parse({
    collector: { otlp: { enabled: true, port, ...otlp }, maxRecordBytes: 100_000 },
  });
  const made = createMadeIntake({ ...collector, maxInFlightBytes }, { partition: 0, nowMs: NOW_MS });
  const running = await otlpInput.start(collector.otlp, made.parts);
  t.after(async () => await running.stop(AbortSignal.abort()));
  const ask = async (body: string | Buffer, headers: Readonly<Record<string, string>>, path = '/v1/logs') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    const type = response.headers.get('content-type');
    const answer = type === PROTOBUF ? readAnswer(bytes) : (JSON.parse(String(bytes)) as ReturnType<typeof readAnswer>);
    return { status: response.status, type, answer, bytes, retryAfter: response.headers.get('retry-after') };
  };
  const post = async (records: readonly (LogRecord | Buffer)[], headers: Readonly<Record<string, string>> = {}) =>
    await ask(protobufRequest(records), { 'content-type': PROTOBUF, ...headers });
  const postJson = async (records: readonly LogRecord[], headers: Readonly<Record<string, string>> = {}) =>
    await ask(jsonRequest(records), { 'content-type': 'application/json', ...headers });
  const stored = (): readonly string[] => made.records.map(({ value }) => String(value));
  return { ask, post, postJson, port, stored, ...made };
}

test('log records in both encodings, gzip too, are stored; the answer has the encoding of the request', async (t) => {
  const { ask, post, postJson, records, stored } = await startInput(t);
  const full = await post([{ body: 'a' }, { body: { computer: 'DC01' } }], { 'user-agent': 'OpenTelemetry Collector' });
  assert.deepEqual([full.status, full.type, full.bytes.length], [200, PROTOBUF, 0]);
  const json = await postJson([{ body: 'b' }], { 'content-type': 'application/json; charset=utf-8' });
  assert.deepEqual([json.status, json.type, String(json.bytes)], [200, 'application/json', '{}']);
  const packed = await ask(gzipSync(protobufRequest([{ body: 'c' }])), {
    'content-type': PROTOBUF,
    'content-encoding': 'gzip',
  });
  assert.equal(packed.status, 200);
  assert.deepEqual(stored(), [
    '{"body":"a"}',
    '{"body":{"computer":"DC01"}}',
    '{"body":{"stringValue":"b"}}',
    '{"body":"c"}',
  ]);
  assert.deepEqual(records.map(({ key, headers }) => [key, headers?.['input'], headers?.['agent']]).slice(0, 2), [
    ['127.0.0.1', 'otlp', 'OpenTelemetry Collector'],
    ['dc01', 'otlp', 'OpenTelemetry Collector'],
  ]);
});

test('nothing to store is a success', async (t) => {
  const { post, postJson, stored } = await startInput(t);
  assert.equal((await post([])).status, 200);
  assert.equal((await postJson([])).status, 200);
  assert.deepEqual(stored(), []);
});

test('some records are refused: 200 that counts them and says why, the others and their bytes are stored', async (t) => {
  const { post, postJson, stored, metrics } = await startInput(t);
  const broken = Buffer.from([0x2a, 200]);
  const large = { body: 'x'.repeat(100_001) };
  const { status, answer } = await post([{ body: 'a' }, broken, large, { body: 'b' }]);
  assert.deepEqual([status, answer.rejected], [200, '2']);
  assert.match(
    String(answer.message),
    /^2 of 4 log records were refused, .* \(number 1, from 0\) as invalid_protobuf: /u,
  );
  assert.deepEqual(
    stored().map((value) => value.slice(0, 12)),
    ['{"body":"a"}', String(broken), '{"body":"xxx', '{"body":"b"}'],
  );
  assert.equal(stored()[2]?.length, 100_000, 'the beginning of what is too large');
  const json = await postJson([large, { body: 'c' }]);
  assert.deepEqual(json.status, 200);
  const { partialSuccess } = JSON.parse(String(json.bytes)) as { readonly partialSuccess: Record<string, string> };
  assert.equal(partialSuccess['rejectedLogRecords'], '1');
  assert.match(String(partialSuccess['errorMessage']), /too_large/u);
  const counted = await metrics.eventsReceived.get();
  assert.deepEqual(counted.values.map(({ labels, value }) => [labels['outcome'], value]).sort(), [
    ['invalid_protobuf', 1],
    ['stored', 3],
    ['too_large', 2],
  ]);
});

test('what is no request is final: 400 with google.rpc.Status in its encoding', async (t) => {
  const { ask, stored } = await startInput(t);
  const protobuf = await ask('<Event/>', { 'content-type': PROTOBUF });
  assert.deepEqual([protobuf.status, protobuf.type, protobuf.answer.code], [400, PROTOBUF, 3]);
  assert.match(String(protobuf.answer.message), /^not_otlp: The body is no ExportLogsServiceRequest in protobuf: /u);
  const json = await ask('<Event/>', { 'content-type': 'application/json' });
  assert.deepEqual([json.status, json.type, json.answer.code], [400, 'application/json', 3]);
  const packed = await ask('no gzip', { 'content-type': PROTOBUF, 'content-encoding': 'gzip' });
  assert.deepEqual([packed.status, packed.answer.code], [400, 3]);
  assert.match(String(packed.answer.message), /^invalid_gzip: /u);
  assert.deepEqual(stored(), []);
});

for (const { name, headers = { 'content-type': PROTOBUF }, path, status, code } of [
  { name: 'another type', headers: { 'content-type': 'text/plain' }, status: 415, code: 3 },
  { name: 'no type', headers: {}, status: 415, code: 3 },
  { name: 'traces', path: '/v1/traces', status: 404, code: 5 },
] as const)
  test(`${name}: refused, and what to send is said`, async (t) => {
    const { ask } = await startInput(t);
    const found = await ask(protobufRequest([{ body: 'a' }]), { ...headers }, path);
    assert.deepEqual([found.status, found.answer.code], [status, code]);
    assert.match(String(found.answer.message), /\/v1\/logs|application\/x-protobuf/u);
  });

test('without a token, with an unknown one, and with one of its own hosts', async (t) => {
  const { post, stored } = await startInput(t, { tokens: { web: { token: TOKEN, hosts: ['web-*'] } } });
  for (const headers of [{}, { authorization: 'Bearer another-token-of-16' }]) {
    const { status, answer } = await post([{ body: 'a' }], headers);
    assert.deepEqual([status, answer.code], [401, 16]);
    assert.match(String(answer.message), /collector\.otlp\.tokens/u);
  }
  const body = (computer: string) => ({
    computer,
    event_id: { id: 1, qualifiers: 0 },
    provider: { name: 'p' },
    channel: 'System',
    record_id: 1,
    system_time: '2026-11-20T09:00:00Z',
  });
  const { status, answer } = await post([{ body: body('web-1') }, { body: body('dc01') }], {
    authorization: `Bearer ${TOKEN}`,
  });
  assert.deepEqual([status, answer.rejected], [200, '1']);
  assert.match(String(answer.message), /host_not_allowed/u);
  assert.deepEqual(stored(), [JSON.stringify({ body: body('web-1') })]);
});

test('Kafka gone or no room: 503 or 429 with Retry-After, and the same request is stored later', async (t) => {
  const { parts, post, state, stored } = await startInput(t, {}, 200_000);
  state.isAway = true;
  const away = await post([{ body: 'a' }]);
  assert.deepEqual([away.status, away.answer.code, away.retryAfter], [503, 14, '5']);
  state.isAway = false;
  const room = parts.intake.reserve();
  room.grow(200_000);
  const full = await post([{ body: 'a'.repeat(90_000) }]);
  assert.deepEqual([full.status, full.answer.code, full.retryAfter], [429, 8, '1']);
  room.release();
  assert.equal((await post([{ body: 'a' }])).status, 200);
  assert.deepEqual(stored(), ['{"body":"a"}']);
});

test('a body that stops, and a bug, are answered with what an exporter sends again after', async (t) => {
  const { ask, parts, port } = await startInput(t, { bodyStallMs: 100 });
  const { intake } = parts;
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${PROTOBUF}\r\nContent-Length: 100\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  assert.match(String(head), /^HTTP\/1\.1 503 .*retry-after: 5/su);
  const { deliver } = intake;
  Object.assign(intake, { deliver: () => Promise.reject(new TypeError('a bug')) });
  const { status, answer } = await ask(protobufRequest([{ body: 'a' }]), { 'content-type': PROTOBUF });
  assert.deepEqual([status, answer.code], [503, 14]);
  assert.match(String(answer.message), /^internal: /u);
  Object.assign(intake, { deliver });
  assert.equal((await ask(protobufRequest([{ body: 'a' }]), { 'content-type': PROTOBUF })).status, 200);
});
