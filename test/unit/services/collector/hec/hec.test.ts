// The Splunk HEC input over real sockets, Kafka's answers made up.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { choosePort } from '../../../../../deploy/local/ports.ts';
import { collectorSchema } from '../../../../../services/collector/config.ts';
import { hecInput } from '../../../../../services/collector/inputs/hec/hec.ts';
import { createMadeIntake } from '../../../../support/collector-input.ts';

const TOKEN = '12345678-1234-1234-1234-123456789012';
const CHANNEL = '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba';
const NOW_MS = 1_795_165_200_000;

async function startInput(t: TestContext, hec: Readonly<Record<string, unknown>> = {}, maxInFlightBytes = 24_000_000) {
  const port = await choosePort();
  const { collector } = collectorSchema.parse({
    collector: { hec: { enabled: true, port, ...hec }, maxRecordBytes: 100_000 },
  });
  const made = createMadeIntake({ ...collector, maxInFlightBytes }, { partition: 0, nowMs: NOW_MS });
  const { records, state, lines } = made;
  const running = await hecInput.start(collector.hec, made.parts);
  t.after(async () => await running.stop(AbortSignal.abort()));
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/services/collector${path}`, init);
    const { detail, ...answer } = (await response.json()) as Readonly<Record<string, unknown>>;
    return { status: response.status, answer, detail, retryAfter: response.headers.get('retry-after') };
  };
  const post = async (path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
    await ask(path, { method: 'POST', body, headers });
  const stored = (): readonly string[] => records.map(({ value }) => String(value));
  return { ask, post, records, stored, state, intake: made.parts.intake, lines };
}

const SUCCESS = { text: 'Success', code: 0 };

test('objects with and without white space between them are stored as they came', async (t) => {
  const { post, stored } = await startInput(t);
  const events = ['{"event":"a"}', '{"time":1.5,"host":"m1","event":{"n":9007199254740993}}', '{"event":"}{"}'];
  for (const separator of ['', '\n', ' \r\n\t', '\n\n']) {
    const { status, answer } = await post('/event', events.join(separator));
    assert.deepEqual([status, answer], [200, SUCCESS], JSON.stringify(separator));
  }
  assert.deepEqual(stored(), [...events, ...events, ...events, ...events]);
});

test('gzip is unpacked, and what is no gzip is refused', async (t) => {
  const { post, stored } = await startInput(t);
  const headers = { 'content-encoding': 'gzip' };
  assert.equal((await post('/event', gzipSync('{"event":"a"}'), headers)).status, 200);
  assert.deepEqual(stored(), ['{"event":"a"}']);
  const { status, answer } = await post('/event', '{"event":"a"}', headers);
  assert.deepEqual([status, answer], [400, { text: 'Invalid data format', code: 6 }]);
  const bomb = await post('/event', gzipSync(Buffer.alloc(20_000_000)), headers);
  assert.equal(bomb.status, 413);
  assert.match(String(bomb.detail), /collector\.hec\.maxDecodedBytes/u);
  assert.equal(stored().length, 1);
});

for (const { name, body, code, text, number, kept } of [
  {
    name: 'unfinished JSON',
    body: '{"event":"a"}{"event":"b',
    code: 6,
    text: 'Invalid data format',
    number: 1,
    kept: 2,
  },
  { name: 'no JSON', body: 'EventCode=4624', code: 6, text: 'Invalid data format', number: 0, kept: 1 },
  {
    name: 'no event',
    body: '{"event":"a"}{"time":1}{"event":"b"}',
    code: 12,
    text: 'Event field is required',
    number: 1,
    kept: 3,
  },
  { name: 'a blank event', body: '{"event":""}', code: 13, text: 'Event field cannot be blank', number: 0, kept: 1 },
  {
    name: 'an event that is too large',
    body: `{"event":"${'x'.repeat(100_000)}"}{"event":"b"}`,
    code: 6,
    text: 'Invalid data format',
    number: 0,
    kept: 2,
  },
])
  test(`${name}: the answer has the number of the event, and all that came is kept`, async (t) => {
    const { post, stored } = await startInput(t);
    const { status, answer } = await post('/event', body);
    assert.deepEqual([status, answer], [400, { text, code, 'invalid-event-number': number }]);
    assert.equal(stored().length, kept);
    assert.ok(stored().every((value) => body.includes(value)));
  });

test('nothing, white space and zeros are no data', async (t) => {
  const { post, stored } = await startInput(t);
  for (const body of ['', ' \n', '\0\0\0'])
    for (const path of ['/event', '/raw'])
      assert.deepEqual((await post(path, body)).answer, { text: 'No data', code: 5 });
  assert.deepEqual(stored(), []);
});

test('10,000 nested objects and zeros inside harm nothing', async (t) => {
  const { post, stored } = await startInput(t);
  const nested = `{"event":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
  assert.equal((await post('/event', nested)).status, 200);
  assert.equal((await post('/event', '{"event":"a\0b"}')).answer['code'], 6);
  assert.equal((await post('/event', '{"event":"after"}')).status, 200);
  assert.deepEqual(stored(), [nested, '{"event":"a\0b"}', '{"event":"after"}']);
});

