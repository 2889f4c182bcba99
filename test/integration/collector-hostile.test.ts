// A collector with every input on, and clients that do what their protocols forbid or never end:
// each is ended or answered, memory stays bounded, and good senders are served meanwhile.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { choosePort } from '../../deploy/local/ports.ts';
import { LISTENING_INPUTS, type ListeningKind } from '../../services/collector/inputs/inputs.ts';
import { FEEDS } from '../bench/input-lanes.ts';
import { inputsEnv } from '../bench/inputs.ts';
import { testKafka } from '../support/kafka.ts';
import { eventFrame, frame, packedFrame } from '../support/lumberjack.ts';
import { metricSum, type ServiceProcess, startService } from '../support/service-process.ts';
import { until } from '../support/until.ts';

const MIB = 1_048_576;
const STALL_MS = 1000;
/** Of each hostile stream at once. */
const COPIES = 3;
/** Peaks of 347 to 401 were seen; the bombs alone would be gigabytes. */
const MAX_MEGABYTES = 512;
const HERE = '127.0.0.1';
const BIG_ZEROS = Buffer.alloc(300 * MIB);

function post(path: string, headers: readonly string[], body: string | Buffer = ''): Buffer {
  const head = [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), Buffer.from(body as string)]);
}

const withLength = (path: string, body: Buffer, ...headers: readonly string[]): Buffer =>
  post(path, [`Content-Length: ${body.length}`, ...headers], body);

const gzipBomb = gzipSync(BIG_ZEROS.subarray(0, 100 * MIB));
const deep = (open: string, count: number): Buffer => Buffer.from(open.repeat(count));

