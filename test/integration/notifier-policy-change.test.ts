// The configuration changed while new incidents were on their way to their groups: each is
// notified, and nobody twice. On real Kafka and Redis.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupOf } from '../../services/notifier/policy/group.ts';
import { createAlertsStage } from '../../services/notifier/dispatch/alerts-stage.ts';
import { reconfigure } from '../../services/notifier/recovery/reconfigure.ts';
import { targetsOf } from '../../services/notifier/policy/decide.ts';
import { labelsOf } from '../../services/notifier/policy/labels.ts';
import type { NotifierComponents } from '../../services/notifier/components.ts';
import { anAlert } from '../support/alerts.ts';
import { cornerOf, startNotifier } from '../support/notifier.ts';
import { openTestComponents, type TestComponents } from '../support/notifier-components.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const { signal } = new AbortController();

function routed(group_by: readonly string[]) {
  return { receiver: 'hook', group_by, group_wait: '1s', group_interval: '1s' };
}

/**
 * The components of a notifier that is killed before what it committed reached Kafka and the
 * groups.
 */
function cutShort(components: NotifierComponents): NotifierComponents {
  return { ...components, relay: { flush: async () => await Promise.resolve() } };
}

async function takeAlerts(components: NotifierComponents, hosts: readonly string[], number = 0): Promise<void> {
  const alerts = hosts.map((host) => anAlert({ host, number }));
  const stage = createAlertsStage({ ...components, reopenWithinMs: 60_000 });
  assert.ok((await stage.handle(alerts, signal, { mayRepeat: false })).every(({ kind }) => kind === 'emit'));
}

/**
 * What a group of these components' policy has of an incident: undefined when it is no member, ''
 * when it was not notified.
 */
async function markOf({ components }: TestComponents, host: string): Promise<string | undefined> {
  const { store, policy, groups } = components;
  const { incidentId } = anAlert({ host });
  const [incident] = await store.briefs([incidentId]);
  assert.ok(incident !== undefined);
  const labels = labelsOf(incident, policy.labelRules);
  const [target] = targetsOf(incident, labels, policy).targets;
  assert.ok(target !== undefined);
  const state = await groups.read(groupOf(target, labels, incident).id);
  return state?.memberIds.includes(incidentId) === true ? (state.notified[incidentId] ?? '') : undefined;
}

const url = 'http://127.0.0.1:9';

test('killed before its outbox was emptied, and started with another configuration: every new incident is notified [cluster R1]', async (t) => {
  const webhook = await startWebhookServer(t);
  const before = await openTestComponents(t, { notifier: { receivers: [hook(webhook)], route: routed(['rule']) } });
  const hosts = Array.from({ length: 20 }, (_, index) => `media${index}.example.org`);
  await takeAlerts(cutShort(before.components), hosts);
  const after = await startNotifier(t, [hook(webhook)], {
    FOGHORN_NOTIFIER_ROUTE: JSON.stringify(routed(['rule', 'host'])),
    ...cornerOf(before),
  });
  await until('all are notified', () => webhook.deliveries().length === hosts.length);
  await after.service.stop();
});

test('the notifier of before is still at work: what it commits during the change is notified, what was notified is not again [cluster R1]', async (t) => {
  const before = await openTestComponents(t, { notifier: { receivers: [hook({ url })], route: routed(['rule']) } });
  await takeAlerts(before.components, ['old']);
  const after = await openTestComponents(t, {
    beside: before,
    notifier: { receivers: [hook({ url })], route: routed(['host']) },
  });
  const flush = async (): Promise<void> => {
    await after.components.relay.flush('all');
    await takeAlerts(cutShort(before.components), ['new']);
    // Of one that was notified something else waits.
    await takeAlerts(cutShort(before.components), ['old'], 1);
  };
  assert.ok(await reconfigure({ ...after.components, relay: { flush } }));
  assert.deepEqual([await markOf(after, 'old'), await markOf(after, 'new')], ['1@1', undefined]);
  await after.components.relay.flush('all');
  assert.equal(await markOf(after, 'new'), '');
});

test('settings that decide nothing about groups make nothing anew, timers only what timers depend on [cluster R1]', async (t) => {
  const settings = { receivers: [hook({ url })], route: routed(['rule']) };
  const before = await openTestComponents(t, { notifier: settings });
  await takeAlerts(cutShort(before.components), ['media01']);
  const dueInMs = async (): Promise<number> => {
    const [incident] = await before.components.store.snapshots([anAlert({ host: 'media01' }).incidentId]);
    const { client, keys } = before.components;
    const due = await client.run(async (redis) => await redis.zscore(keys.timers, incident?.id ?? ''));
    return Number(due) - (incident?.openedAtMs ?? 0);
  };
  const longMs = await dueInMs();
  for (const [changed, expectedMs] of [
    [{ attempts: 199, admin: { port: 9999 } }, longMs],
    [{ staleAfterMs: 60_000 }, 60_000],
  ] as const) {
    const after = await openTestComponents(t, { beside: before, notifier: { ...settings, ...changed } });
    assert.equal(await reconfigure(after.components), false);
    assert.equal(await dueInMs(), expectedMs);
    assert.equal(await markOf(after, 'media01'), undefined);
  }
});
