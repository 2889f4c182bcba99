// The outbox of several notifiers: each publishes what it wrote, and what another has left there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NotifierComponents } from '../../services/notifier/components.ts';
import { createAlertsStage } from '../../services/notifier/dispatch/alerts-stage.ts';
import type { Incident } from '../../shared/contracts/incident.ts';
import { anAlert } from '../support/alerts.ts';
import { openTestComponents, type TestComponents } from '../support/notifier-components.ts';

const { signal } = new AbortController();

async function take(components: NotifierComponents, host: string, mayRepeat = false): Promise<void> {
  await createAlertsStage({ ...components, reopenWithinMs: 1000 }).handle([anAlert({ host })], signal, { mayRepeat });
}

/** As if it died before the outbox was emptied. */
function cutShort({ components }: TestComponents, change: Partial<NotifierComponents> = {}): NotifierComponents {
  return { ...components, ...change, relay: { flush: async () => await Promise.resolve() } };
}

/** The hosts whose incidents are in Kafka, one for each record. */
async function published({ kafka }: TestComponents): Promise<readonly string[]> {
  const records = await kafka.readAll('incidents');
  return records.map(({ value }) => (JSON.parse(String(value)) as Incident).entity.host).toSorted();
}

test('two notifiers publish what each of them wrote, once [state 7]', async (t) => {
  const one = await openTestComponents(t);
  const other = await openTestComponents(t, { beside: one });
  await take(cutShort(one), 'one');
  await take(other.components, 'other');
  assert.deepEqual(await published(one), ['other']);
  await one.components.relay.flush('own');
  assert.deepEqual(await published(one), ['one', 'other']);
});

test('a notifier ended before it published what it wrote: the one that gets its alert again does, before it goes on', async (t) => {
  const one = await openTestComponents(t);
  const other = await openTestComponents(t, { beside: one });
  await take(cutShort(one), 'one');
  await take(other.components, 'one', true);
  assert.deepEqual(await published(one), ['one']);
});

test('a notifier ended before it published what nobody sends again: another does after seconds', async (t) => {
  const one = await openTestComponents(t);
  const other = await openTestComponents(t, { beside: one });
  await take(cutShort(one, { now: () => Date.now() - 6000 }), 'one');
  await other.components.relay.flush('own');
  assert.deepEqual(await published(one), ['one']);
});
