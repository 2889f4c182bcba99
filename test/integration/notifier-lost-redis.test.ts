// Redis is lost between a change and the emptying of its outbox: nobody else knows of the change, so the stage has to make it again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCommandsStage } from '../../services/notifier/commands/commands-stage.ts';
import { createAlertsStage } from '../../services/notifier/incidents/alerts-stage.ts';
import { keysOf } from '../../services/notifier/incidents/keys.ts';
import type { Rooms } from '../../services/notifier/rooms.ts';
import type { Incident } from '../../shared/contracts/incident.ts';
import { anAlert } from '../support/alerts.ts';
import { openTestRooms, type TestRooms } from '../support/notifier-rooms.ts';

const DELIVERY = { mayRepeat: false };

/** What goes wrong with Redis before the outbox is read. */
const LOSSES: readonly (readonly [what: string, lose: (parts: TestRooms) => Promise<void>])[] = [
  ['wiped', async ({ redis }) => await redis.wipe()],
  [
    'wiped, and filled again by another process',
    async ({ redis, rooms }) => {
      await redis.wipe();
      await rooms.completeness.verify();
    },
  ],
  [
    'set back by its last second, over a lost connection',
    async ({ rooms: { client }, redis: { keyPrefix }, proxy }) => {
      const keys = keysOf(keyPrefix);
      const { incidentId } = anAlert({ host: 'media01' });
      const gone = [keys.outbox, keys.incident(incidentId), keys.seen(incidentId)];
      await client.run(async (redis) => await redis.del(...gone));
      await client.run(async (redis) => await redis.set(keys.complete, 'another:1'));
      const closed = new Promise((resolve) => void client.redis.once('close', resolve));
      proxy.cut();
      await closed;
      proxy.resume();
    },
  ],
];

for (const [what, lose] of LOSSES) {
  test(`Redis is ${what} before the outbox is emptied: the alert is not lost`, async (t) => {
    const parts = await openTestRooms(t);
    const stage = createAlertsStage({ ...losing(parts, lose), reopenWithinMs: 1000 });
    const verdicts = await stage.handle([anAlert({ host: 'media01' })], new AbortController().signal, DELIVERY);
    assert.deepEqual(verdicts, [{ kind: 'emit', records: [] }]);
    const incidents = await incidentsIn(parts);
    assert.deepEqual(
      incidents.map(({ state, episodeCount }) => [state, episodeCount]),
      [['open', 1]],
    );
  });

  test(`Redis is ${what} before the outbox is emptied: what a person asked for is not lost`, async (t) => {
    const parts = await openTestRooms(t);
    const { signal } = new AbortController();
    const alert = anAlert({ host: 'media01' });
    await createAlertsStage({ ...parts.rooms, reopenWithinMs: 1000 }).handle([alert], signal, DELIVERY);
    const asked = { id: 'c', actor: 'kim', atMs: Date.now(), reason: '', incidentId: alert.incidentId } as const;
    const stage = createCommandsStage(losing(parts, lose));
    const verdicts = await stage.handle([{ ...asked, kind: 'acknowledge' }], signal, DELIVERY);
    assert.deepEqual(verdicts, [{ kind: 'emit', records: [] }]);
    const last = (await incidentsIn(parts)).at(-1);
    assert.deepEqual([last?.state, last?.acknowledgedBy], ['acknowledged', 'kim']);
  });
}

/** The rooms with a relay before which Redis is lost once. */
function losing(parts: TestRooms, lose: (parts: TestRooms) => Promise<void>): Rooms {
  const { rooms } = parts;
  let isLost = false;
  const flush = async (): Promise<void> => {
    if (!isLost) {
      isLost = true;
      await lose(parts);
    }
    await rooms.relay.flush();
  };
  return { ...rooms, relay: { flush } };
}

async function incidentsIn({ kafka }: TestRooms): Promise<readonly Incident[]> {
  return (await kafka.readAll('incidents')).map(({ value }) => JSON.parse(String(value)) as Incident);
}
