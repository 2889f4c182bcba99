// The HTTP input over real sockets, Kafka's answers made up: what holds room or a place without
// using it keeps nobody else out.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as requestTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import * as zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import { choosePort } from '../../../../deploy/local/ports.ts';
import { collectorSchema } from '../../../../services/collector/config.ts';
import { httpInput } from '../../../../services/collector/inputs/http/http.ts';
import { createIntake } from '../../../../services/collector/intake.ts';
import { declareCollectorMetrics } from '../../../../services/collector/metrics.ts';
import type { OutRecord } from '../../../../shared/contracts/record.ts';
import { createRegistry } from '../../../../shared/runtime/metrics.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { recordedLog } from '../../../support/log.ts';
import { isReady } from '../../../support/collector-input.ts';
import { until } from '../../../support/until.ts';

const MIB = 1024 * 1024;

interface StartOptions {
  readonly answered?: Promise<void>;
  readonly deliverTimeoutMs?: number;
  readonly maxRecordBytes?: number;
}

async function startInput(
  t: TestContext,
  http: Readonly<Record<string, unknown>> = {},
  { answered = Promise.resolve(), ...limits }: StartOptions = {},
) {
  const port = await choosePort();
  const { collector } = collectorSchema.parse({ collector: { ...limits, http: { port, ...http } } });
  const metrics = declareCollectorMetrics(createRegistry('test'));
  const records: OutRecord[] = [];
  const send = async (sent: readonly OutRecord[]) => {
    records.push(...sent);
    await answered;
    return sent.map((_, index) => ({ partition: 0, offset: String(index) }));
  };
  const { log, lines } = recordedLog();
  const intake = createIntake({ producer: { send, ready: isReady }, metrics, ...collector });
  const running = await httpInput.start(collector.http, { intake, metrics, log, now: Date.now });
  t.after(async () => await running.stop(AbortSignal.abort()));
  const url = `http://127.0.0.1:${port}/v1/events`;
  const post = async (body: string | Buffer = '{"a":1}', headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(url, { method: 'POST', body, headers: { connection: 'close', ...headers } });
    return { status: response.status, answer: (await response.json()) as Readonly<Record<string, unknown>> };
  };
  return { port, metrics, lines, records, running, post };
}

/** A connection that says what it is given to say, and no more. */
async function open(t: TestContext, port: number, words = ''): Promise<Socket & { received: string }> {
  const socket = Object.assign(connect(port, '127.0.0.1'), { received: '' });
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    socket.received += chunk.toString('latin1');
  });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  if (words !== '') socket.write(words);
  return socket;
}

const head = (length: number, more = ''): string =>
  `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n${more}\r\n`;

test('lengths that are declared and never sent take no room from others [security H4] [cluster C1]', async (t) => {
  const { port, metrics, post } = await startInput(t);
  const slow = await Promise.all(Array.from({ length: 8 }, async () => await open(t, port, `${head(8 * MIB)}{`)));
  const held = async (): Promise<number> => (await metrics.inFlightBytes.get()).values[0]?.value ?? 0;
  await until('all have begun', async () => (await held()) > 0 && slow.every(({ bytesWritten }) => bytesWritten > 0));
  assert.ok((await held()) < MIB);
  assert.equal((await post()).status, 200);
});

test('events that Kafka has not answered for count as in flight after their 503', async (t) => {
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { metrics, post } = await startInput(t, {}, { answered, deliverTimeoutMs: 100 });
  const held = async (): Promise<number> => (await metrics.inFlightBytes.get()).values[0]?.value ?? 0;
  assert.equal((await post()).status, 503);
  const ofOne = await held();
  assert.ok(ofOne > 0);
  assert.equal((await post()).status, 503);
  assert.equal(await held(), 2 * ofOne);
  answer();
  await until('all is released', async () => (await held()) === 0);
});

test('what is refused beside events is kept with its sender, and the answer says that it was refused', async (t) => {
  const { metrics, records, post } = await startInput(t);
  const event = '{"Computer":"MEDIA01"}';
  const { status, answer } = await post(`${event}\n{"broken":\n17\n`, { 'user-agent': 'test' });
  assert.deepEqual([status, answer['accepted'], answer['rejected']], [200, 1, 2]);
  assert.deepEqual(
    records.map(({ value, headers }) => [String(value), headers?.['sender'], headers?.['agent']]),
    [event, '{"broken":', '17'].map((value) => [value, '127.0.0.1', 'test']),
  );
  const counted = (await metrics.eventsReceived.get()).values.map(({ labels, value }) => [labels['outcome'], value]);
  assert.deepEqual(counted, [
    ['stored', 1],
    ['invalid_json', 1],
    ['not_an_object', 1],
  ]);
  assert.equal((await post('{"broken":\n17\n')).status, 400);
  assert.equal(records.length, 3);
});

