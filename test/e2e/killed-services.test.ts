// 20,000 mixed events while each service in turn is killed with SIGKILL: nothing lost, nothing twice, every fault told once, no stranger told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { makeEvent, type MadeEvent } from '../support/events.ts';
import type { ServiceName } from '../support/service-process.ts';
import { until } from '../support/until.ts';
import { startWebhookServer } from '../support/webhook-server.ts';

const EVENTS = 20_000;
const PER_REQUEST = 200;
const SENDERS = 4;
const CATCH_UP_MS = 240_000;

interface Answer {
  readonly accepted: number;
  readonly rejected: number;
}

/** Sends as an agent does: again and again until the collector says that it has the events. */
async function deliver(url: string, contentType: string, body: string): Promise<Answer> {
  return await until(
    'the collector took a request',
    async () => {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': contentType }, body });
      return response.status === 200 ? ((await response.json()) as Answer) : undefined;
    },
    CATCH_UP_MS,
  );
}

async function sendAll(fleet: Fleet, events: readonly MadeEvent[]): Promise<void> {
  const requests: { readonly type: string; readonly body: string; readonly count: number }[] = [];
  for (let from = 0; from < events.length; from += PER_REQUEST) {
    const slice = events.slice(from, from + PER_REQUEST);
    for (const [kind, type] of [
      ['xml', 'application/xml'],
      ['json', 'application/x-ndjson'],
    ] as const) {
      const texts = slice.filter((event) => event.kind === kind).map((event) => event.text);
      if (texts.length > 0) requests.push({ type, body: texts.join('\n'), count: texts.length });
    }
  }
  const send = async (): Promise<void> => {
    for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
      const answer = await deliver(fleet.eventsUrl, request.type, request.body);
      assert.deepEqual([answer.accepted, answer.rejected], [request.count, 0]);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
}

/** Kills and restarts one service after the other, twice around. */
async function killInTurn(fleet: Fleet): Promise<void> {
  const order: readonly ServiceName[] = [
    'collector',
    'enricher',
    'indexer',
    'notifier',
    'enricher',
    'indexer',
    'notifier',
    'collector',
  ];
  for (const name of order) {
    await fleet.services[name].kill();
    await fleet.services[name].start();
  }
}

test('each service killed in mid-stream: every event once, every fault told once', async (t) => {
  const webhook = await startWebhookServer(t);
  const receivers = [{ name: 'hook', kind: 'webhook', url: webhook.url, allowPrivate: true }];
  const fleet = await startFleet(t, { FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receivers) });
  const events = Array.from({ length: EVENTS }, (_, index) => makeEvent('crash', index));
  await Promise.all([sendAll(fleet, events), killInTurn(fleet)]);

  const { count, search } = fleet.elasticsearch;
  await until('every event is indexed', async () => (await count({ match_all: {} })) >= EVENTS, CATCH_UP_MS);
  assert.equal(await count({ match_all: {} }), EVENTS, 'no event twice');

  const faults = events.filter((event) => event.isFault);
  assert.equal(await count({ term: { 'rule.id': 'wmserver-309-port-in-use' } }), faults.length);
  assert.equal(
    await count({ bool: { must: { term: { 'event.code': '309' } }, must_not: { exists: { field: 'rule.id' } } } }),
    EVENTS / 100,
  );
  const tagged = await search({ term: { 'rule.id': 'wmserver-309-port-in-use' } }, faults.length);
  assert.ok(tagged.every((document) => document['event'].provider === 'WMServer'));

  const incidents = new Set(faults.map((event) => `${event.host}:${event.port}`));
  const told = (): Set<string> =>
    new Set(
      webhook
        .alerts()
        .filter((alert) => alert.status === 'firing')
        .map(({ labels }) => `${labels['host']}:${labels['port']}`),
    );
  await until('every incident is told', () => told().size >= incidents.size, CATCH_UP_MS);
  assert.deepEqual([...told()].sort(), [...incidents].sort());
  assert.equal(
    new Set(webhook.deliveries().map(({ idempotencyKey }) => idempotencyKey)).size,
    incidents.size,
    'one message for each incident',
  );
  assert.deepEqual(
    (await fleet.kafka.readAll('deadLetters')).map(({ headers }) => headers['dead-detail']),
    [],
  );
});
