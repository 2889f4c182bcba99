// What every channel keeps to, whatever it speaks: render is pure, send never throws, a second look finds what arrived. A new one is added to the list.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Channel } from '../../services/notifier/channels/channel.ts';
import { createLocalChannel } from '../../services/notifier/channels/local.ts';
import { createWebhookChannel } from '../../services/notifier/channels/webhook.ts';
import type { Notification } from '../../shared/contracts/notification.ts';
import { anIncident } from '../support/incidents.ts';
import { startWebhookServer } from '../support/webhook-server.ts';

interface Subject {
  readonly channel: Channel;
  /** Makes the receiver fail for good. */
  break(): void;
  /** How many messages with this id arrived; repeats that the receiver recognises count once. */
  arrived(id: string): Promise<number> | number;
}

const CHANNELS: Readonly<Record<string, (t: TestContext) => Promise<Subject>>> = {
  local: async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'foghorn-channel-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    let written = '';
    const terminal = { write: (text: string) => (written += text) };
    const file = join(folder, 'deeper', 'alerts.log');
    let channel = createLocalChannel(file, terminal);
    return await Promise.resolve({
      channel: { ...channel, send: async (rendered, signal) => await channel.send(rendered, signal) },
      // Below something that is no folder nothing can be made.
      break: () => {
        channel = createLocalChannel('/dev/null/alerts.log', terminal);
      },
      arrived: (id) => written.split(id).length - 1,
    });
  },
  webhook: async (t) => {
    const server = await startWebhookServer(t);
    const settings = {
      receiver: 'hook',
      url: server.url,
      secret: 's',
      headers: {},
      timeoutMs: 500,
      allowPrivate: true,
    };
    const channel = createWebhookChannel({ ...settings, now: Date.now });
    t.after(async () => await channel.close());
    return {
      channel,
      break: () => server.behave({ kind: 'hang' }),
      arrived: (id) => new Set(server.deliveries().filter(({ idempotencyKey }) => idempotencyKey === id)).size,
    };
  },
};

const { signal } = new AbortController();

function notification(id: string): Notification {
  return { id, channel: 'x', reason: 'opened', incident: anIncident('abc', 1), links: [] };
}

for (const [kind, open] of Object.entries(CHANNELS)) {
  test(`${kind}: render is pure and knows the delivery`, async (t) => {
    const { channel } = await open(t);
    assert.equal(channel.kind, kind);
    assert.deepEqual(channel.render(notification('n-1')), channel.render(notification('n-1')));
    assert.equal(channel.render(notification('n-1')).id, 'n-1');
  });

  test(`${kind}: what was sent has arrived once, and a second look does not make it two`, async (t) => {
    const { channel, arrived } = await open(t);
    const rendered = channel.render(notification('n-2'));
    const outcome = await channel.send(rendered, signal);
    assert.equal(outcome.kind, 'sent');
    assert.equal(await arrived('n-2'), 1);
    assert.ok(['sent', 'absent'].includes((await channel.reconcile(rendered)).kind));
    assert.equal((await channel.reconcile(channel.render(notification('n-other')))).kind, 'absent');
  });

  test(`${kind}: a receiver that fails is an outcome and never an exception`, async (t) => {
    const subject = await open(t);
    subject.break();
    const outcome = await subject.channel.send(subject.channel.render(notification('n-3')), signal);
    assert.ok(['retry', 'unknown'].includes(outcome.kind), outcome.kind);
    assert.notEqual((outcome as { detail: string }).detail, '');
  });
}
