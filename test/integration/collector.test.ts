// The collector over real HTTP into real Kafka: what is confirmed is there byte for byte, what is
// hostile harms nobody beside it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { choosePort } from '../../deploy/local/ports.ts';
import type { EventsAnswer } from '../../services/collector/inputs/http/answer.ts';
import type { InRecord } from '../../shared/contracts/record.ts';
import { testKafka } from '../support/kafka.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { metricSum, type ServiceProcess, startService } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { skipHere } from '../support/needs.ts';

const MIB = 1024 * 1024;
const MAX_RSS_MB = 250;
const XML =
  '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Computer>m1</Computer></System></Event>';

interface TestCollector {
  readonly service: ServiceProcess;
  readonly url: string;
  readonly port: number;
  stored(count: number): Promise<readonly string[]>;
  records(count: number): Promise<readonly InRecord[]>;
}

async function startCollector(
  t: TestContext,
  env: Readonly<Record<string, string>> = {},
  brokers?: string,
): Promise<TestCollector> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-collector-'));
  let service: ServiceProcess | undefined;
  const kafka = await testKafka(t, brokers === undefined ? {} : { brokers: [brokers] });
  t.after(async () => {
    await service?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const port = await choosePort();
  service = await startService(
    'collector',
    {
      KAFKA_BROKERS: kafka.settings.brokers.join(','),
      FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
      FOGHORN_COLLECTOR_HTTP_PORT: String(port),
      ...env,
    },
    folder,
  );
  return {
    service,
    port,
    url: `http://127.0.0.1:${port}/v1/events`,
    stored: async (count) => (await kafka.readUntil('raw', count)).map(({ value }) => String(value)),
    records: async (count) => await kafka.readUntil('raw', count),
  };
}

async function post(url: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, { method: 'POST', body, headers });
  return {
    status: response.status,
    headers: response.headers,
    answer: (await response.json()) as EventsAnswer & { error?: string },
  };
}

async function rssMegabytes(service: ServiceProcess): Promise<number> {
  return (await metricSum(service, 'process_resident_memory_bytes')) / MIB;
}

test('what is confirmed lies in Kafka byte for byte, at the offsets that were reported', async (t) => {
  const { url, stored } = await startCollector(t);
  const odd = '{"n":9007199254740993.10,  "t":"ü\\u00fc","winlog":{"computer_name":"m1"}}';
  const lines = await post(url, `${odd}\r\n{"a":1}\n`, { 'content-type': 'application/x-ndjson' });
  assert.equal(lines.status, 200);
  assert.deepEqual([lines.answer.accepted, lines.answer.rejected], [2, 0]);
  const count = lines.answer.offsets.reduce((sum, { first, last }) => sum + Number(last) - Number(first) + 1, 0);
  assert.equal(count, 2);
  assert.equal((await post(url, `[${odd} , {"a":2}]`)).answer.accepted, 2);
  assert.equal(
    (await post(url, gzipSync(`<Events>${XML}${XML}</Events>`), { 'content-encoding': 'gzip' })).answer.accepted,
    2,
  );
  assert.equal((await post(url, Buffer.from(`\uFEFF${XML}`, 'utf16le'))).answer.accepted, 1);
  const values = await stored(7);
  assert.equal(values.length, 7);
  for (const text of [odd, '{"a":1}', '{"a":2}', XML]) assert.ok(values.includes(text), text);
  assert.equal(values.filter((value) => value === odd).length, 2);
});

test('good events beside bad ones are kept, and each bad one is named', async (t) => {
  const { url, stored } = await startCollector(t, { FOGHORN_COLLECTOR_MAX_RECORD_BYTES: '1024' });
  const big = JSON.stringify({ text: 'x'.repeat(2000) });
  const { status, answer } = await post(url, ['{"a":1}', 'broken', big, '[7]', '{"a":2}'].join('\n'));
  assert.equal(status, 200);
  assert.deepEqual(
    answer.errors.map(({ index, reason }) => [index, reason]),
    [
      [1, 'invalid_json'],
      [2, 'too_large'],
      [3, 'not_an_object'],
    ],
  );
  // What is refused is kept for a dead letter, of what is too large the beginning. A list within
  // the lines is a list of events.
  assert.deepEqual([...(await stored(5))].sort(), ['7', 'broken', '{"a":1}', '{"a":2}', big.slice(0, 1024)]);
});

test('the headers state how an event came; the key is its computer, or else who sent it', async (t) => {
  const { url, records } = await startCollector(t);
  const before = Date.now();
  const agent = `agent/1 ${'é'.repeat(300)}`.slice(0, 100);
  await post(url, '{"winlog":{"computer_name":"MEDIA01"}}', { 'user-agent': agent });
  await post(url, Buffer.from(`\uFEFF${XML}`, 'utf16le'));
  await post(url, '{"a":1}');
  const found = await records(3);
  const byKey = new Map(found.map((record) => [String(record.key), record.headers]));
  assert.deepEqual([...byKey.keys()].sort(), ['127.0.0.1', 'm1', 'media01']);
  const { received, ...json } = byKey.get('media01') ?? {};
  assert.ok(Number(received) >= before && Number(received) <= Date.now());
  assert.match(json['agent'] ?? '', /^agent\/1 [\u0020-\u007e]+$/u);
  assert.deepEqual([json['input'], json['sender'], json['format']], ['http', '127.0.0.1', 'json']);
  assert.deepEqual([byKey.get('m1')?.['format'], byKey.get('m1')?.['encoding']], ['xml', 'utf-16le']);
});

