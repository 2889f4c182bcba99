// Messages: what stands in them, that an attacker's text stays text, and what an answer of a receiver means.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOfStatus, retryAfterMs } from '../../../../services/notifier/channels/http-post.ts';
import { renderPlainText } from '../../../../services/notifier/channels/plain-text.ts';
import { isPrivateAddress, refusePrivateHost } from '../../../../services/notifier/channels/private-address.ts';
import { safeText } from '../../../../services/notifier/channels/safe-text.ts';
import { signatureOf, webhookBody } from '../../../../services/notifier/channels/webhook.ts';
import type { Notification } from '../../../../shared/contracts/notification.ts';
import { anIncident } from '../../../support/incidents.ts';

const ESCAPE = '\u001b';
const hostile = `${ESCAPE}[2J${ESCAPE}]0;owned\u0007\r\n\u202egnp.exe \ud800 ${'A'.repeat(5000)}`;

function notification(lastMessage: string): Notification {
  const incident = anIncident('abc', 1);
  return { id: 'n-abc-1-1-x', channel: 'x', reason: 'opened', incident: { ...incident, lastMessage }, links: [] };
}

test('the plain text says what, where, since, how to repair and how to check', () => {
  const text = renderPlainText(notification('The port 80 is in use.'));
  for (const part of [
    'ERROR  Port 80 is taken on media01',
    'WMServer event 309',
    'media01, port 80',
    '2026-03-01T10:00:00.000Z, seen once',
    'The port 80 is in use.',
    'netstat -ano',
    '1. Use another port',
    '- Open the console. (on media01)',
    '- Play a stream.',
    'n-abc-1-1-x',
  ])
    assert.ok(text.includes(part), `${part} in\n${text}`);
});

test('hostile event text moves no cursor, breaks no line and is bounded', () => {
  const text = renderPlainText(notification(hostile));
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\ud800]/u);
  assert.ok(text.length < 4000);
  const body = JSON.stringify(webhookBody(notification(hostile), 'x'));
  assert.doesNotMatch(body, /\\u001b|\\u202e|\\ud800/iu);
});

test('safeText never ends in half a character', () => {
  for (let length = 1; length < 8; length += 1) {
    const cut = safeText('a😀b😀c', length);
    assert.ok(cut.length <= length);
    assert.doesNotMatch(cut, /\p{Surrogate}/u);
  }
});

test('the webhook body is Alertmanager’s version 4, with what a repair needs', () => {
  const body = webhookBody(notification('in use'), 'hook');
  assert.deepEqual([body.version, body.status, body.receiver, body.truncatedAlerts], ['4', 'firing', 'hook', 0]);
  const [alert] = body.alerts;
  assert.deepEqual(
    [alert?.labels['alertname'], alert?.labels['host'], alert?.labels['port'], alert?.labels['severity']],
    ['wmserver-309-port-in-use', 'media01', '80', 'error'],
  );
  assert.equal(alert?.endsAt, '0001-01-01T00:00:00Z');
  assert.match(alert?.annotations['remediation'] ?? '', /1\. Use another port\n- Open the console\./u);
  const resolved = notification('x');
  const over = { ...resolved, incident: { ...resolved.incident, state: 'resolved', resolvedAtMs: 0 } as const };
  assert.deepEqual(
    [webhookBody(over, 'x').status, webhookBody(over, 'x').alerts[0]?.endsAt],
    ['resolved', '1970-01-01T00:00:00.000Z'],
  );
});

test('a parameter cannot pass itself off as another label', () => {
  const one = notification('x');
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
  [401, 'refused'],
  [404, 'refused'],
  [408, 'retry'],
  [413, 'refused'],
  [425, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
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
  ];
  for (const address of inside) assert.ok(isPrivateAddress(address), address);
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    assert.ok(!isPrivateAddress(address), address);
  assert.throws(() => refusePrivateHost('[::1]'), /private address/u);
  assert.throws(() => refusePrivateHost(new URL('http://0x7f000001/').hostname), /private address/u);
  refusePrivateHost('example.org');
});