test('bodies come compressed by gzip, deflate with and without its header, and zstd where the runtime has it', async (t) => {
  const { post, records } = await startInput(t);
  const event = `{"a":"${'x'.repeat(100_000)}"}`;
  const { zstdCompressSync } = zlib as { readonly zstdCompressSync?: (bytes: string) => Buffer };
  const bodies: readonly (readonly [string, Buffer])[] = [
    ['gzip', gzipSync(event)],
    ['X-GZIP', gzipSync(event)],
    ['deflate', zlib.deflateSync(event)],
    ['deflate', zlib.deflateRawSync(event)],
    ...(zstdCompressSync === undefined ? [] : [['zstd', zstdCompressSync(event)] as const]),
  ];
  for (const [coding, body] of bodies) {
    assert.equal((await post(body, { 'content-encoding': coding })).status, 200, coding);
    assert.equal(String(records.at(-1)?.value), event, coding);
    const cut = await post(body.subarray(0, -9), { 'content-encoding': coding });
    assert.deepEqual([cut.status, cut.answer['error']], [400, `invalid_${coding.toLowerCase().replace('x-', '')}`]);
  }
  assert.equal(records.length, bodies.length);
  const refused = await post('x', { 'content-encoding': zstdCompressSync === undefined ? 'zstd' : 'br' });
  assert.equal(refused.status, 415);
  assert.match(String(refused.answer['message']), /gzip, deflate, /u);
});

test('what follows the end of compressed data is unpacked or refused, and never dropped', async (t) => {
  const { post, records } = await startInput(t);
  const { zstdCompressSync } = zlib as { readonly zstdCompressSync?: (bytes: string) => Buffer };
  const codings: readonly (readonly [string, (text: string) => Buffer])[] = [
    ['deflate', zlib.deflateSync],
    ['deflate', zlib.deflateRawSync],
    ...(zstdCompressSync === undefined ? [] : [['zstd', zstdCompressSync] as const]),
  ];
  const [first, second] = ['{"a":1}\n', '{"a":2}\n'];
  for (const [coding, pack] of codings)
    for (const rest of [pack(second), Buffer.alloc(1), Buffer.alloc(MIB)]) {
      const refused = await post(Buffer.concat([pack(first), rest]), { 'content-encoding': coding });
      assert.deepEqual([refused.status, refused.answer['error']], [400, `invalid_${coding}`]);
      assert.match(String(refused.answer['message']), /after the end of its compressed data/u);
    }
  assert.equal(records.length, 0);
  const two = await post(Buffer.concat([gzipSync(first), gzipSync(second)]), { 'content-encoding': 'gzip' });
  assert.deepEqual([two.status, two.answer['accepted']], [200, 2]);
});

test('gzip without its header field is unpacked, within the same limits', async (t) => {
  const { port, records } = await startInput(t, { maxDecodedBytes: 100_000 });
  const send = async (text: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/v1/events`, { method: 'POST', body: gzipSync(text) })).status;
  assert.equal(await send('{"a":1}\n{"a":2}'), 200);
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    ['{"a":1}', '{"a":2}'],
  );
  assert.equal(await send(`{"a":"${'x'.repeat(200_000)}"}`), 413);
});

test('a target with scheme and host, or with a slash at its end, is the same path', async (t) => {
  const { port } = await startInput(t);
  for (const [target, status] of [
    [`http://127.0.0.1:${port}/v1/events`, 200],
    [`HTTP://127.0.0.1:${port}/v1/events/?x=1`, 200],
    ['/v1/events/', 200],
    ['/v1/events//', 404],
    ['/', 404],
  ] as const) {
    const socket = await open(t, port, `${head(7).replace('/v1/events', target)}{"a":1}`);
    await until(target, () => socket.received.startsWith(`HTTP/1.1 ${status}`));
  }
});

test('a body that stops is ended with 408, and gives its room back [security H4] [cluster C1]', async (t) => {
  const { port, metrics } = await startInput(t, { bodyStallMs: 200 });
  const slow = await open(t, port, `${head(8 * MIB)}{`);
  const packed = await open(t, port, head(8 * MIB, 'Content-Encoding: gzip\r\n'));
  packed.write(gzipSync('{}').subarray(0, 5));
  await until('both are reported', () => [slow, packed].every(({ received }) => received.startsWith('HTTP/1.1 408')));
  await until('the room is free', async () => (await metrics.inFlightBytes.get()).values[0]?.value === 0);
});