test('one computer may send more in a request than its partition takes in a batch', async (t) => {
  const { url, stored } = await startCollector(t);
  const event = `{"winlog":{"computer_name":"m1"},"text":"${'x'.repeat(20_000)}"}`;
  const count = Math.ceil((6 * MIB) / event.length);
  const { status, answer } = await post(url, Array.from({ length: count }, () => event).join('\n'));
  assert.deepEqual([status, answer.accepted], [200, count]);
  assert.equal((await stored(count)).length, count);
});

test('a flood of tiny events is answered in bounded memory', async (t) => {
  const { url, service } = await startCollector(t);
  const flood = '{}\n'.repeat(20_000);
  const reported = await Promise.all(Array.from({ length: 40 }, async () => (await post(url, flood)).status));
  assert.ok(reported.includes(200) && reported.every((status) => status === 200 || status === 429), reported.join(' '));
  const peak = Number(/VmHWM:\s+(?<kb>\d+)/u.exec(await readFile(`/proc/${service.pid()}/status`, 'utf8'))?.[1]) / 1024;
  t.diagnostic(`${Math.round(peak)} MB`);
  assert.ok(peak < MAX_RSS_MB, `${peak} MB`);
  await until('served again', async () => (await post(url, '{"a":1}')).status === 200);
});

test('a stop under fire ends at once and cleanly, and what was confirmed is there', async (t) => {
  const { url, service, stored } = await startCollector(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const reported: string[] = [];
  const once = async (): Promise<string> =>
    await new Promise((resolve) => {
      const sending = request(url, { agent, method: 'POST' }, (response) => {
        response.resume().on('end', () => resolve(`${response.statusCode} ${response.headers.connection}`));
      });
      sending.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      sending.end('{"a":1}');
    });
  const sending = (async () => {
    while (reported.at(-1)?.startsWith('200') !== false) reported.push(await once());
  })();
  await until('some were answered', () => reported.length > 10);
  assert.equal(await service.stop(), 0);
  await sending;
  const confirmed = reported.filter((answer) => answer.startsWith('200')).length;
  assert.ok((await stored(confirmed)).length >= confirmed);
});

test('hostile bodies get a clear answer while good ones go through, in bounded memory', async (t) => {
  const { url, service, stored } = await startCollector(t);
  const bomb = gzipSync(Buffer.alloc(400 * MIB, 0x20));
  const entities = `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(50)}">]><lolz>&a;</lolz>`;
  const hostile: readonly [string, number, string, string | Buffer, Readonly<Record<string, string>>?][] = [
    ['an empty body', 400, 'empty', ''],
    ['white space', 400, 'empty', ' \n '],
    ['neither JSON nor XML', 400, 'rejected', 'hello world'],
    ['other XML with entities', 400, 'rejected', entities],
    ['broken UTF-8', 400, 'rejected', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['random bytes', 400, 'rejected', randomBytes(10_000)],
    ['a line of 50 MB', 413, 'too_large', Buffer.alloc(50 * MIB, 0x7b)],
    ['a gzip bomb', 413, 'too_large', bomb, { 'content-encoding': 'gzip' }],
    ['no gzip', 400, 'invalid_gzip', 'hello', { 'content-encoding': 'gzip' }],
    [
      'gzip cut off',
      400,
      'invalid_gzip',
      gzipSync(randomBytes(5000)).subarray(0, 2000),
      { 'content-encoding': 'gzip' },
    ],
    ['another encoding', 415, 'unsupported_encoding', 'x', { 'content-encoding': 'br' }],
    ['far too many events', 413, 'too_many_events', '{}\n'.repeat(50_000)],
  ];
  for (const [index, [name, status, code, body, headers]] of hostile.entries()) {
    const [bad, good] = await Promise.all([post(url, body, headers), post(url, `{"good":${index}}`)]);
    assert.equal(bad.status, status, name);
    assert.equal(bad.answer.error ?? 'rejected', code, name);
    assert.equal(good.status, 200, `a good one beside ${name}`);
  }
  assert.equal((await stored(hostile.length)).length, hostile.length);
  assert.ok((await rssMegabytes(service)) < MAX_RSS_MB);
  const inFlight = [...(await service.metrics('foghorn_in_flight_bytes')).values()];
  assert.deepEqual(inFlight, [0], 'the budget is whole again');
});

test('beyond the budget: 429 with Retry-After; the connection that held it gone, senders are served again', async (t) => {
  const { url, port, service } = await startCollector(t, { FOGHORN_COLLECTOR_MAX_IN_FLIGHT_BYTES: String(MIB) });
  const hog = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/v1/events',
    headers: { 'content-length': String(MIB - 10) },
  });
  hog.on('error', () => undefined);
  hog.write(' '.repeat(MIB - 20));
  await until('it has come', async () => (await metricSum(service, 'foghorn_in_flight_bytes')) > MIB / 2);
  const refused = await until('the budget is spent', async () => {
    const answer = await post(url, `{"a":"${'x'.repeat(100)}"}`);
    return answer.status === 429 ? answer : undefined;
  });
  assert.equal(refused.answer.error, 'overloaded');
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/u);
  hog.destroy();
  await until('served again', async () => (await post(url, '{"a":1}')).status === 200);
});

