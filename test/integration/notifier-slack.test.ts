// Slack's messages over an incident's and a group's life, with real Kafka and Redis: what its
// buttons ask is done, and what changes is edited in place.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { clicksIn } from '../../services/console/slack/interaction.ts';
import { keysOf } from '../../services/notifier/redis/keys.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { anAlert, anAlertRecord, hosts } from '../support/alerts.ts';
import { aCommandRecord } from '../support/commands.ts';
import { type FakeSlack, type SlackBlock, startFakeSlack } from '../support/fake-slack.ts';
import { anId } from '../support/ids.ts';
import { startNotifier, type TestNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { openRedis } from '../support/redis.ts';

async function open(t: TestContext, route: Readonly<Record<string, unknown>>) {
  const slack = await startFakeSlack(t);
  const receiver = { name: 'team', kind: 'slack', token: 'xoxb-right', channel: 'C012345', apiUrl: slack.apiUrl };
  const settings = { FOGHORN_NOTIFIER_ROUTE: JSON.stringify({ receiver: 'team', ...route }) };
  return { slack, notifier: await startNotifier(t, [receiver], settings) };
}

function buttonOf(slack: FakeSlack, actionId: string): SlackBlock | undefined {
  const blocks = slack.parents().at(-1)?.blocks ?? [];
  return blocks.flatMap(({ elements = [] }) => elements).find(({ action_id }) => action_id === actionId);
}

/** Presses a button of the latest message, as often as it says. */
async function press({ kafka }: TestNotifier, slack: FakeSlack, actionId: string, times = 1): Promise<void> {
  const value = buttonOf(slack, actionId)?.value ?? assert.fail(`there is no button ${actionId}`);
  const record = recordOf({ action_id: actionId, value });
  for (let time = 0; time < times; time += 1) await kafka.producer.send([record]);
}

function recordOf(action: Readonly<Record<string, unknown>>): OutRecord {
  const actions = [{ ...action, action_ts: '17.5' }];
  const payload = JSON.stringify({ type: 'block_actions', user: { id: 'U1', username: 'lee' }, actions });
  const [pressed] = clicksIn(Buffer.from(new URLSearchParams({ payload }).toString()), Date.now());
  assert.ok(pressed !== undefined);
  return aCommandRecord(pressed.draft, pressed.key);
}

/** The line of the latest message. */
function lineOf(slack: FakeSlack): Required<Pick<SlackBlock, 'block_id' | 'element'>> {
  const { block_id, element } =
    slack
      .parents()
      .at(-1)
      ?.blocks.find(({ type }) => type === 'input') ?? {};
  assert.ok(block_id !== undefined && element !== undefined);
  return { block_id, element };
}

async function statesOf(notifier: TestNotifier): Promise<readonly string[]> {
  return [...(await notifier.incidents()).values()].map(({ state }) => state);
}

const count = (states: readonly string[], state: string): number => states.filter((one) => one === state).length;

/** What a message notified counts as notified when its rows are written, too. */
async function untilPaid(t: TestContext, { redis: { url, keyPrefix } }: TestNotifier, groupId: string): Promise<void> {
  const client = openRedis(t, { url, keyPrefix });
  const unrecorded = keysOf(keyPrefix).group(groupId, 'unrecorded');
  await until(
    'the rows are written',
    async () => (await client.run(async (redis) => await redis.scard(unrecorded))) === 0,
  );
}

/**
 * An incident that comes before the end of the group joins it, and waits for its group_interval.
 */
async function untilEnded(t: TestContext, { redis: { url, keyPrefix } }: TestNotifier, groupId: string): Promise<void> {
  const client = openRedis(t, { url, keyPrefix });
  const key = keysOf(keyPrefix).group(groupId);
  await until('the group has ended', async () => (await client.run((redis) => redis.hget(key, 'state'))) === 'off');
}

test('a digest’s buttons: all that it notified of is acknowledged, killed half way or not, nothing else, and later resolved', async (t) => {
  const { slack, notifier } = await open(t, { group_by: ['rule'], group_wait: '10s', group_interval: '1h' });
  await notifier.kafka.producer.send(hosts(400).map((host) => anAlertRecord({ host })));
  await until('the digest is there', () => slack.parents().length === 1);
  await notifier.kafka.producer.send(hosts(3, 400).map((host) => anAlertRecord({ host })));
  await until('more incidents are there', async () => (await notifier.incidents()).size === 403);
  await untilPaid(t, notifier, buttonOf(slack, 'foghorn_acknowledge_group')?.value?.split(':')[0] ?? '');
  await press(notifier, slack, 'foghorn_acknowledge_group', 2);
  await until('some are acknowledged', async () => count(await statesOf(notifier), 'acknowledged') > 0);
  await notifier.service.kill();
  await notifier.service.start();
  await until('all are acknowledged', async () => count(await statesOf(notifier), 'acknowledged') === 400);
  const acknowledged = (await notifier.actions()).filter(({ type }) => type === 'acknowledged');
  assert.equal(acknowledged.length, 400);
  assert.ok(acknowledged.every(({ actor }) => actor === 'kim'));
  assert.equal(count(await statesOf(notifier), 'open'), 3, 'nobody was notified of these yet');
  await until('the digest says so', () => /3 incidents open, 400 acknowledged/u.test(slack.parents()[0]?.text ?? ''));
  const old = buttonOf(slack, 'foghorn_resolve_group')?.value;
  const [groupId = '', episode, revision] = (old ?? '').split(':');
  await untilPaid(t, notifier, groupId);
  await press(notifier, slack, 'foghorn_resolve_group');
  await until('all that was notified is resolved', async () => count(await statesOf(notifier), 'resolved') === 403);
  await until('the end is notified', () => /RESOLVED/u.test(slack.parents()[0]?.text ?? ''));
  assert.equal(slack.parents().length, 1);
  await untilEnded(t, notifier, groupId);

  await notifier.kafka.producer.send([anAlertRecord({ host: 'media900.example.org' })]);
  await until('the next digest is there', () => slack.parents().length === 2);
  await notifier.kafka.producer.send([
    aCommandRecord({ kind: 'resolve_group', groupId, episode: Number(episode), revision: Number(revision) }),
    aCommandRecord({ kind: 'resolve_group', groupId: anId('unheard-of'), episode: 1, revision: 1 }),
  ]);
  const refused = await until('both are refused', async () => {
    const rows = (await notifier.actions()).filter(({ type }) => type === 'refused');
    return rows.length >= 2 ? rows.map(({ reason }) => reason).toSorted() : undefined;
  });
  assert.deepEqual(refused, [
    'resolve_group refused: it was meant for episode 1 of the group, and this is episode 2',
    `resolve_group refused: there is no group ${anId('unheard-of')}`,
  ]);
  assert.equal(count(await statesOf(notifier), 'open'), 1);
});

test('an incident that waits for its turn by itself: who has it and what is noted is edited in and stands in the thread', async (t) => {
  const { slack, notifier } = await open(t, { group_by: ['...'], group_wait: '1s', group_interval: '1h' });
  const { incidentId } = anAlert({ host: 'media01.example.org' });
  await notifier.kafka.producer.send([anAlertRecord({ host: 'media01.example.org' })]);
  await until('it is notified', () => slack.parents().length === 1);
  const thread = (): readonly string[] => slack.replies(slack.parents()[0]?.ts ?? '').map(({ text }) => text);
  await notifier.kafka.producer.send([aCommandRecord({ kind: 'assign', incidentId, assignee: 'anna' })]);
  await until('the thread says who has it', () => thread().length === 1);
  await notifier.service.kill();
  const { block_id, element } = lineOf(slack);
  const typed = { type: element.type, action_id: element.action_id, block_id, value: 'IIS holds it' };
  await notifier.kafka.producer.send([recordOf(typed)]);
  await notifier.service.start();
  await until('the thread has the note', () => thread().length === 2);
  assert.match(thread()[0] ?? '', /Assigned to anna\./u);
  assert.match(thread()[1] ?? '', /kim noted: IIS holds it\. Assigned to anna\./u);
  assert.deepEqual([slack.parents().length, slack.parents()[0]?.edits], [1, 2]);
  assert.match(JSON.stringify(slack.parents()[0]?.blocks), /IIS holds it/u);
  assert.notEqual(lineOf(slack).block_id, block_id, 'the line is empty again');
  const untilMs = Date.now() + 3_600_000;
  await notifier.kafka.producer.send([aCommandRecord({ kind: 'snooze', incidentId, untilMs })]);
  await until('the thread says that it sleeps', () => thread().length === 3);
  assert.match(thread()[2] ?? '', /Snoozed until/u);
  assert.doesNotMatch(thread()[2] ?? '', /noted/u, 'what was notified is not notified again');
});
