// Redis is lost between a change and the emptying of its outbox: nobody else knows of the change,
// so the stage has to make it again.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createCommandsStage } from '../../services/notifier/commands/commands-stage.ts';
import { createAlertsStage } from '../../services/notifier/dispatch/alerts-stage.ts';
import type { NotifierComponents } from '../../services/notifier/components.ts';
import type { Command } from '../../shared/contracts/command.ts';
import type { Alert } from '../../shared/contracts/enriched-event.ts';
import type { Incident } from '../../shared/contracts/incident.ts';
import { anAlert } from '../support/alerts.ts';
import { openTestComponents, type TestComponents } from '../support/notifier-components.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { skipHere } from '../support/needs.ts';

const alert = anAlert({ host: 'media01' });
const later = anAlert({ host: 'media01', number: 1 });
const DELIVERY = { mayRepeat: false };
const { signal } = new AbortController();

/** What happens to Redis. */
type Loss = (t: TestContext, parts: TestComponents) => Promise<void>;

const LOSSES: readonly (readonly [what: string, lose: Loss])[] = [
  ['wiped', async (_t, { redis }) => await redis.wipe()],
  [
    'wiped, and filled again by another process',
    async (t, parts) => {
      await parts.redis.wipe();
      await openTestComponents(t, { beside: parts });
    },
  ],
  [
    'wiped while the connection was lost',
    async (_t, { redis, proxy, components: { client } }) => {
      // Not by once(): it would fail by the error that comes before.
      const closed = new Promise((resolve) => void client.redis.once('close', resolve));
      proxy.cut();
      await closed;
      await redis.wipe();
      proxy.resume();
    },
  ],
];

for (const [what, lose] of LOSSES) {
  test(`Redis is ${what} before the outbox is emptied: the alert is not lost`, async (t) => {
    const parts = await openTestComponents(t);
    await takeAlert(losing(parts, async () => await lose(t, parts)));
    assert.deepEqual(await lastIn(parts), ['open', 1, undefined]);
  });

  test(`Redis is ${what} before the outbox is emptied: what a person asked for is not lost`, async (t) => {
    const parts = await openTestComponents(t);
    await takeAlert(parts.components);
    await acknowledge(losing(parts, async () => await lose(t, parts)));
    assert.deepEqual(await lastIn(parts), ['acknowledged', 1, 'kim']);
  });
}

interface OwnRedis {
  readonly parts: TestComponents;
  /** What comes after it is gone once Redis was `setBack`. */
  loseFromHere(): Promise<unknown>;
  setBack(): Promise<void>;
}

function testSetBack(what: string, run: (own: OwnRedis) => Promise<void>): void {
  test(what, async (t) => {
    const servers = await startOwnServers(t, ['redis']);
    if (typeof servers === 'string') {
      skipHere(t, 'servers', servers);
      return;
    }
    const own = servers.redis;
    const parts = await openTestComponents(t, { ownUrl: own.address });
    const { client } = parts.components;
    await run({
      parts,
      loseFromHere: async () => await client.run(async (redis) => await redis.config('SET', 'appendonly', 'no')),
      setBack: async () => {
        await own.kill();
        await own.start();
      },
    });
  });
}

testSetBack(
  'Redis comes back without its last second before the outbox is emptied: what was asked for is not lost',
  async ({ parts, loseFromHere, setBack }) => {
    await takeAlert(parts.components);
    await loseFromHere();
    await acknowledge(losing(parts, setBack));
    assert.deepEqual(await lastIn(parts), ['acknowledged', 1, 'kim']);
  },
);

testSetBack(
  'Redis comes back with an outbox of before in the middle of a batch: nothing older takes the place of what Kafka has',
  async ({ parts, loseFromHere, setBack }) => {
    await takeAlert({ ...parts.components, relay: { flush: async () => await Promise.resolve() } });
    await loseFromHere();
    await acknowledge(parts.components);
    await takeAlert(losing(parts, setBack), [later]);
    assert.deepEqual(await lastIn(parts), ['acknowledged', 2, 'kim']);
  },
);

testSetBack(
  'Redis comes back without its last second between a look at an incident and its change: the older one is not changed',
  async ({ parts, loseFromHere, setBack }) => {
    await takeAlert(parts.components);
    await loseFromHere();
    await acknowledge(parts.components);
    let isLost = false;
    const load: NotifierComponents['store']['load'] = async (wanted) => {
      const loaded = await parts.components.store.load(wanted);
      if (!isLost) {
        isLost = true;
        await setBack();
      }
      return loaded;
    };
    await takeAlert({ ...parts.components, store: { ...parts.components.store, load } }, [later]);
    assert.deepEqual(await lastIn(parts), ['acknowledged', 2, 'kim']);
  },
);

async function takeAlert(components: NotifierComponents, alerts: readonly Alert[] = [alert]): Promise<void> {
  const verdicts = await createAlertsStage({ ...components, reopenWithinMs: 1000 }).handle(alerts, signal, DELIVERY);
  assert.deepEqual(verdicts, [{ kind: 'emit', records: [] }]);
}

async function acknowledge(components: NotifierComponents): Promise<void> {
  const { incidentId } = alert;
  const command: Command = { id: 'c', actor: 'kim', atMs: 1, reason: '', kind: 'acknowledge', incidentId };
  assert.deepEqual(await createCommandsStage(components).handle([command], signal, DELIVERY), [
    { kind: 'emit', records: [] },
  ]);
}

/** The components with a relay before which Redis is lost once. */
function losing({ components }: TestComponents, lose: () => Promise<void>): NotifierComponents {
  let isLost = false;
  const flush: NotifierComponents['relay']['flush'] = async (whose) => {
    if (!isLost) {
      isLost = true;
      await lose();
    }
    await components.relay.flush(whose);
  };
  return { ...components, relay: { flush } };
}

/** What Kafka knows of the incident. */
async function lastIn({ kafka }: TestComponents): Promise<readonly unknown[]> {
  const incidents = (await kafka.readAll('incidents')).map(({ value }) => JSON.parse(String(value)) as Incident);
  const { state, totalCount, acknowledgedBy } = incidents.at(-1) ?? assert.fail('there is none');
  return [state, totalCount, acknowledgedBy];
}
