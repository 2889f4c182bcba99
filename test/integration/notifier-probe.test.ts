// The probe with real Kafka and Redis and ports of this machine: it clears what the declared
// service serves again, accepts no other answer, and connects to no other network.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeAlert } from '../../shared/contracts/enriched-event.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { aCommandRecord } from '../support/commands.ts';
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { mmsReport } from '../support/mms.ts';
import { startNotifier, type TestNotifier, untilEntries, untilRebuilt } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const COUGAR = 'HTTP/1.1 404 Not Found\r\nServer: Cougar/9.5.6001.18000\r\nContent-Length: 0\r\n\r\n';
const IIS = 'HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/7.5\r\nContent-Length: 0\r\n\r\n';
const RTSP = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: WMServer/9.5.6001.18000\r\n\r\n';

interface Listener {
  readonly port: number;
  connections(): number;
  answerWith(next: (request: string) => string | undefined): void;
}

/** A port that somebody listens on; given none, a free one. */
async function listen(
  t: TestContext,
  first: (request: string) => string | undefined,
  { host, port } = { host: '127.0.0.1', port: 0 },
): Promise<Listener> {
  let answer = first;
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const text = answer(chunk.toString('latin1'));
      // Split where a reader that looks at single chunks would go wrong.
      if (text !== undefined) for (const part of text.split(/(?<=Ser)/u)) socket.write(part, 'latin1');
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    answerWith: (next) => {
      answer = next;
    },
  };
}

function probing(networks: readonly string[]) {
  const settings = { networks, intervalMs: 1000, timeoutMs: 500 };
  return {
    FOGHORN_NOTIFIER_PROBE_NETWORKS: settings.networks.join(','),
    FOGHORN_NOTIFIER_PROBE_INTERVAL_MS: String(settings.intervalMs),
    FOGHORN_NOTIFIER_PROBE_TIMEOUT_MS: String(settings.timeoutMs),
  };
}

async function outcomes({ service }: TestNotifier, outcome: string): Promise<number> {
  return (await service.metrics('foghorn_probes_total')).get(`outcome="${outcome}",service="notifier"`) ?? 0;
}

async function stateOf(notifier: TestNotifier, host: string, port: number) {
  return (await notifier.incidents()).get(anAlert({ host, port }).incidentId)?.state;
}

test('another program on the port clears nothing; Windows Media Services does, once, with what it said', async (t) => {
  const webhook = await startWebhookServer(t);
  const listener = await listen(t, () => IIS);
  const receiver = hook(webhook);
  const notifier = await startNotifier(t, [receiver], probing(['127.0.0.0/8', '::1/128']));
  const { port } = listener;
  await notifier.kafka.producer.send([anAlertRecord({ host: 'localhost', port })]);
  await until('it was asked twice', async () => (await outcomes(notifier, 'other')) >= 2);
  listener.answerWith(() => undefined);
  await until('nobody answers', async () => (await outcomes(notifier, 'silent')) >= 1);
  assert.equal(await stateOf(notifier, 'localhost', port), 'open');
  const { incidentId } = anAlert({ host: 'localhost', port });
  await notifier.kafka.producer.send([aCommandRecord({ kind: 'probe', incidentId, episode: 1 }, 'ask-now')]);
  const [asked] = await untilEntries(notifier, 'probed');
  assert.deepEqual([asked?.actor, asked?.commandId, asked?.incidentId], ['kim', 'ask-now', incidentId]);
  assert.match(asked?.reason ?? '', /port \d+: no answer in this protocol; something listens/u);
  listener.answerWith((request) => (request.startsWith('OPTIONS') ? RTSP : 'HTTP/1.1 400 Bad Request\r\n\r\n'));
  await until('it is resolved', async () => (await stateOf(notifier, 'localhost', port)) === 'resolved');
  const resolved = (await notifier.actions()).find(({ type }) => type === 'resolved');
  assert.match(resolved?.reason ?? '', /probe: RTSP on 127\.0\.0\.1 port \d+: Server: WMServer\/9\.5\.6001\.18000/u);
  await until('the end is notified', () => webhook.deliveries().at(-1)?.body.status === 'resolved');
  assert.equal(webhook.requests(), 2);

  listener.answerWith(() => COUGAR);
  await notifier.kafka.producer.send([anAlertRecord({ host: 'localhost', port, number: 3600, atMs: Date.now() })]);
  await until('it begins anew', async () => (await notifier.actions()).some(({ type }) => type === 'reopened'));
});

