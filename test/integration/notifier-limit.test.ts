// A sender that invents hosts: its incidents are limited, what exceeds is one incident, and others
// are notified as ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlertsStage } from '../../services/notifier/dispatch/alerts-stage.ts';
import { LIMIT_RULE } from '../../services/notifier/policy/limit-rule.ts';
import type { NotifierComponents } from '../../services/notifier/components.ts';
import type { Alert } from '../../shared/contracts/enriched-event.ts';
import type { Incident, IncidentBrief } from '../../shared/contracts/incident.ts';
import { anAlert } from '../support/alerts.ts';
import { anIncident } from '../support/incidents.ts';
import { openTestComponents } from '../support/notifier-components.ts';

function alertsOf(sender: string, count: number, number = 0): readonly Alert[] {
  return Array.from({ length: count }, (_, index) =>
    anAlert({ host: `${sender}-${index}`, number, sender, receivedAtMs: Date.now() }),
  );
}

async function take(components: NotifierComponents, alerts: readonly Alert[]): Promise<void> {
  const stage = createAlertsStage({ ...components, reopenWithinMs: 1000 });
  const verdicts = await stage.handle(alerts, new AbortController().signal, { mayRepeat: false });
  assert.ok(verdicts.every(({ kind }) => kind === 'emit'));
}

async function activeOf(components: NotifierComponents): Promise<readonly IncidentBrief[]> {
  const all: IncidentBrief[] = [];
  await components.store.eachActive(async (incidents) => {
    all.push(...incidents);
    await Promise.resolve();
  });
  return all;
}

async function limitIncidents(components: NotifierComponents): Promise<readonly Incident[]> {
  const ids = (await activeOf(components)).filter(({ entity }) => entity.ruleId === LIMIT_RULE).map(({ id }) => id);
  return (await components.store.snapshots(ids)).filter((incident) => incident !== undefined);
}

test('a sender begins no more incidents than allowed; what exceeds is one incident that counts, and others go on [security M14]', async (t) => {
  const { components } = await openTestComponents(t, {
    notifier: { receivers: [], maxIncidentsPerRule: 10, maxIncidentsPerSender: 15 },
  });
  await take(components, alertsOf('agent-x', 30));
  assert.equal((await activeOf(components)).length, 11);
  const [first] = await limitIncidents(components);
  assert.deepEqual([first?.episodeCount, first?.episode, first?.state], [20, 1, 'open']);
  assert.match(first?.remediation.title ?? '', /agent-x begins more incidents of wmserver-309-port-in-use/u);
  assert.match(first?.lastMessage ?? '', /on agent-x-\d+ began none/u);

  await take(components, alertsOf('agent-x', 30));
  assert.equal(
    (await limitIncidents(components))[0]?.episodeCount,
    20,
    'a batch that comes again counts nothing twice',
  );

  await take(components, [...alertsOf('agent-x', 1, 1), ...alertsOf('agent-web', 1)]);
  const active = await activeOf(components);
  assert.equal(active.length, 12);
  assert.equal(active.find(({ entity }) => entity.host === 'agent-x-0')?.episodeCount, 2, 'what is there goes on');
  assert.ok(active.some(({ entity }) => entity.host === 'agent-web-0'));
});

test('what a sender began is known again after Redis was rebuilt [security M14]', async (t) => {
  const { components, redis } = await openTestComponents(t, {
    notifier: { receivers: [], maxIncidentsPerRule: 10, maxIncidentsPerSender: 15 },
  });
  const known = Array.from({ length: 10 }, (_, index) => ({
    ...anIncident(`i${index}`, 1),
    openedAtMs: Date.now(),
    senders: [{ name: 'agent-x' }],
  }));
  await components.limit.restore(known);
  const counted = await components.client.run(async (client) => await client.keys(`${redis.keyPrefix}:begun-by:*`));
  assert.equal(counted.length, 2);
  for (const key of counted)
    assert.ok(
      (await components.client.run(async (client) => await client.pttl(key))) > 0,
      'nothing is counted for ever',
    );
  const wanted = { id: 'new', ruleId: known[0]?.entity.ruleId ?? '' };
  const answers = await components.limit.admit(
    [
      { ...wanted, sender: 'agent-x' },
      { ...wanted, sender: 'agent-web' },
      { ...wanted, id: 'i3', sender: 'agent-x' },
      { ...wanted, ruleId: 'other', sender: 'agent-x' },
    ],
    Date.now(),
  );
  assert.deepEqual(answers, [false, true, true, true]);
});

test('a flood by one sender is a digest of its own; what others send is notified by itself, and many senders are a storm [security M14]', async (t) => {
  const { components } = await openTestComponents(t);
  await take(components, [...alertsOf('agent-x', 60), ...alertsOf('agent-web', 1)]);
  const active = await activeOf(components);
  const stormy = active.filter(({ isInStorm }) => isInStorm === true);
  assert.equal(stormy.length, 40);
  assert.ok(stormy.every(({ entity }) => entity.host.startsWith('agent-x')));
  await take(components, Array.from({ length: 30 }, (_, index) => alertsOf(`agent-${index}`, 1)).flat());
  const later = (await activeOf(components)).filter(({ isInStorm }) => isInStorm === true);
  assert.ok(later.length > 40, `${later.length} in the storm`);
});
