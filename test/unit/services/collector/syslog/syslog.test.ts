// The syslog input over real sockets, Kafka's answers made up: what is stored, what ends a
// connection, what is lost and counted.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { choosePort } from '../../../../../deploy/local/ports.ts';
import { collectorSchema } from '../../../../../services/collector/config.ts';
import { kernelDrops } from '../../../../../services/collector/inputs/syslog/kernel-drops.ts';
import { syslogInput } from '../../../../../services/collector/inputs/syslog/syslog.ts';
import { createIntake } from '../../../../../services/collector/intake.ts';
import { declareCollectorMetrics } from '../../../../../services/collector/metrics.ts';
import type { OutRecord, RecordPosition } from '../../../../../shared/contracts/record.ts';
import { ConfigError, Unavailable } from '../../../../../shared/runtime/errors.ts';
import { createRegistry } from '../../../../../shared/runtime/metrics.ts';
import { recordedLog } from '../../../../support/log.ts';
import { isReady } from '../../../../support/collector-input.ts';
import { counted, sendSyslog } from '../../../../support/syslog.ts';
import { until } from '../../../../support/until.ts';

async function startInput(
  t: TestContext,
  settings: Readonly<Record<string, unknown>> = {},
  { maxRecordBytes = 100_000, maxInFlightBytes = 24 * 1024 * 1024 } = {},
) {
  const port = await choosePort();
  const { collector } = collectorSchema.parse({
    collector: { maxRecordBytes, syslog: { port, ...settings } },
  });
  const metrics = declareCollectorMetrics(createRegistry('test'));
  const kafka = { isAway: false, asked: 0, records: [] as OutRecord[] };
  const send = async (sent: readonly OutRecord[]): Promise<readonly RecordPosition[]> => {
    await Promise.resolve();
    kafka.asked += 1;
    if (kafka.isAway) throw new Unavailable('Kafka', 'gone');
    kafka.records.push(...sent);
    return sent.map((_, index) => ({ partition: 0, offset: String(index) }));
  };
  const { log, lines } = recordedLog();
  const intake = createIntake({ producer: { send, ready: isReady }, metrics, ...collector, maxInFlightBytes });
  const running = await syslogInput.start(collector.syslog, { intake, metrics, log, now: Date.now });
  t.after(async () => await running.stop(AbortSignal.abort()));
  const stored = () => kafka.records.map(({ value }) => String(value));
  const count = async (name: 'eventsReceived' | 'connectionsEnded') =>
    Object.fromEntries(
      (await metrics[name].get()).values.map(({ labels, value }) => [labels['outcome'] ?? labels['reason'], value]),
    );
  return { port, kafka, lines, running, stored, count, metrics };
}

const json = (computer: string): string => `<13>Nov 30 10:00:00 relay app: {"winlog":{"computer_name":"${computer}"}}`;

test('messages of both framings are stored as they came, by the computer of the event', async (t) => {
  const { port, kafka, stored } = await startInput(t);
  const stream = Buffer.concat([
    counted(json('A')),
    Buffer.from(`${json('B')}\n`),
    counted('<13>text'),
    Buffer.from('x'),
  ]);
  assert.equal(await sendSyslog(port, stream), true);
  assert.deepEqual(stored(), [json('A'), json('B'), '<13>text', 'x']);
  assert.deepEqual(
    kafka.records.map(({ key }) => key),
    ['a', 'b', '127.0.0.1', '127.0.0.1'],
  );
  assert.equal(kafka.records[0]?.headers?.['format'], 'syslog');
});

test('many connections and batches without Kafka leave no warning of Node in the log', async (t) => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const { port, kafka, stored } = await startInput(t);
  kafka.isAway = true;
  const sent = Array.from({ length: 20 }, async (_, index) => await sendSyslog(port, `${json(`H${index}`)}\n`));
  await until('each was tried', () => kafka.asked >= 20);
  kafka.isAway = false;
  assert.ok((await Promise.all(sent)).every(Boolean));
  assert.equal(stored().length, 20);
  assert.deepEqual(warnings, []);
});

test('too long and cut off: the beginnings are stored and counted, and the stream goes on', async (t) => {
  const { port, stored, count } = await startInput(t, {}, { maxRecordBytes: 1024 });
  const stream = Buffer.concat([counted('y'.repeat(50_000)), counted('<1>a'), counted('<1>not all').subarray(0, 8)]);
  assert.equal(await sendSyslog(port, stream), true);
  assert.deepEqual(stored(), ['y'.repeat(1024), '<1>a', '<1>no']);
  assert.deepEqual(await count('eventsReceived'), { stored: 1, too_large: 1, cut_off: 1 });
});