test('a bare connection to the port of MMS proves nothing, the report of a Windows Media server does', async (t) => {
  // Of its own, since the port is given: another run on this machine has another address.
  const host = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const listener = await listen(t, () => undefined, { host, port: 1755 });
  const notifier = await startNotifier(t, ['local'], probing(['127.0.0.0/8']));
  await notifier.kafka.producer.send([anAlertRecord({ host, port: 1755 })]);
  await until('it was connected to, in vain', async () => (await outcomes(notifier, 'silent')) >= 2);
  assert.equal(await stateOf(notifier, host, 1755), 'open');
  listener.answerWith(() => mmsReport({ version: '9.5.6001.18000' }).toString('latin1'));
  await until('it is resolved', async () => (await stateOf(notifier, host, 1755)) === 'resolved');
  const resolved = (await notifier.actions()).find(({ type }) => type === 'resolved');
  assert.match(resolved?.reason ?? '', /MMS on 127\.[\d.]+ port 1755: MMS server, version 9\.5\.6001\.18000/u);
});

const OWN_ENTRY = `
id: backup-agent-17
version: 1
name: The backup agent cannot open its port
provider: { name: BackupAgent }
eventIds: [17]
parameters:
  - { name: listener, type: port, meaning: the port, insert: 1, discriminator: true, prose: { unknown: an unknown port } }
class: address-in-use
severity: error
title: The backup agent cannot use {listener}
summary: The backup agent failed to open {listener}.
causes: [{ text: Another program listens there. }]
remediation: [{ id: free, title: Free the port, steps: [{ text: Stop the other program. }] }]
verification: [{ text: Start a backup. }]
clearedBy:
  - kind: probe
    probe: tcp-listener
    parameter: listener
    answers: [{ protocol: http, server: BackupAgent }]
    text: The backup agent answers on {listener}.
  - { kind: person, text: A person has seen it. }
source: { title: Runbook of the backup agent, publisher: The backup team }
reviewed: 2026-11-30
`;

/** What the enricher makes of an event by an operator's own entry: the entry and the alert. */
async function ownAlert(t: TestContext, port: number): Promise<readonly OutRecord[]> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-entries-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'backup-agent.yaml'), OWN_ENTRY);
  const catalog = await loadCatalogFolders([folder]);
  const enrich = createEnrich({ catalog, now: Date.now, keepOriginal: false, maxDocumentBytes: 1_000_000 });
  const winlog = {
    provider_name: 'BackupAgent',
    event_id: 17,
    computer_name: 'localhost',
    channel: 'Application',
    record_id: 1,
    event_data: { param1: String(port) },
  };
  const atMs = Date.now() - 60_000;
  const verdict = enrich({
    bytes: Buffer.from(JSON.stringify({ '@timestamp': new Date(atMs).toISOString(), winlog })),
    encoding: 'utf-8',
    format: 'json',
    input: 'http',
    sender: '127.0.0.1',
    receivedAtMs: atMs,
  });
  const records = verdict.kind === 'emit' ? verdict.records : assert.fail(JSON.stringify(verdict));
  return [...catalog.entries.map(encodeEntry), ...records.filter(({ topic }) => topic === 'alerts')];
}

