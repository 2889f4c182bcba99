// 1,000 incidents while everything is killed in turn, services and servers alike: nothing lost,
// nothing notified twice on any channel, counts exact.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import type { EntryFields } from '../../shared/contracts/activity.ts';
import { AT_ONCE } from '../support/at-once.ts';
import { sendAll } from '../support/agent.ts';
import { makeEvent, makeFault } from '../support/events.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { type FakeSmtp, startFakeSmtp } from '../support/fake-smtp.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { type OwnServer, type ServerName, startOwnServers } from '../support/own-servers.ts';
import { hostIn, type Notified, notifiedBy, notifiedToSlack, notifiedToWebhook, wrongIn } from '../support/notified.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';
import { skipHere } from '../support/needs.ts';

const INCIDENTS = 1000;
const EVERYDAY_EVENTS = 4000;
const FLEET = 'matrix';
const CATCH_UP_MS = 300_000;
const MAX_PAUSE_MS = 1500;
const SLACK_TIMEOUT_MS = 8000;
const WITHHELD_ONE_IN = 25;
const FROM = 'foghorn@example.org';
const HOST = /matrix-\d+\.example\.org/u;

interface Victim {
  readonly name: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

type OwnServers = Readonly<Record<ServerName, OwnServer>>;

function victimsOf(fleet: Fleet, servers: OwnServers): readonly Victim[] {
  const processes = Object.values(fleet.services).map(({ name, kill, start }) => ({ name, kill, start }));
  return [...processes, ...Object.entries(servers).map(([name, { kill, start }]) => ({ name, kill, start }))];
}

/**
 * Each once, in random order and at random moments; the order is printed, for whoever has to find
 * out what went wrong.
 */
async function killAll(t: TestContext, victims: readonly Victim[]): Promise<void> {
  const order = victims
    .map((victim) => ({ victim, place: Math.random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ victim }) => victim);
  t.diagnostic(`killed in this order: ${order.map(({ name }) => name).join(', ')}`);
  for (const { kill, start } of order) {
    await delay(randomInt(MAX_PAUSE_MS));
    await kill();
    await delay(randomInt(MAX_PAUSE_MS));
    await start();
  }
}

/** Everybody who is notified, each by its own kind of channel. */
interface People {
  readonly webhook: WebhookServer;
  readonly pagerduty: WebhookServer;
  readonly slack: FakeSlack;
  readonly smtp: FakeSmtp;
}

function receiversFor({ webhook, pagerduty, slack, smtp }: People): readonly Readonly<Record<string, unknown>>[] {
  const mail = { host: '127.0.0.1', port: smtp.port, caFile: smtp.caFile, from: FROM, to: ['anna@example.org'] };
  const bot = { token: 'xoxb-right', channel: 'C012345', apiUrl: slack.apiUrl, timeoutMs: SLACK_TIMEOUT_MS };
  return [
    hook(webhook),
    { name: 'pager', kind: 'pagerduty', routingKey: 'k'.repeat(32), url: pagerduty.url, allowPrivate: true },
    { name: 'team', kind: 'slack', ...bot },
    { name: 'mail', kind: 'email', ...mail },
  ];
}

interface PagerdutyEvent {
  readonly event_action: string;
  readonly dedup_key: string;
  readonly payload?: { readonly source: string };
}

function notifiedToPagerduty({ pagerduty }: People): Notified {
  const events = pagerduty.deliveries().map(({ text }) => JSON.parse(text) as PagerdutyEvent);
  return notifiedBy(events.map(({ event_action, dedup_key, payload }) => [payload?.source ?? event_action, dedup_key]));
}

/** A letter has the delivery in its Message-ID, and a mailbox shows it once. */
async function notifiedByMail({ smtp }: People): Promise<Notified> {
  const letters = await smtp.letters();
  return notifiedBy(letters.map(({ messageId = '', text = '' }) => [hostIn(text, HOST), messageId]));
}

function assertOnce(what: string, notified: Notified, hosts: readonly string[]): void {
  const { never, twice, others } = wrongIn(notified, hosts);
  assert.deepEqual([never, others], [[], []], `${what}: nothing lost, nobody else notified`);
  assert.deepEqual(twice, [], `${what}: nothing notified twice`);
}

test('services and servers killed at random moments: each incident notified once on every channel, each event counted once (alertmanager 2370, 4108, 2222; grafana 68162; bullmq 439)', async (t) => {
  const servers = await startOwnServers(t, ['kafka', 'elasticsearch', 'redis']);
  if (typeof servers === 'string') {
    skipHere(t, 'servers', servers);
    return;
  }
  const people: People = {
    webhook: await startWebhookServer(t),
    pagerduty: await startWebhookServer(t, { status: 202, body: '{"status":"success"}' }),
    slack: await startFakeSlack(t),
    smtp: await startFakeSmtp(t),
  };
  // It takes these posts and does not say so.
  people.slack.behave({ kind: 'withhold', oneIn: WITHHELD_ONE_IN });
  const env = {
    ...AT_ONCE,
    FOGHORN_NOTIFIER_RECEIVERS: JSON.stringify(receiversFor(people)),
    FOGHORN_NOTIFIER_RETRY_MAX_MS: '4000',
  };
  const fleet = await startFleet(t, env, servers);
  const faults = Array.from({ length: INCIDENTS }, (_, index) => makeFault(FLEET, index));
  const repeats = Array.from({ length: INCIDENTS }, (_, index) => makeFault(FLEET, index, 1));
  const hosts = faults.map(({ host }) => host);
  // Their 309s are left out, so that each incident is one of the faults above.
  const everyday = Array.from({ length: EVERYDAY_EVENTS }, (_, index) => makeEvent(FLEET, index)).filter(
    ({ isFault }) => !isFault,
  );
  const killing = killAll(t, victimsOf(fleet, servers));
  for (const events of [faults, everyday, repeats]) await sendAll(fleet.eventsUrl, events, CATCH_UP_MS);
  await killing;
  const { count, names } = fleet.elasticsearch;
  const sent = faults.length + repeats.length + everyday.length;
  await until('every event is indexed', async () => (await count({ match_all: {} })) >= sent, CATCH_UP_MS);
  assert.equal(await count({ match_all: {} }), sent, 'no event twice');
  await until(
    'the webhook knows every incident',
    () => notifiedToWebhook(people.webhook).size >= INCIDENTS,
    CATCH_UP_MS,
  );
  await until('PagerDuty too', () => notifiedToPagerduty(people).size >= INCIDENTS, CATCH_UP_MS);
  // Counted first: looking into thousands of messages in a loop would keep them from arriving.
  const slackHas = (): boolean => people.slack.parents().length >= INCIDENTS;
  await until('Slack too', () => slackHas() && notifiedToSlack(people.slack, HOST).size >= INCIDENTS, CATCH_UP_MS);
  await until('the mailbox too', async () => (await notifiedByMail(people)).size >= INCIDENTS, CATCH_UP_MS);
  const rows = { term: { 'event.action': 'notified' } };
  const all = INCIDENTS * receiversFor(people).length;
  // Not only by their number: counts that are brought up to date have rows of their own.
  const settled = async (): Promise<ReadonlySet<string>> => {
    const actions = (await fleet.kafka.readAll('actions')).map(({ value }) => JSON.parse(String(value)) as EntryFields);
    const notified = actions.filter(({ type }) => type === 'notified');
    return new Set(notified.map(({ incidentId, receiver }) => `${incidentId} ${receiver}`));
  };
  await until('every delivery is settled', async () => (await settled()).size >= all, CATCH_UP_MS);
  await until('and its row indexed', async () => (await count(rows, names.actions)) >= all, CATCH_UP_MS);
  const counted = { term: { 'foghorn.incident.total_count': 2 } };
  await until('both events are counted', async () => (await count(counted, names.incidents)) >= INCIDENTS, CATCH_UP_MS);
  assert.equal(await count({ match_all: {} }, names.incidents), INCIDENTS);
  assertOnce('webhook, by Idempotency-Key', notifiedToWebhook(people.webhook), hosts);
  assertOnce('PagerDuty, by dedup_key', notifiedToPagerduty(people), hosts);
  assertOnce('mail, by Message-ID', await notifiedByMail(people), hosts);
  assertOnce('Slack, by post', notifiedToSlack(people.slack, HOST), hosts);
  const looks = people.slack.calls().filter((method) => method === 'conversations.history').length;
  t.diagnostic(`${looks} looks for a post whose answer was lost`);
  assert.ok(looks >= Math.floor(INCIDENTS / WITHHELD_ONE_IN), 'what Slack did not answer was looked for');
  assert.deepEqual(await fleet.kafka.readAll('deadLetters'), []);
  await Promise.all(Object.values(fleet.services).map(async (service) => await service.stop()));
});