test('raw takes XML, JSON and any other text', async (t) => {
  const { post, records, stored } = await startInput(t);
  const xml = (host: string) =>
    `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Computer>${host}</Computer></System></Event>`;
  assert.deepEqual((await post('/raw?sourcetype=XmlWinEventLog', `${xml('m1')}\n${xml('m2')}`)).answer, SUCCESS);
  assert.deepEqual((await post('/raw/1.0', '{"Computer":"m3"}\nEventCode=4624')).answer, SUCCESS);
  assert.deepEqual(stored(), [xml('m1'), xml('m2'), '{"Computer":"m3"}', 'EventCode=4624']);
  assert.deepEqual(
    records
      .slice(0, 3)
      .map(({ key }) => key)
      .filter((key) => key === null || key === undefined),
    [],
  );
});

test('without a token, with a wrong scheme, an unknown token and an expired one', async (t) => {
  const expires = new Date(NOW_MS - 1000).toISOString();
  const tokens = { fleet: TOKEN, old: { token: 'o'.repeat(36), expires } };
  const { post, records, ask } = await startInput(t, { tokens });
  const event = '{"event":"a"}';
  const basic = (password: string): string => `Basic ${Buffer.from(`x:${password}`).toString('base64')}`;
  for (const [authorization, status, code, text] of [
    [undefined, 401, 2, 'Token is required'],
    [`Bearer ${TOKEN}`, 401, 3, 'Invalid authorization'],
    ['Splunk', 401, 3, 'Invalid authorization'],
    [`Splunk ${TOKEN}x`, 403, 4, 'Invalid token'],
    [basic('other'), 403, 4, 'Invalid token'],
    [`Splunk ${'o'.repeat(36)}`, 403, 1, 'Token disabled'],
    [`Splunk ${TOKEN}`, 200, 0, 'Success'],
    [`splunk ${TOKEN}`, 200, 0, 'Success'],
    [basic(TOKEN), 200, 0, 'Success'],
  ] as const) {
    const found = await post('/event', event, authorization === undefined ? {} : { authorization });
    assert.deepEqual([found.status, found.answer], [status, { text, code }], authorization);
  }
  assert.equal((await post(`/event?token=${TOKEN}`, event)).status, 401, 'a token in an address ends up in logs');
  assert.equal((await ask('/health')).status, 200);
  assert.deepEqual(
    records.map(({ headers }) => headers?.['sender']),
    ['fleet', 'fleet', 'fleet'],
  );
});

test('what a token may not send is refused and not stored', async (t) => {
  const { post, stored } = await startInput(t, { tokens: { web: { token: TOKEN, hosts: ['web-*'] } } });
  const event = (computer: string) =>
    JSON.stringify({
      event: {
        ProviderName: 'p',
        EventID: 1,
        Computer: computer,
        Channel: 'System',
        EventRecordID: 1,
        TimeCreated: '2026-11-20 09:00:00 +0000',
      },
    });
  const { status, answer, detail } = await post('/event', event('web-1') + event('dc01'), {
    authorization: `Splunk ${TOKEN}`,
  });
  assert.deepEqual([status, answer['code'], answer['invalid-event-number']], [400, 6, 1]);
  assert.match(String(detail), /host_not_allowed/u);
  assert.deepEqual(stored(), [event('web-1')]);
});