test('a message that does not go on is stored as far as it came, and its connection is reset', async (t) => {
  const { port, stored, count } = await startInput(t, { messageTimeoutMs: 100 });
  const socket = connect(port, '127.0.0.1');
  const failed = once(socket, 'error');
  socket.write('<13>whole\n<13>beg');
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNRESET');
  assert.deepEqual(stored(), ['<13>whole', '<13>beg']);
  assert.deepEqual(await count('connectionsEnded'), { stalled: 1 });
});

test('a connection that waits for its first message stays', async (t) => {
  const { port, stored } = await startInput(t, { messageTimeoutMs: 100 });
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const began = performance.now();
  await until('longer than a message may take', () => performance.now() - began > 300);
  assert.equal(await sendSyslog(socket, '<13>at last\n'), true);
  assert.deepEqual(stored(), ['<13>at last']);
});

test('Kafka is away: what has no room is not read, and nothing of it is lost', async (t) => {
  const { port, kafka, stored, metrics } = await startInput(t, {}, { maxInFlightBytes: 100_000 });
  kafka.isAway = true;
  const messages = Array.from({ length: 20_000 }, (_, index) => `<13>${index} ${'x'.repeat(100)}`);
  const sending = sendSyslog(port, `${messages.join('\n')}\n`);
  await until('there is no room', async () => ((await metrics.inFlightBytes.get()).values[0]?.value ?? 0) > 90_000);
  assert.deepEqual(stored(), []);
  kafka.isAway = false;
  assert.equal(await sending, true);
  assert.deepEqual(stored(), messages);
});

test('a stop that has to end gives up what Kafka does not take, counts it, and resets its sender', async (t) => {
  const { port, kafka, running, lines, metrics } = await startInput(t, { udp: true }, { maxInFlightBytes: 10_000 });
  kafka.isAway = true;
  const sending = sendSyslog(port, `${Array.from({ length: 100 }, (_, index) => `<13>${index}`).join('\n')}\n`);
  await until('there is no room', async () => ((await metrics.inFlightBytes.get()).values[0]?.value ?? 0) > 8000);
  const deadline = new AbortController();
  const stopping = running.stop(deadline.signal);
  deadline.abort();
  await stopping;
  assert.equal(await sending, false);
  const lost = lines.filter(
    (line) => line['msg'] === 'events are lost: Kafka did not take them before the stop had to end',
  );
  assert.deepEqual(
    lost.map((line) => line['events']),
    [100],
  );
});

test('datagrams: one message each, without what ends a line; what has no room is dropped and counted', async (t) => {
  const { port, kafka, stored, count } = await startInput(t, { udp: true }, { maxInFlightBytes: 10_000 });
  const client = createSocket('udp4');
  t.after(() => client.close());
  const send = async (text: string): Promise<void> =>
    await new Promise((resolve, reject) => {
      client.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
  await send(`${json('A')}\n`);
  await send('12 two\nlines\r\n\0');
  await until('both are stored', () => stored().length === 2);
  assert.deepEqual(stored(), [json('A'), '12 two\nlines']);
  assert.equal(kafka.records[0]?.headers?.['sender'], '127.0.0.1');
  kafka.isAway = true;
  for (let index = 0; index < 20; index += 1) await send(`<13>${index}`);
  const dropped = await until('the rest is dropped', async () => (await count('eventsReceived'))['dropped']);
  kafka.isAway = false;
  await until('all others are stored', async () => {
    const { dropped: all = 0 } = await count('eventsReceived');
    return stored().length + all === 22;
  });
  assert.ok(dropped > 0);
});

test('networks that are not allowed send nothing, by TCP or UDP', async (t) => {
  const { port, stored, count } = await startInput(t, { udp: true, allowedNetworks: ['192.0.2.0/24'] });
  await sendSyslog(port, '<13>a\n');
  const client = createSocket('udp4');
  t.after(() => client.close());
  client.send('<13>b', port, '127.0.0.1');
  await until('the datagram is dropped', async () => (await count('eventsReceived'))['dropped'] === 1);
  assert.deepEqual(await count('connectionsEnded'), { not_allowed: 1 });
  assert.deepEqual(stored(), []);
});

test('datagrams of anybody beyond this machine are taken only where that is demanded', async (t) => {
  const tls = { tlsCert: '/none', tlsKey: '/none', clientCaFile: '/none' };
  await assert.rejects(
    startInput(t, { host: '0.0.0.0', udp: true, ...tls }),
    (error) => error instanceof ConfigError && /syslog\.udp .*allowInsecure/u.test(error.message),
  );
  await assert.rejects(startInput(t, { host: '0.0.0.0' }), ConfigError);
});

test('the drops of Linux are those of the port, in the last column', () => {
  const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  388: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 2147 2 0000000000000000 17
 1204: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2211 2 0000000000000000 3
`;
  assert.equal(kernelDrops(table, 5514), 17);
  assert.equal(kernelDrops(table, 53), 3);
  assert.equal(kernelDrops(table, 54), undefined);
  assert.equal(kernelDrops('', 53), undefined);
});