test('a client that goes away in the middle of its body gives the room back, and is no bug to log [security M3]', async (t) => {
  const { port, metrics, lines } = await startInput(t);
  const held = async (): Promise<number> => (await metrics.inFlightBytes.get()).values[0]?.value ?? 0;
  for (const more of ['', 'Content-Encoding: gzip\r\n']) {
    const client = await open(t, port, head(8 * MIB, more));
    client.write(gzipSync('{}').subarray(0, 5));
    await until('it has begun', async () => (await held()) > 0);
    client.destroy();
    await until('the room is free', async () => (await held()) === 0);
  }
  assert.deepEqual(
    lines.filter(({ level }) => Number(level) >= 50),
    [],
  );
});

test('a body in chunks of a byte takes the room that a body in one takes [security H4]', async (t) => {
  const { port, metrics } = await startInput(t);
  const chunks = '1\r\n \r\n'.repeat(50_000);
  await open(t, port, `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
  const held = async (): Promise<number> => (await metrics.inFlightBytes.get()).values[0]?.value ?? 0;
  await until('it arrived', async () => (await held()) >= 50_000);
  assert.ok((await held()) <= 131_072);
});

test('silent connections make room for one that sends [security M3] [cluster C2]', async (t) => {
  const { port, metrics, lines, post } = await startInput(t, { maxConnections: 20, maxConnectionsPerAddress: 20 });
  const silent = await Promise.all(Array.from({ length: 60 }, async () => await open(t, port)));
  await until('some were closed', () => silent.filter(({ closed }) => closed).length >= 40);
  assert.equal((await post()).status, 200);
  const { values } = await metrics.connectionsEnded.get();
  assert.ok(values.some(({ labels, value }) => labels['reason'] === 'made_room' && value >= 40));
  assert.equal(lines.filter(({ msg }) => msg === 'a connection was closed by this side').length, 1);
});

test('an idle keep-alive connection makes room, one with a request under way does not [security M3]', async (t) => {
  const { port, post, running } = await startInput(t, { maxConnections: 3, maxConnectionsPerAddress: 3 });
  const busy = [await open(t, port, `${head(7)}{`), await open(t, port, `${head(7)}{`)];
  const idle = await open(t, port, `${head(7)}{"a":1}`);
  await until('it is answered', () => idle.received.startsWith('HTTP/1.1 200'));
  assert.equal(await running.ready(), undefined);
  assert.equal((await post()).status, 200);
  await until('the idle one is closed', () => idle.closed);
  for (const socket of busy) socket.write('"a":1}');
  await until('the others are served', () => busy.every(({ received }) => received.startsWith('HTTP/1.1 200')));
});

test('when all connections are busy, the next is refused with 503, and so is readiness [cluster C2]', async (t) => {
  const { port, metrics, running } = await startInput(t, { maxConnections: 2, maxConnectionsPerAddress: 2 });
  const busy = [await open(t, port, `${head(7)}{`), await open(t, port, `${head(7)}{`)];
  await until('both are under way', async () => (await running.ready())?.includes('maxConnections') === true);
  const late = await open(t, port, `${head(7)}{"a":1}`);
  await until('it is reported', () => late.received.startsWith('HTTP/1.1 503') && late.received.includes('"full"'));
  const length = Number(/Content-Length: (?<length>\d+)/u.exec(late.received)?.groups?.['length']);
  assert.equal(late.received.split('\r\n\r\n')[1]?.length, length);
  assert.ok((await metrics.connectionsEnded.get()).values.some(({ labels }) => labels['reason'] === 'address_limit'));
  for (const socket of busy) socket.write('"a":1}');
  await until('a place is free', async () => (await running.ready()) === undefined);
});

test('one address has half of the connections and no more [security M3]', async (t) => {
  const { port, metrics } = await startInput(t, { maxConnections: 8 });
  const four = async () => await Promise.all(Array.from({ length: 4 }, async () => await open(t, port, `${head(7)}{`)));
  await four();
  await until('four are under way', async () => (await metrics.inFlightBytes.get()).values[0]?.value === 4 * 7);
  await four();
  await until('four were turned away', async () => {
    const { values } = await metrics.connectionsEnded.get();
    return values.some(({ labels, value }) => labels['reason'] === 'address_limit' && value === 4);
  });
});

const file = (name: string): string => packagePath('test', 'data', 'tls', `${name}.pem`);
const TLS = { tlsCert: file('server'), tlsKey: file('server-key') };

interface TlsCall {
  readonly port: number;
  readonly certificate?: string;
  readonly authorization?: string;
  readonly body?: string;
}

async function postTls({ port, certificate, authorization, body = '{"a":1}' }: TlsCall) {
  const own =
    certificate === undefined
      ? {}
      : { cert: readFileSync(file(certificate)), key: readFileSync(file(`${certificate}-key`)) };
  const headers = { connection: 'close', ...(authorization === undefined ? {} : { authorization }) };
  return await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/v1/events', method: 'POST', agent: false, headers, ...own };
    const sending = requestTls({ ...options, ca: readFileSync(file('authority')) }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

test('connections without a TLS handshake make room for one that sends [security M3]', async (t) => {
  const { port } = await startInput(t, { ...TLS, maxConnections: 20, maxConnectionsPerAddress: 20 });
  const silent = await Promise.all(Array.from({ length: 60 }, async () => await open(t, port)));
  await until('some were closed', () => silent.filter(({ closed }) => closed).length >= 40);
  assert.equal((await postTls({ port })).status, 200);
});

const event = (computer: string): string =>
  `{"winlog":{"computer_name":"${computer}","event_id":"309","provider_name":"WMServer"}}`;

test('a client certificate is a sender, for the hosts of its entry [security H2]', async (t) => {
  const { port, records } = await startInput(t, {
    ...TLS,
    clientCaFile: file('authority'),
    clientCertificates: [{ subject: 'web-*.corp.example', hosts: ['WEB-1*'] }],
    tokens: { fleet: 'a'.repeat(16) },
  });
  assert.equal((await postTls({ port, certificate: 'agent', body: event('web-1') })).status, 200);
  const { 'sender-address': address, 'sender-kind': kind, 'sender-hosts': hosts, sender } = records[0]?.headers ?? {};
  assert.deepEqual([sender, kind, address, hosts], ['web-1.corp.example', 'certificate', '127.0.0.1', 'WEB-1*']);
  const foreign = await postTls({ port, certificate: 'agent', body: `${event('DB01')}\n${event('web-12')}` });
  assert.equal(foreign.status, 200);
  assert.match(foreign.text, /"rejected":1.*"index":0,"reason":"host_not_allowed"/u);
  assert.equal((await postTls({ port, certificate: 'stranger' })).status, 401);
  assert.equal((await postTls({ port })).status, 401);
  const authorization = `Bearer ${'a'.repeat(16)}`;
  assert.equal((await postTls({ port, certificate: 'stranger', authorization })).status, 200);
  const byToken = records.at(-1)?.headers ?? {};
  assert.deepEqual(
    [byToken['sender'], byToken['sender-kind'], byToken['sender-address']],
    ['fleet', 'token', '127.0.0.1'],
  );
});

test('gzip of very many members takes time in proportion to its size [security H3]', async (t) => {
  const { port } = await startInput(t);
  const send = async (count: number): Promise<number> => {
    const body = Buffer.concat([...Array.from({ length: count }, () => gzipSync('')), gzipSync('{}')]);
    const before = process.cpuUsage();
    const socket = await open(t, port, head(body.length, 'Content-Encoding: gzip\r\nConnection: close\r\n'));
    socket.write(body);
    await until('it is answered', () => socket.received.startsWith('HTTP/1.1 200'));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const small = await send(20_000);
  const large = await send(80_000);
  assert.ok(large < 1000 || large < 8 * small, `${small} ms, ${large} ms`);
});

test('of an event that is too large the beginning is kept beside good ones; alone it stays with its sender', async (t) => {
  const { post, records, lines } = await startInput(t, {}, { maxRecordBytes: 1024 });
  const large = `{"a":"${'x'.repeat(3000)}"}`;
  const { status, answer } = await post(`{"b":1}\n${large}\n{"c":1}`);
  assert.equal(status, 200);
  assert.deepEqual([answer['accepted'], answer['rejected']], [2, 1]);
  const [error] = answer['errors'] as readonly { readonly index: number; readonly reason: string }[];
  assert.deepEqual([error?.index, error?.reason], [1, 'too_large']);
  const values = records.map(({ value }) => String(value));
  assert.deepEqual(values, ['{"b":1}', '{"c":1}', large.slice(0, 1024)]);
  assert.equal((await post(large)).status, 400);
  assert.equal(records.length, 3);
  assert.deepEqual(
    lines.filter(({ level }) => Number(level) >= 50),
    [],
  );
});