test('ids are given on a channel, reported once, and not to another sender', async (t) => {
  const tokens = { one: TOKEN, two: 'b'.repeat(36) };
  const { post } = await startInput(t, { tokens });
  const own = { authorization: `Splunk ${TOKEN}`, 'x-splunk-request-channel': CHANNEL };
  const foreign = { ...own, authorization: `Splunk ${'b'.repeat(36)}` };
  assert.deepEqual((await post('/event', '{"event":"a"}', own)).answer, { ...SUCCESS, ackId: 0 });
  assert.deepEqual((await post(`/raw?channel=${CHANNEL}`, '{"a":1}', { authorization: own.authorization })).answer, {
    ...SUCCESS,
    ackId: 1,
  });
  assert.equal((await post('/event', '{}', own)).answer['ackId'], undefined, 'what is refused has no id');
  const question = '{"acks":[0,1,2]}';
  assert.deepEqual((await post('/ack', question, foreign)).answer, { acks: { 0: false, 1: false, 2: false } });
  assert.deepEqual((await post(`/ack?channel=${CHANNEL}`, question, own)).answer, {
    acks: { 0: true, 1: true, 2: false },
  });
  assert.deepEqual((await post('/ack', question, own)).answer, { acks: { 0: false, 1: false, 2: false } });
  const { authorization } = own;
  assert.deepEqual((await post('/ack', question, { authorization })).answer, {
    text: 'Data channel is missing',
    code: 10,
  });
  assert.deepEqual((await post('/ack?channel=x', question, { authorization })).answer, {
    text: 'Invalid data channel',
    code: 11,
  });
  assert.deepEqual((await post('/ack', '{"acks":1}', own)).answer, { text: 'Invalid data format', code: 6 });
});

test('Kafka gone: health says so before anybody sends; code 9 with Retry-After, and no id', async (t) => {
  const { ask, post, state } = await startInput(t);
  const healthy = { text: 'HEC is healthy', code: 17 };
  assert.deepEqual((await ask('/health/1.0')).answer, healthy);
  state.isAway = true;
  const health = await ask('/health');
  assert.deepEqual([health.status, health.answer], [503, { text: 'Server is busy', code: 9 }]);
  const refused = await post('/event', '{"event":"a"}', { 'x-splunk-request-channel': CHANNEL });
  assert.deepEqual(
    [refused.status, refused.answer, refused.retryAfter],
    [503, { text: 'Server is busy', code: 9 }, '5'],
  );
  state.isAway = false;
  assert.deepEqual((await ask('/health')).answer, healthy);
  assert.equal((await post('/event', '{"event":"a"}', { 'x-splunk-request-channel': CHANNEL })).answer['ackId'], 0);
});

test('no room: code 9 and never 429; health says that queues are full', async (t) => {
  const { ask, intake, post } = await startInput(t, {}, 100_000);
  const room = intake.reserve();
  room.grow(100_000);
  const event = `{"event":"${'a'.repeat(40_000)}"}`;
  const { status, answer, retryAfter } = await post('/event', event);
  assert.deepEqual([status, answer, retryAfter], [503, { text: 'Server is busy', code: 9 }, '1']);
  assert.deepEqual((await ask('/health')).answer, { text: 'HEC is unhealthy, queues are full', code: 18 });
  room.release();
  assert.equal((await ask('/health')).status, 200);
  assert.equal((await post('/event', event)).status, 200);
});

test('a page of another site reaches nothing', async (t) => {
  const { post, stored } = await startInput(t);
  assert.equal(
    (await post('/event', '{"event":"a"}', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })).status,
    403,
  );
  assert.deepEqual(stored(), []);
});

test('an event that Kafka refuses for its size is answered and logged as lost', async (t) => {
  const { lines, post, state } = await startInput(t);
  state.mostBytes = 1000;
  const { status, answer, detail } = await post('/event', `{"event":"a"}{"event":"${'x'.repeat(2000)}"}`);
  assert.deepEqual([status, answer['code'], answer['invalid-event-number']], [400, 6, 1]);
  assert.match(String(detail), /^too_large: Kafka refuses the event/u);
  const lost = lines.filter(({ msg }) => String(msg).startsWith('an event is lost'));
  assert.equal(lost.length, 1);
  await post('/event', '{"time":1}');
  assert.equal(lines.filter(({ level }) => level === 50).length, 1, 'what is kept as a dead letter is not lost');
});
