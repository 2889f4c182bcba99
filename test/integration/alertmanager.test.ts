// Forwarding to a real Alertmanager, where FOGHORN_TEST_ALERTMANAGER names its program: it takes, groups and ends what it is sent.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createAlertmanagerChannel } from '../../services/notifier/channels/alertmanager.ts';
import type { Notification } from '../../shared/contracts/notification.ts';
import { aDigest, aNotification, HOSTILE, hostileNotification, inState } from '../support/notifications.ts';
import { freePort } from '../support/service-process.ts';
import { until } from '../support/until.ts';

const program = process.env['FOGHORN_TEST_ALERTMANAGER'] ?? '';
const skip = program === '' ? 'FOGHORN_TEST_ALERTMANAGER names no program' : false;

async function startAlertmanager(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-alertmanager-'));
  const config = join(folder, 'alertmanager.yml');
  writeFileSync(config, 'route: { receiver: none }\nreceivers: [{ name: none }]\n');
  const url = `http://127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${config}`, `--storage.path=${folder}`, `--web.listen-address=${new URL(url).host}`];
  const child = spawn(program, [...args, '--cluster.listen-address='], { stdio: 'ignore' });
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  await until('Alertmanager is ready', async () => (await fetch(`${url}/-/ready`)).ok);
  return url;
}

interface Known {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
}

test('a real Alertmanager takes incidents, groups and hostile text, and forgets what is over', { skip }, async (t) => {
  const url = await startAlertmanager(t);
  const settings = { headers: {}, firingForMs: 3_600_000, timeoutMs: 5000, allowPrivate: true };
  const channel = createAlertmanagerChannel({ ...settings, url, now: Date.now });
  t.after(async () => await channel.close());
  const send = async (notification: Notification): Promise<void> => {
    const outcome = await channel.send(channel.render(notification), new AbortController().signal);
    assert.equal(outcome.kind, 'sent', JSON.stringify(outcome));
  };
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
