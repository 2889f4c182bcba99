// The Lumberjack input over real sockets, Kafka's answers made up: what is acknowledged and when,
// and what ends a connection.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { choosePort } from '../../../../../deploy/local/ports.ts';
import { collectorSchema } from '../../../../../services/collector/config.ts';
import { lumberjackInput } from '../../../../../services/collector/inputs/lumberjack/lumberjack.ts';
import { createIntake } from '../../../../../services/collector/intake.ts';
import { declareCollectorMetrics } from '../../../../../services/collector/metrics.ts';
import type { OutRecord, RecordPosition } from '../../../../../shared/contracts/record.ts';
import { ConfigError } from '../../../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../../../shared/runtime/metrics.ts';
import {
  CA_CERTIFICATE,
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from '../../../../support/certificates.ts';
import { recordedLog } from '../../../../support/log.ts';
import { isReady } from '../../../../support/collector-input.ts';
import { eventFrame, frame, openLumberjack, windowOf } from '../../../../support/lumberjack.ts';
import { pemFiles } from '../../../../support/pem-files.ts';
import { until } from '../../../../support/until.ts';

interface Asked {
  readonly values: readonly string[];
  answer(): void;
}

async function startInput(
  t: TestContext,
  settings: Readonly<Record<string, unknown>> = {},
  { isSlow = false, maxRecordBytes = 100_000, maxInFlightBytes = 24 * 1024 * 1024 } = {},
) {
  const port = await choosePort();
  const { collector } = collectorSchema.parse({
    collector: { maxRecordBytes, maxInFlightBytes, lumberjack: { port, ...settings } },
  });
  const metrics = declareCollectorMetrics(createRegistry('test'));
  const records: OutRecord[] = [];
  const asked: Asked[] = [];
  const send = async (sent: readonly OutRecord[]): Promise<readonly RecordPosition[]> =>
    await new Promise((resolve) => {
      const answer = (): void => {
        records.push(...sent);
        resolve(sent.map((_, index) => ({ partition: 0, offset: String(index) })));
      };
      asked.push({ values: sent.map(({ value }) => String(value)), answer });
      if (!isSlow) answer();
    });
  const { log, lines } = recordedLog();
  const intake = createIntake({ producer: { send, ready: isReady }, metrics, ...collector });
  const running = await lumberjackInput.start(collector.lumberjack, { intake, metrics, log, now: Date.now });
  t.after(async () => await running.stop(AbortSignal.abort()));
  const connect = async () => {
    const connection = await openLumberjack(port);
    t.after(() => connection.socket.destroy());
    return connection;
  };
  const counted = async (name: 'connectionsEnded' | 'eventsReceived' | 'requests') =>
    Object.fromEntries(
      (await metrics[name].get()).values.map(({ labels, value }) => [
        labels['reason'] ?? labels['outcome'] ?? labels['status'],
        value,
      ]),
    );
  const inFlightBytes = async () => (await metrics.inFlightBytes.get()).values[0]?.value;
  return { port, metrics, lines, records, asked, running, connect, counted, inFlightBytes };
}

const valuesOf = (records: readonly OutRecord[]): readonly string[] => records.map(({ value }) => String(value));
const withoutSigns = (numbers: readonly number[]): readonly number[] => numbers.filter((number) => number !== 0);

test('pipelined windows are acknowledged in order, each with its last number, whenever Kafka answers', async (t) => {
  const { asked, connect } = await startInput(t, {}, { isSlow: true });
  const { socket, acknowledged } = await connect();
  socket.write(
    Buffer.concat([windowOf(['{"a":1}', '{"a":2}']), windowOf(['{"b":1}']), windowOf(['{"c":1}', '{}', '{"c":3}'])]),
  );
  await until('all windows are under way', () => asked.length === 3);
  asked[2]?.answer();
  asked[1]?.answer();
  socket.write(windowOf(['{"d":1}']));
  await until('a fourth window was read', () => asked.length === 4);
  assert.deepEqual(withoutSigns(acknowledged()), []);
  asked[0]?.answer();
  await until('the first three', () => acknowledged().length >= 3);
  assert.deepEqual(withoutSigns(acknowledged()), [2, 1, 3]);
  asked[3]?.answer();
  await until('the fourth', () => withoutSigns(acknowledged()).length === 4);
});

test('while Kafka works the client gets signs of life, and none before or after', async (t) => {
  const { asked, connect } = await startInput(t, { keepAliveMs: 100 }, { isSlow: true });
  const [{ socket, acknowledged }, idle] = [await connect(), await connect()];
  socket.write(windowOf(['{"a":1}']));
  await until('three signs', () => acknowledged().length >= 3);
  assert.ok(acknowledged().every((number) => number === 0));
  asked[0]?.answer();
  await until('the acknowledgement', () => acknowledged().at(-1) === 1);
  const before = acknowledged().length;
  idle.socket.write(windowOf(['{"b":1}']));
  await until('the other connection got three signs', () => idle.acknowledged().length >= 3);
  assert.equal(acknowledged().length, before);
  asked[1]?.answer();
});

test('an empty window is acknowledged', async (t) => {
  const { connect } = await startInput(t);
  const { socket, acknowledged } = await connect();
  socket.write(Buffer.concat([frame('W', [0]), windowOf(['{}'])]));
  await until('both', () => acknowledged().length === 2);
  assert.deepEqual(acknowledged(), [0, 1]);
});

test('a window with bad events is acknowledged whole, and the bad ones are kept as they came', async (t) => {
  const { connect, records, counted, lines } = await startInput(t, {}, { maxRecordBytes: 1024 });
  const { socket, acknowledged } = await connect();
  const large = `{"a":"${'x'.repeat(5000)}"}`;
  const events = ['{"a":1}', '{"broken":', '17', large, '{"a":2}'];
  socket.write(windowOf(events));
  await until('the acknowledgement', () => acknowledged().includes(5));
  assert.deepEqual(valuesOf(records), ['{"a":1}', '{"broken":', '17', large.slice(0, 1024), '{"a":2}']);
  assert.deepEqual(await counted('eventsReceived'), { stored: 2, invalid_json: 1, not_an_object: 1, too_large: 1 });
  assert.equal(lines.filter(({ msg }) => /dead letter/u.test(String(msg))).length, 3);
});

test('headers state the program and the host; equal events without a record id are numbered within a window', async (t) => {
  const { connect, records } = await startInput(t);
  const { socket, acknowledged } = await connect();
  const known = '{"@metadata":{"beat":"winlogbeat","version":"8.17.0"},"winlog":{"computer_name":"M1","record_id":7}}';
  socket.write(windowOf([known, known, '{"a":1}', '{"a":1}']));
  socket.write(windowOf(['{"a":1}']));
  await until('both windows', () => acknowledged().length === 2);
  assert.deepEqual(
    records.map(({ key, headers }) => [key, headers?.['agent'], headers?.['copy']]),
    [
      ['m1', 'winlogbeat/8.17.0', undefined],
      ['m1', 'winlogbeat/8.17.0', undefined],
      ['127.0.0.1', undefined, undefined],
      ['127.0.0.1', undefined, '2'],
      ['127.0.0.1', undefined, undefined],
    ],
  );
});

test('a large window goes to Kafka in parts, and is acknowledged once', async (t) => {
  const { asked, connect, records } = await startInput(t);
  const { socket, acknowledged } = await connect();
  const events = Array.from({ length: 6000 }, (_, n) => `{"n":${n},"t":"${'x'.repeat(800)}"}`);
  socket.write(windowOf(events));
  await until('the acknowledgement', () => withoutSigns(acknowledged()).length === 1);
  assert.deepEqual(withoutSigns(acknowledged()), [6000]);
  assert.ok(asked.length > 4, `${asked.length} parts`);
  assert.deepEqual(valuesOf(records), events);
});

test('the digests of a window’s events count as under way until it is whole or cut off', async (t) => {
  const { records, connect, inFlightBytes } = await startInput(t);
  for (const ending of ['whole', 'cut off']) {
    const { socket, acknowledged } = await connect();
    records.length = 0;
    const frames = Array.from({ length: 4096 }, (_, index) => eventFrame(index + 1, `{"a":${index}}`));
    socket.write(Buffer.concat([frame('W', [4097]), ...frames]));
    await until('all but the last are stored', () => records.length === 4096);
    assert.ok(((await inFlightBytes()) ?? 0) > 400_000);
    if (ending === 'cut off') socket.end();
    else socket.write(eventFrame(4097, '{}'));
    await until('nothing is under way', async () => (await inFlightBytes()) === 0);
    await until('the acknowledgement', () => acknowledged().includes(4097) === (ending === 'whole'));
  }
});

test('a client that goes while it waits for room was not turned away', async (t) => {
  const { asked, connect, counted } = await startInput(t, {}, { isSlow: true, maxInFlightBytes: 70_000 });
  const { socket } = await connect();
  socket.write(
    windowOf(
      Array.from({ length: 100 }, (_, index) => `{"a":${index}}`),
      { isPacked: false },
    ),
  );
  await until('the first are under way', () => asked.length === 1);
  socket.resetAndDestroy();
  await until('the connection is counted', async () => Object.keys(await counted('connectionsEnded')).length > 0);
  assert.deepEqual(await counted('connectionsEnded'), { cut_off: 1 });
});

test('what breaks the protocol ends its connection alone, with a line that says why and a count', async (t) => {
  const { connect, counted, lines, inFlightBytes } = await startInput(t);
  const good = await connect();
  for (const [bytes, reason, line] of [
    [Buffer.from('1W\0\0\0\u0001', 'latin1'), 'version_1', /version 1/u],
    [frame('D', [1]), 'unknown_frame', /only JSON/u],
    [eventFrame(1, '{}'), 'unknown_frame', /outside of a window/u],
    [Buffer.concat([frame('W', [2]), eventFrame(1, '{}'), frame('W', [1])]), 'window_not_full', /after 1 of the 2/u],
    [Buffer.concat([frame('W', [1]), frame('C', [3], Buffer.from('abc'))]), 'bad_compression', /cannot be unpacked/u],
    [frame('W', [70_000]), 'bad_length', /bulk_max_size/u],
  ] as const) {
    const bad = await connect();
    const before = (await counted('connectionsEnded'))[reason] ?? 0;
    bad.socket.write(bytes);
    await until(`${reason}: closed`, () => bad.isClosed());
    await until(`${reason}: counted`, async () => (await counted('connectionsEnded'))[reason] === before + 1);
    assert.deepEqual(bad.acknowledged(), []);
    const reported = lines.filter(({ detail }) => line.test(String(detail)));
    // The same reason from the same network is logged once a minute.
    assert.ok(reported.length === 1 || before > 0, reason);
  }
  good.socket.write(windowOf(['{}']));
  await until('the other connection is served', () => good.acknowledged().includes(1));
  assert.equal(await inFlightBytes(), 0);
});

test('a window that is cut off is not acknowledged, and gives its room back', async (t) => {
  const { connect, counted, inFlightBytes } = await startInput(t);
  const { socket, acknowledged } = await connect();
  const whole = windowOf(['{"a":1}', '{"a":2}'], { isPacked: false });
  socket.end(whole.subarray(0, whole.length - 3));
  await until('counted', async () => (await counted('connectionsEnded'))['cut_off'] === 1);
  assert.deepEqual(acknowledged(), []);
  assert.equal(await inFlightBytes(), 0);
});

test('a client that ends its side behind a window gets its acknowledgement', async (t) => {
  const { asked, connect } = await startInput(t, {}, { isSlow: true });
  const { socket, acknowledged, isClosed } = await connect();
  socket.end(windowOf(['{"a":1}']));
  await until('Kafka was asked', () => asked.length === 1);
  asked[0]?.answer();
  await until('closed', () => isClosed());
  assert.deepEqual(withoutSigns(acknowledged()), [1]);
});

test('a window that stops is ended, however its bytes trickle; a connection without one stays', async (t) => {
  const { connect, counted } = await startInput(t, { stallMs: 300 });
  const [still, slow, idle] = [await connect(), await connect(), await connect()];
  idle.socket.write(windowOf(['{}']));
  await until('served', () => idle.acknowledged().length === 1);
  still.socket.write(frame('W', [1]));
  slow.socket.write(frame('W', [1]));
  slow.socket.write(frame('J', [1, 1000]));
  const trickling = setInterval(() => slow.socket.write('x'), 20);
  t.after(() => clearInterval(trickling));
  await until('both are ended', () => still.isClosed() && slow.isClosed());
  await until('counted', async () => (await counted('connectionsEnded'))['stalled'] === 2);
  idle.socket.write(windowOf(['{}']));
  await until('served again', () => idle.acknowledged().length === 2);
});

test('a connection without a window ends after its time', async (t) => {
  const { connect, counted } = await startInput(t, { idleMs: 1000 });
  const { socket, isClosed } = await connect();
  socket.write(windowOf(['{}']));
  await until('closed', () => isClosed());
  assert.equal((await counted('connectionsEnded'))['idle'], 1);
});

test('a stop finishes open windows and begins none', async (t) => {
  const { asked, connect, running } = await startInput(t, {}, { isSlow: true });
  const [half, whole, idle] = [await connect(), await connect(), await connect()];
  const window = windowOf(['{"a":1}', '{"a":2}'], { isPacked: false });
  half.socket.write(window.subarray(0, 30));
  whole.socket.write(windowOf(['{"b":1}']));
  idle.socket.write(windowOf(['{"c":1}']));
  await until('Kafka was asked', () => asked.length === 2);
  asked.find(({ values }) => values.includes('{"c":1}'))?.answer();
  await until('one is idle', () => idle.acknowledged().includes(1));
  const stopping = running.stop(AbortSignal.timeout(60_000));
  await until('the idle one is closed', () => idle.isClosed());
  half.socket.write(Buffer.concat([window.subarray(30), windowOf(['{"late":1}'])]));
  await until('the open window is whole', () => asked.length === 3);
  for (const one of asked) one.answer();
  await stopping;
  await until('both are closed', () => half.isClosed() && whole.isClosed());
  assert.deepEqual([withoutSigns(half.acknowledged()), withoutSigns(whole.acknowledged())], [[2], [1]]);
  assert.ok(!asked.some(({ values }) => values.includes('{"late":1}')));
});

function tlsFiles(t: TestContext) {
  const file = pemFiles(t);
  return {
    tls: { tlsCert: file(SERVER_CERTIFICATE), tlsKey: file(SERVER_KEY) },
    clientCaFile: file(CA_CERTIFICATE),
  };
}

async function openTls(t: TestContext, port: number, own: ConnectionOptions = {}) {
  const socket = connectTls({ port, host: '127.0.0.1', ca: CA_CERTIFICATE, ...own });
  t.after(() => socket.destroy());
  return await openLumberjack(socket);
}

test('by TLS the sender is the client certificate, with its hosts; without one nobody sends', async (t) => {
  const { tls, clientCaFile } = tlsFiles(t);
  const clientCertificates = [{ subject: 'cli*', hosts: ['m*'] }];
  const { port, records, metrics, lines } = await startInput(t, { ...tls, clientCaFile, clientCertificates });
  const known = await openTls(t, port, { cert: CLIENT_CERTIFICATE, key: CLIENT_KEY });
  known.socket.write(windowOf(['{"a":1}']));
  await until('acknowledged', () => known.acknowledged().includes(1));
  const { sender, 'sender-kind': kind, 'sender-hosts': hosts } = records[0]?.headers ?? {};
  assert.deepEqual([sender, kind, hosts], ['client', 'certificate', 'm*']);
  const unknown = await openTls(t, port);
  unknown.socket.write(windowOf(['{"b":1}']));
  await until('closed', () => unknown.isClosed());
  assert.equal((await metrics.logInFailures.get()).values[0]?.value, 1);
  assert.ok(lines.some(({ reason }) => /clientCaFile/u.test(String(reason))));
  assert.equal(records.length, 1);
});

test('plain bytes on a port of TLS end with a line', async (t) => {
  const { connect, lines } = await startInput(t, tlsFiles(t).tls);
  const { socket, isClosed } = await connect();
  socket.write(windowOf(['{}']));
  await until('closed', () => isClosed());
  await until('logged', () => lines.some(({ msg }) => /TLS handshake/u.test(String(msg))));
});

test('beyond loopback it takes client certificates and TLS', async (t) => {
  await assert.rejects(
    startInput(t, { host: '0.0.0.0' }),
    (error) =>
      error instanceof ConfigError && /lumberjack\.clientCaFile, and .*lumberjack\.tlsCert/u.test(error.message),
  );
  await assert.rejects(
    startInput(t, { clientCaFile: tlsFiles(t).clientCaFile }),
    /needs collector\.lumberjack\.tlsCert/u,
  );
});
