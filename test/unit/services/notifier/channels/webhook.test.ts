// What goes over HTTP: the webhook's body and signature, what an answer of a receiver means, and
// where it may not go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOfStatus, retryAfterMs } from '../../../../../services/notifier/channels/http-post.ts';
import { isPrivateAddress, refusePrivateHost } from '../../../../../services/notifier/channels/private-address.ts';
import { safeText } from '../../../../../services/notifier/channels/safe-text.ts';
import { createWebhookChannel, signatureOf, webhookBody } from '../../../../../services/notifier/channels/webhook.ts';
import { aDigest, aNotification } from '../../../../support/notifications.ts';
import { startWebhookServer } from '../../../../support/webhook-server.ts';

const { signal } = new AbortController();
const SETTINGS = { receiver: 'hook', secret: '', headers: {}, timeoutMs: 2000, now: Date.now };

test('safeText never ends in half a character', () => {
  for (let length = 1; length < 8; length += 1) {
    const cut = safeText('a😀b😀c', length);
    assert.ok(cut.length <= length);
    assert.doesNotMatch(cut, /\p{Surrogate}/u);
  }
});

test('the webhook body is Alertmanager’s version 4, with what a repair needs', () => {
  const body = webhookBody(aNotification(), 'hook');
  assert.deepEqual([body.version, body.status, body.receiver, body.truncatedAlerts], ['4', 'firing', 'hook', 0]);
  const [alert] = body.alerts;
  assert.deepEqual(
    [alert?.labels['alertname'], alert?.labels['host'], alert?.labels['port'], alert?.labels['severity']],
    ['wmserver-309-port-in-use', 'media01', '80', 'error'],
  );
  assert.equal(alert?.endsAt, '0001-01-01T00:00:00Z');
  assert.match(alert?.annotations['remediation'] ?? '', /1\. Use another port\n {3}1\. Open the console\./u);
  const resolved = aNotification();
  const over = {
    ...resolved,
    incident: { ...resolved.incident, state: 'resolved', resolvedAtMs: Date.UTC(2026, 2, 2) } as const,
  };
  assert.deepEqual(
    [webhookBody(over, 'x').status, webhookBody(over, 'x').alerts[0]?.endsAt],
    ['resolved', '2026-03-02T00:00:00.000Z'],
  );
});

test('the body of a group holds the alert that stands for it, counts the others and has the figures', () => {
  const body = webhookBody(aNotification({ digest: aDigest() }), 'hook');
  assert.deepEqual([body.alerts.length, body.truncatedAlerts, body.status], [1, 1999, 'firing']);
  assert.deepEqual(body.groupLabels, { alertname: 'wmserver-309-port-in-use' });
  assert.equal(body.digest?.hostCount, 1000);
  assert.equal(body.groupKey, '{}:{group="storm"}');
  assert.equal(body.alerts[0]?.annotations['event_count'], '5012');
  const over = webhookBody(
    aNotification({ digest: aDigest({ count: { open: 0, acknowledged: 0, resolved: 5 } }) }),
    'x',
  );
  assert.equal(over.status, 'resolved');
});

test('a parameter cannot pass itself off as another label', () => {
  const one = aNotification();
  const incident = {
    ...one.incident,
    entity: { ...one.incident.entity, params: { severity: 'none', alertname: 'fake' } },
  };
  const labels = webhookBody({ ...one, incident }, 'x').alerts[0]?.labels;
  assert.deepEqual([labels?.['severity'], labels?.['alertname']], ['error', 'wmserver-309-port-in-use']);
});

test('the signature covers time and body', () => {
  const signature = signatureOf('secret', '{"a":1}', 1_700_000_000_999);
  assert.match(signature, /^t=1700000000,v1=[\da-f]{64}$/u);
  assert.notEqual(signature, signatureOf('secret', '{"a":2}', 1_700_000_000_999));
  assert.notEqual(signature.slice(13), signatureOf('secret', '{"a":1}', 1_700_000_001_999).slice(13));
});