/** What every input over HTTP has to survive. */
function hostileHttp(path: string): Readonly<Record<string, Buffer>> {
  return {
    'a negative length': post(path, ['Content-Length: -5'], '{"a":1}'),
    'two lengths': post(path, ['Content-Length: 7', 'Content-Length: 8'], '{"a":1}x'),
    'a chunk longer than any': post(path, ['Transfer-Encoding: chunked'], 'FFFFFFFFFFFFFFFF\r\n{"a":1}'),
    'a chunk of a negative length': post(path, ['Transfer-Encoding: chunked'], '-1\r\n{"a":1}'),
    'a length and chunks': post(path, ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    'headers of a megabyte': post(path, [`X-Long: ${'x'.repeat(MIB)}`]),
    'a body shorter than announced': post(path, ['Content-Length: 1000000'], '{"a":1}'),
    'a bomb of gzip': withLength(path, gzipBomb, 'Content-Encoding: gzip'),
    'a bomb of deflate': withLength(path, deflateSync(BIG_ZEROS.subarray(0, 100 * MIB)), 'Content-Encoding: deflate'),
    'lists in lists': withLength(path, deep('[', 4 * MIB)),
    'objects in objects': withLength(path, deep('{"event":', MIB)),
    'a million values': withLength(path, deep('1\n', MIB)),
    'no HTTP': Buffer.alloc(100_000, 0x16),
  };
}

const PROTOBUF = 'Content-Type: application/x-protobuf';

const HOSTILE: Readonly<Record<ListeningKind, Readonly<Record<string, Buffer>>>> = {
  http: hostileHttp('/v1/events'),
  hec: {
    ...hostileHttp('/services/collector/event'),
    'a million ids': withLength(
      '/services/collector/ack?channel=0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba',
      Buffer.from(`{"acks":[${'1,'.repeat(MIB)}1]}`),
    ),
  },
  bulk: {
    ...hostileHttp('/_bulk'),
    'an action without end': withLength('/_bulk', Buffer.from(`{"create":{"_id":"${'x'.repeat(8 * MIB)}"}}\n{}\n`)),
    'paths without end': withLength(`/_bulk?filter_path=${'*.'.repeat(5000)}`, Buffer.from('{"create":{}}\n{"a":1}\n')),
  },
  otlp: {
    ...hostileHttp('/v1/logs'),
    'groups in groups': withLength('/v1/logs', Buffer.alloc(4 * MIB, 0x0b), PROTOBUF),
    'a field of a length that is negative': withLength(
      '/v1/logs',
      Buffer.from('0affffffffffffffffff01', 'hex'),
      PROTOBUF,
    ),
    'a field longer than the body': withLength('/v1/logs', Buffer.from('0affffff7f00', 'hex'), PROTOBUF),
    'a million log records': withLength('/v1/logs', deep('\n\x04\x12\x02\x12\0', MIB), PROTOBUF),
  },
  lumberjack: {
    'a window of 4,294,967,295': frame('W', [0xff_ff_ff_ff]),
    'an event of 4,294,967,295 bytes': Buffer.concat([frame('W', [1]), frame('J', [1, 0xff_ff_ff_ff])]),
    'an event of a length that is negative in 32 bits': Buffer.concat([
      frame('W', [1]),
      frame('J', [1, 0x80_00_00_01]),
    ]),
    'an event of no length': Buffer.concat([frame('W', [1]), frame('J', [1, 0])]),
    'a window larger than what is sent': Buffer.concat([frame('W', [1000]), eventFrame(1, '{"a":1}')]),
    'more than the window': Buffer.concat([frame('W', [1]), eventFrame(1, '{"a":1}'), eventFrame(2, '{"a":2}')]),
    'a bomb': Buffer.concat([frame('W', [1]), packedFrame(frame('J', [1, 60 * MIB]), BIG_ZEROS)]),
    'a compressed frame in another': Buffer.concat([frame('W', [1]), packedFrame(packedFrame(eventFrame(1, '{}')))]),
    'a compressed frame of 4,294,967,295 bytes': Buffer.concat([frame('W', [1]), frame('C', [0xff_ff_ff_ff])]),
    'a compressed frame that is none': Buffer.concat([frame('W', [1]), frame('C', [1000], Buffer.alloc(1000, 0x41))]),
    'version 1': Buffer.from('1W\0\0\0\x01'),
    'no Lumberjack': Buffer.alloc(100_000, 0x16),
  },
  syslog: {
    'a count of 999,999,999': Buffer.from('999999999 <13>'),
    'a number that is no count': Buffer.from('9'.repeat(100_000)),
    'a line without end': Buffer.alloc(20 * MIB, 0x78),
    'nothing but NULs': Buffer.alloc(20 * MIB),
    'a message shorter than its count': Buffer.from('1000 <13>{"a":1}'),
  },
};

/** These look alike to a sender of syslog that goes on: nobody sends them away. */
const MAY_STAY: ReadonlySet<string> = new Set(['nothing but NULs']);

/** The limit for senders that stop. */
const STALL_SETTINGS: Readonly<Record<ListeningKind, string>> = {
  http: 'BODY_STALL_MS',
  hec: 'BODY_STALL_MS',
  bulk: 'BODY_STALL_MS',
  otlp: 'BODY_STALL_MS',
  lumberjack: 'STALL_MS',
  syslog: 'MESSAGE_TIMEOUT_MS',
};

async function startAll(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-hostile-'));
  const kafka = await testKafka(t);
  const ports = new Map<ListeningKind, number>();
  for (const { kind } of LISTENING_INPUTS) ports.set(kind, await choosePort());
  const limits = Object.fromEntries(
    LISTENING_INPUTS.map(({ kind }) => [
      `FOGHORN_COLLECTOR_${kind.toUpperCase()}_${STALL_SETTINGS[kind]}`,
      String(STALL_MS),
    ]),
  );
  const collector = await startService(
    'collector',
    {
      KAFKA_BROKERS: kafka.settings.brokers.join(','),
      FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix,
      ...inputsEnv(Object.fromEntries(ports)),
      ...limits,
    },
    folder,
  );
  t.after(async () => {
    await collector.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { collector, portOf: (kind: ListeningKind): number => ports.get(kind) ?? 0 };
}

async function open(t: TestContext, port: number, from = HERE): Promise<Socket> {
  const socket = connect({ port, host: HERE, localAddress: from });
  socket.on('error', () => undefined);
  socket.resume();
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** A good sender from another address: is its event stored? */
async function isServed(port: number, kind: ListeningKind): Promise<boolean> {
  const feed = FEEDS.find((one) => one.kind === kind);
  if (feed === undefined) throw new Error(`nobody knows how to send to ${kind}`);
  const lane = await feed.open(port, '127.0.0.2');
  const isStored = await lane.send(feed.encode(['{"winlog":{"computer_name":"good"}}']));
  await lane.close();
  return isStored;
}

function peakMegabytes(collector: ServiceProcess): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${collector.pid()}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

test('hostile streams, several of each at once: each ends, memory stays bounded, and good senders are served', async (t) => {
  const { collector, portOf } = await startAll(t);
  for (const { kind } of LISTENING_INPUTS) assert.ok(await isServed(portOf(kind), kind), `${kind} serves`);
  const attacks = LISTENING_INPUTS.flatMap(({ kind }) =>
    Object.entries(HOSTILE[kind]).flatMap(([name, bytes]) =>
      Array.from({ length: COPIES }, () => ({ kind, name, bytes })),
    ),
  );
  const hostile: Socket[] = [];
  for (const { kind, name, bytes } of attacks) {
    const socket = await open(t, portOf(kind));
    socket.write(bytes);
    if (!MAY_STAY.has(name)) hostile.push(socket);
  }
  for (const { kind } of LISTENING_INPUTS)
    await until(`${kind} serves under attack`, async () => await isServed(portOf(kind), kind));
  await until('every one of them ended or was answered and is idle', () =>
    hostile.every((socket) => socket.closed || socket.bytesRead > 0),
  );
  await until('nothing stays in flight', async () => (await metricSum(collector, 'foghorn_in_flight_bytes')) === 0);
  const megabytes = peakMegabytes(collector);
  t.diagnostic(`peak memory of the collector: ${Math.round(megabytes)} MB`);
  assert.ok(megabytes < MAX_MEGABYTES, `${megabytes} MB`);
});

test('slow and half-open connections are ended, and keep nobody out', async (t) => {
  const { collector, portOf } = await startAll(t);
  const beginnings: Readonly<Record<ListeningKind, string>> = {
    http: 'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{',
    hec: 'POST /services/collector HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{',
    bulk: 'POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{',
    otlp: 'POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{',
    lumberjack: '2W\0\0\0\x022J\0\0\0\x01\0\0\x10\0{',
    syslog: '5000 <13>',
  };
  const slow: Socket[] = [];
  for (const { kind } of LISTENING_INPUTS)
    for (let copy = 0; copy < 20; copy += 1) {
      const socket = await open(t, portOf(kind));
      socket.write(Buffer.from(beginnings[kind], 'latin1'));
      slow.push(socket);
    }
  const dripping = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write('x');
  }, 100);
  t.after(() => clearInterval(dripping));
  const halfOpen: Socket[] = [];
  for (const { kind } of LISTENING_INPUTS)
    if (kind !== 'syslog') for (let copy = 0; copy < 20; copy += 1) halfOpen.push(await open(t, portOf(kind)));
  for (const { kind } of LISTENING_INPUTS) assert.ok(await isServed(portOf(kind), kind), kind);
  await until('the slow ones are ended', () => slow.every((socket) => socket.closed));
  await until('the silent ones are ended', () => halfOpen.every((socket) => socket.closed));
  await until('nothing stays in flight', async () => (await metricSum(collector, 'foghorn_in_flight_bytes')) === 0);
});

test('three times as many connections as there may be: another address is served, and memory stays bounded', async (t) => {
  const { collector, portOf } = await startAll(t);
  const opening = LISTENING_INPUTS.flatMap(({ kind }) =>
    Array.from({ length: 3000 }, async (_, index) => {
      await delay(index);
      const socket = connect(portOf(kind), HERE);
      socket.on('error', () => undefined);
      t.after(() => socket.destroy());
    }),
  );
  await Promise.all(opening);
  for (const { kind } of LISTENING_INPUTS) assert.ok(await isServed(portOf(kind), kind), kind);
  const connections = await metricSum(collector, 'foghorn_connections');
  const megabytes = peakMegabytes(collector);
  t.diagnostic(`${connections} connections, peak memory of the collector: ${Math.round(megabytes)} MB`);
  assert.ok(connections <= 1000 * LISTENING_INPUTS.length);
  assert.ok(megabytes < 300, `${megabytes} MB`);
});