test('a request that stalls is ended and gives its bytes back', async (t) => {
  const { url, port } = await startCollector(t, {
    FOGHORN_COLLECTOR_MAX_IN_FLIGHT_BYTES: '65536',
    FOGHORN_COLLECTOR_HTTP_BODY_TIMEOUT_MS: '1000',
  });
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.write('POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65000\r\n\r\n{');
  await until('the stalled request is answered', () => text.includes('408'));
  await until('served again', async () => (await post(url, `{"a":"${'x'.repeat(60_000)}"}`)).status === 200);
});

test('Kafka hangs, goes on, dies: 503 or 429 with Retry-After in time, memory bounded, nothing confirmed is lost', async (t) => {
  const servers = await startOwnServers(t, ['kafka']);
  if (typeof servers === 'string') {
    skipHere(t, 'servers', servers);
    return;
  }
  const own = servers.kafka;
  const settings = { KAFKA_BROKERS: own.address, FOGHORN_COLLECTOR_DELIVER_TIMEOUT_MS: '500' };
  const { url, service, stored } = await startCollector(t, settings, own.address);
  // The first send on a new broker may take longer than the half second.
  await until('served', async () => (await post(url, '{"first":1}')).status === 200);
  own.hang();
  const body = `{"a":"${'x'.repeat(900)}"}\n`.repeat(1000);
  const refused = await Promise.all(Array.from({ length: 100 }, async () => await post(url, body)));
  for (const { status, headers } of refused) {
    assert.ok(status === 503 || status === 429, String(status));
    assert.match(headers.get('retry-after') ?? '', /^\d+$/u);
  }
  assert.ok(refused.some(({ status }) => status === 429) && refused.some(({ status }) => status === 503));
  assert.ok((await rssMegabytes(service)) < MAX_RSS_MB, `${await rssMegabytes(service)} MB`);
  own.goOn();
  await until('served again', async () => (await post(url, '{"again":1}')).status === 200, 120_000);
  const values = await stored(2);
  assert.ok(values.includes('{"first":1}') && values.includes('{"again":1}'));
  await own.kill();
  const dead = await post(url, '{"a":1}');
  assert.equal(dead.status, 503);
  await until('not ready', async () => !(await fetch(`http://127.0.0.1:${service.adminPort}/readyz`)).ok);
});

test('tokens: only who has one may send, and is the sender', async (t) => {
  const token = randomBytes(16).toString('hex');
  const { url } = await startCollector(t, { FOGHORN_COLLECTOR_HTTP_TOKENS: JSON.stringify({ fleet: token }) });
  assert.equal((await post(url, '{}')).status, 401);
  assert.equal((await post(url, '{}', { authorization: `Bearer ${token}x` })).status, 401);
  assert.equal((await post(url, '{}', { authorization: `Bearer ${token}` })).status, 200);
});

test('who is refused while still sending gets the answer, and is not read for ever', async (t) => {
  const { port } = await startCollector(t);
  for (let round = 0; round < 10; round += 1) {
    const reported = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.on('error', reject);
      socket.on('end', () => resolve(text));
      socket.write(`POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${20 * MIB}\r\n\r\n`);
      socket.end(Buffer.alloc(20 * MIB, 0x20));
    });
    assert.match(reported, /^HTTP\/1.1 413 .*"error":"too_large"/su);
  }
  const endless = connect(port, '127.0.0.1');
  let isClosed = false;
  endless
    .on('error', () => undefined)
    .on('close', () => {
      isClosed = true;
    });
  endless.write(`POST /v1/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 0x20), Buffer.from('\r\n')]);
  await until('the endless one was cut', () => {
    if (endless.writableLength < 4 * MIB) endless.write(chunk);
    return isClosed;
  });
});

test('other paths and methods learn where to go; a client that asks first is refused before it sends', async (t) => {
  const { url, port } = await startCollector(t);
  assert.equal((await fetch(url)).status, 405);
  assert.equal((await fetch(url.replace('events', 'nothing'))).status, 404);
  const headers = { expect: '100-continue', 'content-length': String(100 * MIB) };
  const status = await new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, method: 'POST', path: '/v1/events', headers });
    asking.on('continue', () => reject(new Error('it was asked to go on')));
    asking.on('response', (response) => resolve(response.statusCode));
    asking.on('error', reject);
    asking.flushHeaders();
  });
  assert.equal(status, 413);
});
