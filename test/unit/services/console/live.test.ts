// The hub: who listens, and who waits for a command.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHub } from '../../../../services/console/live/hub.ts';
import type { ActivityEntry, EntryFields } from '../../../../shared/contracts/activity.ts';
import { anIncident } from '../../../support/incidents.ts';

const anAction = (own: Partial<EntryFields>): ActivityEntry =>
  ({
    subject: 'command',
    id: 'a',
    atMs: 0,
    incidentId: 'i',
    episode: 1,
    revision: 1,
    type: 'refused',
    actor: 'kim',
    reason: 'no',
    host: '',
    ruleId: '',
    severity: 'info',
    ...own,
  }) as ActivityEntry;
const never = new AbortController().signal;

test('who waits gets the outcome by the snapshot that has the command, or by the entry that refuses it', async () => {
  const hub = createHub();
  const [done, refused, other] = ['c1', 'c2', 'c1'].map(async (id) => await hub.outcomeOf(id, never));
  const incident = { ...anIncident('i', 2), recentEventIds: ['event', 'c1'] };
  hub.incident(incident);
  hub.activity(anAction({ commandId: 'c2' }));
  assert.deepEqual(await done, { kind: 'done', incident });
  assert.deepEqual(await other, { kind: 'done', incident });
  assert.deepEqual(await refused, { kind: 'refused', reason: 'no' });
});

test('a row about a silence is an answer too', async () => {
  const hub = createHub();
  const outcome = hub.outcomeOf('c', never);
  hub.activity(anAction({ commandId: 'c', subject: 'silence', type: 'silence_created' }));
  assert.deepEqual(await outcome, { kind: 'done' });
});

test('who waits no longer gets nothing', async () => {
  const hub = createHub();
  const over = new AbortController();
  const outcome = hub.outcomeOf('c', over.signal);
  over.abort();
  assert.equal(await outcome, undefined);
  assert.equal(await hub.outcomeOf('c', over.signal), undefined);
  hub.activity(anAction({ commandId: 'c' }));
});

test('listeners get every action until they leave', () => {
  const hub = createHub();
  const received: string[] = [];
  const leave = hub.listen(({ id }) => void received.push(id));
  hub.activity(anAction({ id: 'one' }));
  leave();
  hub.activity(anAction({ id: 'two' }));
  assert.deepEqual(received, ['one']);
});
