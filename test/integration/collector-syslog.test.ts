// The syslog input and a real Kafka: what comes by TCP, TLS and UDP is stored once.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import {
  CA_CERTIFICATE,
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from '../support/certificates.ts';
import { startCollectorWith } from '../support/collector-input.ts';
import { pemFiles } from '../support/pem-files.ts';
import { metricSum } from '../support/service-process.ts';
import { counted, sendSyslog } from '../support/syslog.ts';
import { until } from '../support/until.ts';

function madeMessages(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const event = {
      winlog: { computer_name: `host-${index % 7}`, record_id: index },
      message: 'x'.repeat(index % 900),
    };
    return `<13>1 2026-11-30T10:00:00Z host-${index % 7} app - - - ${JSON.stringify(event)}`;
  });
}

const sorted = (values: readonly unknown[]): readonly string[] => values.map(String).sort();

test('TCP, with Kafka silent in between: the sender waits, and every message is stored once', async (t) => {
  const { port, service, proxy, stored } = await startCollectorWith(t, 'syslog');
  const messages = madeMessages(3000);
  proxy.pause();
  const lines = sendSyslog(
    port,
    messages
      .slice(0, 1500)
      .map((message) => `${message}\n`)
      .join(''),
  );
  const counts = sendSyslog(port, Buffer.concat(messages.slice(1500).map(counted)));
  await until('some are under way', async () => (await metricSum(service, 'foghorn_in_flight_bytes')) > 0);
  proxy.resume();
  assert.deepEqual([await lines, await counts], [true, true]);
  assert.deepEqual(sorted((await stored(3000)).map(({ value }) => value)), sorted(messages));
});

test('TLS: the sender is its certificate', async (t) => {
  const file = pemFiles(t);
  const { port, stored } = await startCollectorWith(t, 'syslog', {
    FOGHORN_COLLECTOR_SYSLOG_TLS_CERT: file(SERVER_CERTIFICATE),
    FOGHORN_COLLECTOR_SYSLOG_TLS_KEY: file(SERVER_KEY),
    FOGHORN_COLLECTOR_SYSLOG_CLIENT_CA_FILE: file(CA_CERTIFICATE),
  });
  const messages = madeMessages(300);
  const open = (own: object) => connectTls({ port, host: '127.0.0.1', ca: CA_CERTIFICATE, ...own });
  const stranger = open({});
  stranger.on('error', () => undefined).resume();
  await once(stranger, 'close');
  const own = { cert: CLIENT_CERTIFICATE, key: CLIENT_KEY };
  assert.equal(await sendSyslog(open(own), Buffer.concat(messages.map(counted))), true);
  const records = await stored(300);
  assert.deepEqual(sorted(records.map(({ value }) => value)), sorted(messages));
  const { sender, 'sender-kind': kind, 'sender-address': address } = records[0]?.headers ?? {};
  assert.deepEqual([sender, kind, address], ['client', 'certificate', '127.0.0.1']);
});

test('UDP: every datagram that is not counted as dropped is stored', async (t) => {
  const { port, stored } = await startCollectorWith(t, 'syslog', { FOGHORN_COLLECTOR_SYSLOG_UDP: 'true' });
  const client = createSocket('udp4');
  t.after(() => client.close());
  const messages = madeMessages(100);
  for (const message of messages)
    await new Promise((resolve) => {
      client.send(message, port, '127.0.0.1', resolve);
    });
  assert.deepEqual(sorted((await stored(100)).map(({ value }) => value)), sorted(messages));
});

test('SIGTERM: what was read is stored before the process ends', async (t) => {
  const { port, service, stored } = await startCollectorWith(t, 'syslog');
  const messages = madeMessages(200);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write(messages.map((message) => `${message}\n`).join(''));
  await until('some are stored', async () => (await metricSum(service, 'foghorn_events_received_total')) > 0);
  assert.equal(await service.stop(), 0);
  assert.deepEqual(sorted((await stored(200)).map(({ value }) => value)), sorted(messages));
});
