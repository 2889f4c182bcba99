// Forwarding to a real Alertmanager, where ALERTMANAGER_PROGRAM names its program: it takes, groups
// and ends what it is sent.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { choosePort } from '../../deploy/local/ports.ts';
import { createAlertmanagerChannel } from '../../services/notifier/channels/alertmanager.ts';
import type { Notification } from '../../shared/contracts/notification.ts';
import { aDigest, aNotification, HOSTILE, hostileNotification, inState } from '../support/notifications.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { startWebhookServer } from '../support/webhook-server.ts';
import { skipWithout } from '../support/needs.ts';

const program = process.env['ALERTMANAGER_PROGRAM'] ?? '';
const skip = skipWithout('alertmanager', program === '' ? 'ALERTMANAGER_PROGRAM names no program' : undefined);

/** Notifies `hookUrl`, when there is one, as soon as it can. */
async function startAlertmanager(t: TestContext, hookUrl?: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-alertmanager-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'alertmanager.yml');
  const hook = hookUrl === undefined ? '' : `, webhook_configs: [{ url: '${hookUrl}' }]`;
  writeFileSync(config, `route: { receiver: one, group_wait: 1s }\nreceivers: [{ name: one${hook} }]\n`);
  const url = `http://127.0.0.1:${await choosePort()}`;
  const args = [`--config.file=${config}`, `--storage.path=${folder}`, `--web.listen-address=${new URL(url).host}`];
  await startProgram(t, { program, args: [...args, '--cluster.listen-address='], url: `${url}/-/ready` });
  return url;
}

function forwardingTo(t: TestContext, url: string): (notification: Notification) => Promise<void> {
  const settings = { headers: {}, firingForMs: 900_000, timeoutMs: 5000, allowPrivate: true };
  const channel = createAlertmanagerChannel({ ...settings, url, now: Date.now });
  t.after(async () => await channel.close());
  return async (notification) => {
    const outcome = await channel.send(channel.render(notification), new AbortController().signal);
    assert.equal(outcome.kind, 'sent', JSON.stringify(outcome));
  };
}

interface Known {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
}

test('a real Alertmanager takes incidents, groups and hostile text, and drops what is over', { skip }, async (t) => {
  const url = await startAlertmanager(t);
  const send = forwardingTo(t, url);
  const firing = async (): Promise<readonly Known[]> =>
    (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly Known[];

  await send(aNotification());
  await send(aNotification({ reason: 'repeated' }));
  const [alert, ...others] = await firing();
  assert.equal(others.length, 0, 'the same incident is one alert');
  assert.equal(alert?.labels['host'], 'media01');
  assert.match(alert?.annotations['remediation'] ?? '', /Use another port/u);
  assert.ok(Date.parse(alert?.endsAt ?? '') > Date.now());

  await send(aNotification({ reason: 'resolved', incident: inState({ state: 'resolved', resolvedAtMs: Date.now() }) }));
  assert.equal((await firing()).length, 0);
  await send(aNotification({ digest: aDigest() }));
  assert.equal((await firing())[0]?.labels['group_id'], 'storm');
  for (const text of Object.values(HOSTILE)) await send(hostileNotification(text));
});

test('what was over before anybody was notified is notified by a real Alertmanager all the same (alertmanager 2398, 662)', {
  skip,
}, async (t) => {
  const webhook = await startWebhookServer(t);
  const send = forwardingTo(t, await startAlertmanager(t, webhook.url));
  const incident = inState({ state: 'resolved', openedAtMs: Date.now() - 60_000, resolvedAtMs: Date.now() });
  await send(aNotification({ reason: 'resolved', isFirst: true, incident }));
  await until('its own receiver is notified of it', () => webhook.deliveries().length > 0);
  assert.match(webhook.deliveries()[0]?.text ?? '', /It was open from .* before the first notification/u);
});