test('an operator’s own entry declares a port and an answer, which are probed also after a lost Redis [issue 15]', async (t) => {
  const listener = await listen(t, () => COUGAR);
  const notifier = await startNotifier(t, ['local'], probing(['127.0.0.0/8', '::1/128']));
  await notifier.kafka.producer.send(await ownAlert(t, listener.port));
  await until('another program answers', async () => (await outcomes(notifier, 'other')) >= 1);
  await notifier.redis.wipe();
  await untilRebuilt(notifier);
  listener.answerWith(() => 'HTTP/1.1 200 OK\r\nServer: BackupAgent/2.1\r\nContent-Length: 0\r\n\r\n');
  const states = async () =>
    [...(await notifier.incidents()).values()].map(({ entity, state }) => [entity.ruleId, state]);
  await until('it is resolved', async () => (await states())[0]?.[1] === 'resolved');
  assert.deepEqual(await states(), [['backup-agent-17', 'resolved']]);
  const resolved = (await notifier.actions()).find(({ type }) => type === 'resolved');
  assert.match(resolved?.reason ?? '', /probe: HTTP on 127\.0\.0\.1 port \d+: Server: BackupAgent\/2\.1/u);
});

test('an incident whose entry declares no probe, or of an earlier version, is not probed [issue 15]', async (t) => {
  const listener = await listen(t, () => COUGAR);
  const notifier = await startNotifier(t, ['local'], probing(['127.0.0.0/8', '::1/128']));
  const silent = anAlert({ host: 'localhost', port: listener.port });
  const { probe: _, ...match } = silent.match;
  const event = {
    id: silent.eventId,
    host: 'localhost',
    document: silent.document,
    match,
    incidentId: silent.incidentId,
  };
  await notifier.kafka.producer.send([
    encodeAlert(event, JSON.stringify(event.document), { receivedAtMs: Date.now() }),
  ]);
  await until('it is open', async () => (await stateOf(notifier, 'localhost', listener.port)) === 'open');
  await notifier.kafka.producer.send([aCommandRecord({ kind: 'probe', incidentId: silent.incidentId })]);
  const [refused] = await untilEntries(notifier, 'refused');
  assert.match(refused?.reason ?? '', /the catalogue names no answer/u);
  // Another one that is probed shows that there was a round of probes meanwhile.
  await notifier.kafka.producer.send([anAlertRecord({ host: 'localhost', port: 1 })]);
  await until('the other is probed', async () => (await outcomes(notifier, 'closed')) >= 2);
  assert.equal(listener.connections(), 0);
});

test('nobody is asked unless a network is allowed, and nobody outside of it', async (t) => {
  const listener = await listen(t, () => COUGAR);
  const { port } = listener;
  const records = ['localhost', '127.0.0.1'].map((host) => anAlertRecord({ host, port }));
  const off = await startNotifier(t, ['local']);
  await off.kafka.producer.send(records);
  const elsewhere = await startNotifier(t, ['local'], probing(['10.1.0.0/16', '2001:db8::/32']));
  await elsewhere.kafka.producer.send([...records, anAlertRecord({ host: 'no-such-host.invalid', port })]);
  await until('addresses outside are refused', async () => (await outcomes(elsewhere, 'outside')) >= 2);
  await until('a name without address is none', async () => (await outcomes(elsewhere, 'unresolved')) >= 1);
  assert.equal(await stateOf(off, 'localhost', port), 'open');
  const { incidentId } = anAlert({ host: 'localhost', port });
  await off.kafka.producer.send([aCommandRecord({ kind: 'probe', incidentId })]);
  const [refused] = await untilEntries(off, 'refused');
  assert.match(refused?.reason ?? '', /notifier\.probe\.networks/u);
  assert.equal(await outcomes(off, 'served'), 0);
  assert.equal(listener.connections(), 0);
});

test('a closed port, and a port that says nothing, hold nobody up at the end', async (t) => {
  const hanging = await listen(t, () => undefined);
  const notifier = await startNotifier(t, ['local'], {
    ...probing(['127.0.0.0/8', '::1/128']),
    FOGHORN_NOTIFIER_PROBE_TIMEOUT_MS: '60000',
  });
  await notifier.kafka.producer.send([
    anAlertRecord({ host: '127.0.0.1', port: 1 }),
    anAlertRecord({ host: '127.0.0.1', port: hanging.port }),
  ]);
  await until('the closed one is notified', async () => (await outcomes(notifier, 'closed')) >= 1);
  await until('the other is being asked', () => hanging.connections() >= 1);
  assert.equal(await notifier.service.stop(), 0);
});