for (const [status, kind] of [
  [200, 'sent'],
  [204, 'sent'],
  [301, 'refused'],
  [307, 'refused'],
  [400, 'refused'],
  [401, 'retry'],
  [402, 'retry'],
  [403, 'retry'],
  [404, 'refused'],
  [407, 'retry'],
  [408, 'retry'],
  [413, 'refused'],
  [425, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
  [511, 'retry'],
] as const) {
  test(`HTTP ${status} means ${kind}`, () => {
    assert.equal(outcomeOfStatus(status, 'x', undefined).kind, kind);
  });
}

test('Retry-After as seconds, as a date, and as nonsense', () => {
  const now = Date.UTC(2026, 0, 1);
  assert.equal(retryAfterMs('3', now), 3000);
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:07 GMT', now), 7000);
  assert.equal(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
  assert.equal(retryAfterMs('soon', now), undefined);
  assert.equal(retryAfterMs(undefined, now), undefined);
});

test('private addresses, in every spelling', () => {
  const inside = [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '100.64.0.1',
    '::ffff:7f00:1',
  ];
  for (const address of inside) assert.ok(isPrivateAddress(address), address);
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    assert.ok(!isPrivateAddress(address), address);
  assert.throws(() => refusePrivateHost('[::1]'), /private address/u);
  assert.throws(() => refusePrivateHost(new URL('http://0x7f000001/').hostname), /private address/u);
  refusePrivateHost('example.org');
});

test('every special-purpose address of IANA, and every way to an IPv4 address inside an IPv6 one, is private [security L7]', () => {
  const special =
    '0.1.2.3 192.0.0.8 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.175.48.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 ' +
    '255.255.255.255 ::127.0.0.1 ::10.0.0.1 ::ffff:0:7f00:1 64:ff9b::a00:1 64:ff9b:1::a00:1 100::1 100:0:0:1::1 2001::1 2001:0:4136:e378::1 2001:2::1 ' +
    '2001:10::1 2001:20::1 2001:db8::1 2002:a00:1::1 2002:7f00:1::1 2620:4f:8000::1 3fff::1 5f00::1 fc00::1 fe80::1 fec0::1 ff02::1';
  for (const address of special.split(' ')) assert.ok(isPrivateAddress(address), address);
  for (const address of [
    '192.0.1.1',
    '192.88.98.1',
    '203.0.114.1',
    '2001:4860:4860::8888',
    '2003::1',
    '2a00::1',
    '2600::1',
  ])
    assert.ok(!isPrivateAddress(address), address);
});

test('text has nothing in it that is not seen or turns it around [security L14]', () => {
  const codes = [
    0x0, 0x1b, 0x9b, 0xad, 0x34f, 0x61c, 0x115f, 0x17b4, 0x180b, 0x180e, 0x200b, 0x200d, 0x202e, 0x2028, 0x2060, 0x2066,
  ];
  codes.push(
    0x206a,
    0x3164,
    0xfe0f,
    0xfeff,
    0xffa0,
    0xfff0,
    0xfff9,
    0xfffb,
    0x1bca0,
    0x1d173,
    0xe0001,
    0xe0020,
    0xe0041,
    0xe007f,
    0xe0100,
  );
  for (const code of codes)
    assert.equal(safeText(`a${String.fromCodePoint(code)}b`), 'a b', `U+${code.toString(16).toUpperCase()}`);
  assert.equal(safeText('Größe 大 😀 “x” – é'), 'Größe 大 😀 “x” – é');
});

test('a webhook inside the house is not called, by address or by name, unless that is allowed', async (t) => {
  const server = await startWebhookServer(t);
  for (const host of ['127.0.0.1', 'localhost']) {
    const url = server.url.replace('127.0.0.1', host);
    const channel = createWebhookChannel({ ...SETTINGS, url, allowPrivate: false });
    const outcome = await channel.send(channel.render(aNotification()), signal);
    assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
    assert.match(outcome.kind === 'refused' ? outcome.detail : '', /allowPrivate/u);
    await channel.close();
  }
  assert.equal(server.requests(), 0);
});

test('a redirect is not followed', async (t) => {
  const server = await startWebhookServer(t);
  server.behave({ kind: 'answer', status: 307, headers: { location: '/elsewhere' } });
  const channel = createWebhookChannel({ ...SETTINGS, url: server.url, allowPrivate: true });
  t.after(async () => await channel.close());
  assert.equal((await channel.send(channel.render(aNotification()), signal)).kind, 'refused');
  assert.equal(server.requests(), 1);
});

test('each try is signed anew, over the same body and key', async (t) => {
  const server = await startWebhookServer(t);
  let nowMs = 1_700_000_000_000;
  const channel = createWebhookChannel({
    ...SETTINGS,
    secret: 's',
    now: () => nowMs,
    url: server.url,
    allowPrivate: true,
  });
  t.after(async () => await channel.close());
  const rendered = channel.render(aNotification());
  await channel.send(rendered, signal);
  nowMs += 60_000;
  await channel.send(rendered, signal);
  const [first, second] = server.deliveries();
  assert.equal(first?.text, second?.text);
  assert.equal(first?.idempotencyKey, second?.idempotencyKey);
  assert.equal(second?.headers['x-foghorn-signature'], signatureOf('s', rendered.body, nowMs));
  assert.notEqual(first?.headers['x-foghorn-signature'], second?.headers['x-foghorn-signature']);
});
