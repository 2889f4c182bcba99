// The notification log on a real Redis: one sender at a time, what is uncertain is known by its
// revision, what was sent is not sent again.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createSlackChannel } from '../../services/notifier/channels/slack/slack.ts';
import { deliver, type DeliverParts } from '../../services/notifier/delivery/deliver.ts';
import { createNotificationLog } from '../../services/notifier/delivery/notification-log.ts';
import { type Delivery, deliveryOf } from '../../services/notifier/delivery/plan.ts';
import { type NotifiedGroup, readHistory } from '../../services/notifier/recovery/history.ts';
import { StateLost } from '../../services/notifier/redis/state-lost.ts';
import { declareNotifierMetrics } from '../../services/notifier/metrics.ts';
import type { ActivityEntry, EntryFields } from '../../shared/contracts/activity.ts';
import type { FilledIncident } from '../../shared/contracts/incident.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { anIncident } from '../support/incidents.ts';
import { quietLog } from '../support/log.ts';
import { inState } from '../support/notifications.ts';
import { openCompleteRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const LEASE = { leaseMs: 60_000 };
/** Over at once. */
const SHORT = { leaseMs: 1 };

function at(revision: number, receiver = 'ops'): Delivery {
  const reason = revision === 1 ? 'opened' : 'resolved';
  return deliveryOf({ subjectId: 'abc', episode: 1, revision, receiver, reason, receivedAtMs: 0 });
}

function wanted(receiver?: string) {
  return { delivery: at(1, receiver), isWanted: true };
}

async function startLog(t: TestContext) {
  const { client, keys } = await openCompleteRedis(t);
  const notificationLog = createNotificationLog(client, keys);
  const claim = async (delivery: Delivery, options = LEASE) => {
    const answer = await notificationLog.claim(delivery, options);
    return answer.kind === 'claimed' ? answer : assert.fail(`not claimed: ${answer.kind}`);
  };
  const untilFree = async (delivery: Delivery) =>
    await until('the lease is over', async () => {
      const answer = await notificationLog.claim(delivery, LEASE);
      return answer.kind === 'claimed' && answer;
    });
  const loseMarker = async (): Promise<void> =>
    void (await client.run(async (redis) => await redis.del(keys.complete)));
  const loseRecord = async (): Promise<void> =>
    void (await client.run(async (redis) => await redis.del(keys.delivery('abc', 1, 'ops'))));
  const keepsForMs = async (): Promise<number> =>
    await client.run(async (redis) => await redis.pttl(keys.delivery('abc', 1, 'ops')));
  return { notificationLog, claim, untilFree, loseMarker, loseRecord, keepsForMs };
}

/** The channel to a Slack of the test. */
function channelTo({ apiUrl }: FakeSlack): DeliverParts['channel'] {
  return createSlackChannel({ token: 'xoxb-right', channel: 'C012345', apiUrl, timeoutMs: 2000 });
}

/** What delivers messages about one incident that is to be notified of. */
function partsOf(own: Pick<DeliverParts, 'channel' | 'notificationLog'>, incident: FilledIncident): DeliverParts {
  return {
    ...own,
    producer: {
      send: async () => await Promise.resolve([]),
      ready: async () => await Promise.resolve(undefined),
      close: async () => await Promise.resolve(),
    },
    metrics: declareNotifierMetrics(createRegistry('test')),
    log: quietLog,
    rateLimit: async () => await Promise.resolve(0),
    subjectOf: async () => await Promise.resolve({ kind: 'notify', incident, notified: [incident] }),
    linksOf: () => ({ page: '', links: [] }),
    leaseMs: 500,
    now: () => 1000,
  };
}

test('one sender at a time; the next revision knows where the last one is', async (t) => {
  const { notificationLog, claim } = await startLog(t);
  const first = await claim(at(1));
  assert.ok(first.isFirst);
  const busy = await notificationLog.claim(at(2), LEASE);
  assert.ok(busy.kind === 'in_progress' && busy.waitMs > 50_000 && busy.waitMs <= 60_000);
  assert.ok(await notificationLog.settle(at(1), first.token, { kind: 'sent', reference: 'ts1', atMs: 1100 }));
  const second = await claim(at(2));
  assert.deepEqual([second.isFirst, second.previousReference, second.unconfirmedRevision], [false, 'ts1', undefined]);
  await notificationLog.settle(at(2), second.token, { kind: 'sent', reference: 'ts1', atMs: 1200 });
  assert.deepEqual(await notificationLog.claim(at(1), LEASE), {
    kind: 'sent',
    revision: 2,
    reference: 'ts1',
    atMs: 1200,
  });
});

test('an edit without a word overtakes nothing that waits with one, also when what waits had arrived after all', async (t) => {
  const { notificationLog } = await startLog(t);
  const slack = await startFakeSlack(t);
  const channel = channelTo(slack);
  const incident = inState({ state: 'acknowledged', acknowledgedBy: 'anna', acknowledgedAtMs: 0 });
  const parts = partsOf({ channel, notificationLog }, incident);
  const attempt = async (
    revision: number,
    reason: Delivery['reason'],
    more: Partial<Delivery> = {},
  ): Promise<string> => {
    const id = `n-abc-1-${revision}-ops`;
    const options = { isLast: false, signal: new AbortController().signal };
    return (await deliver(parts, { ...at(revision), id, reason, ...more }, options)).kind;
  };
  const counts = { id: 'n-abc-1-counts5-ops', notBeforeMs: 5 };
  const thread = (): readonly string[] => slack.replies(slack.parents()[0]?.ts ?? '').map(({ text }) => text);
  assert.equal(await attempt(1, 'opened'), 'sent');
  assert.equal(await attempt(3, 'updated', counts), 'sent');
  assert.deepEqual([slack.parents()[0]?.edits, thread().length], [1, 0]);
  slack.behave({ kind: 'hang-up' }, 'chat.postMessage');
  assert.equal(await attempt(2, 'acknowledged'), 'unknown');
  slack.behave({ kind: 'take' });
  assert.equal(await attempt(3, 'updated', counts), 'sent');
  assert.ok(['sent', 'obsolete'].includes(await attempt(2, 'acknowledged')));
  assert.equal(thread().length, 1, 'the acknowledgement stands there, once');
});

test('a message that an edit found, and could not edit, is not sent again', async (t) => {
  const { notificationLog } = await startLog(t);
  const slack = await startFakeSlack(t);
  const channel = channelTo(slack);
  const incident = anIncident('abc', 1);
  const parts = partsOf({ channel, notificationLog }, incident);
  const options = { isLast: false, signal: new AbortController().signal };
  const counts: Delivery = { ...at(2), id: 'n-abc-1-counts2-ops', reason: 'updated', notBeforeMs: 5 };
  slack.behave({ kind: 'hang-up' });
  assert.equal((await deliver(parts, at(1), options)).kind, 'unknown');
  assert.equal((await deliver(parts, counts, options)).kind, 'retry');
  slack.behave({ kind: 'take' });
  assert.equal((await deliver(parts, at(1), options)).kind, 'sent');
  assert.equal(slack.parents().length, 1);
});

test('an attempt that lost its claim while it looked for an earlier message sends nothing', async (t) => {
  const { notificationLog, claim, loseRecord } = await startLog(t);
  const slack = await startFakeSlack(t);
  const channel = channelTo(slack);
  const incident = anIncident('abc', 1);
  const looked: string[] = [];
  // Slack has nothing; meanwhile Redis is lost, filled again, and another attempt begins.
  const losing: DeliverParts['channel'] = {
    ...channel,
    reconcile: async (plan) => {
      const found = await channel.reconcile(plan);
      looked.push(found.kind);
      await loseRecord();
      await notificationLog.restore([wanted()]);
      await claim(at(1));
      return found;
    },
  };
  const parts = partsOf({ channel: losing, notificationLog }, incident);
  await notificationLog.restore([wanted()]);
  const options = { isLast: false, signal: new AbortController().signal };
  const outcome = await deliver(parts, at(1), options);
  assert.deepEqual([looked, outcome.kind, slack.messages().length], [['absent'], 'in_progress', 0]);
});

test('a bug that one delivery brings to light ends that delivery: counted, with a row, and not tried again [security M8]', async (t) => {
  const { notificationLog } = await startLog(t);
  const slack = await startFakeSlack(t);
  const channel = channelTo(slack);
  const incident = anIncident('abc', 1);
  const rows: EntryFields[] = [];
  const faults: unknown[] = [];
  const fail = (): never => {
    throw new URIError('URI malformed');
  };
  const parts: DeliverParts = {
    channel,
    notificationLog,
    producer: {
      send: async (records) => {
        rows.push(...records.map(({ value }) => JSON.parse(String(value)) as EntryFields));
        return await Promise.resolve([]);
      },
      ready: async () => await Promise.resolve(undefined),
      close: async () => await Promise.resolve(),
    },
    metrics: declareNotifierMetrics(createRegistry('test')),
    log: { warn: () => undefined, error: (...args: unknown[]) => void faults.push(args) },
    rateLimit: async () => await Promise.resolve(0),
    subjectOf: async () => await Promise.resolve({ kind: 'notify', incident, notified: [incident] }),
    linksOf: fail,
    leaseMs: 500,
    now: () => 1000,
  };
  const render = { ...parts, linksOf: () => ({ page: '', links: [] }), channel: { ...channel, render: fail } };
  const subject = {
    ...parts,
    linksOf: () => ({ page: '', links: [] }),
    subjectOf: async () => await Promise.resolve(fail()),
  };
  for (const [index, broken] of [parts, render, subject].entries()) {
    const tried = await deliver(broken, at(index + 1), { isLast: false, signal: new AbortController().signal });
    assert.equal(tried.kind, 'refused');
    assert.match(rows[index]?.error ?? '', /URI malformed/u);
    assert.deepEqual([rows[index]?.type, rows[index]?.deliveryId], ['delivery_failed', at(index + 1).id]);
  }
  assert.equal(faults.length, 3);
  assert.equal((await notificationLog.claim(at(4), LEASE)).kind, 'claimed', 'nothing stays locked');
});

test('who died while sending leaves a doubt, which stays with its revision until it is settled', async (t) => {
  const { notificationLog, claim, untilFree } = await startLog(t);
  await claim(at(1), SHORT);
  const later = LEASE;
  const second = await untilFree(at(2));
  assert.equal(second.unconfirmedRevision, 1);
  await notificationLog.settle(at(2), second.token, { kind: 'unknown', detail: 'x', atMs: 1600, revision: 1 });
  const third = await claim(at(2), later);
  assert.equal(third.unconfirmedRevision, 1, 'still the first, which nobody found');
  await notificationLog.settle(at(2), third.token, { kind: 'open', detail: 'x', atMs: 1700 });
  assert.equal((await claim(at(2), later)).unconfirmedRevision, undefined);
});

test('a claim that was lost settles nothing (alertmanager 4108)', async (t) => {
  const { notificationLog, claim, untilFree } = await startLog(t);
  const late = await claim(at(1), SHORT);
  const other = await untilFree(at(1));
  assert.equal(await notificationLog.settle(at(1), late.token, { kind: 'sent', reference: 'x', atMs: 2001 }), false);
  assert.ok(await notificationLog.settle(at(1), other.token, { kind: 'failed', detail: 'no', atMs: 2002 }));
  assert.equal((await notificationLog.claim(at(1), LEASE)).kind, 'claimed', 'what failed may be driven again');
});

test('held back: known until something is sent', async (t) => {
  const { notificationLog, claim } = await startLog(t);
  const first = await claim(at(1));
  await notificationLog.settle(at(1), first.token, { kind: 'suppressed', detail: 'silence', atMs: 1 });
  const second = await claim(at(1));
  assert.deepEqual([second.suppressedBy, second.isFirst], ['silence', true]);
  await notificationLog.settle(at(1), second.token, { kind: 'sent', reference: 'r', atMs: 2 });
  assert.equal((await claim(at(2))).suppressedBy, undefined);
});

test('after a loss: what Kafka knows counts, the rest is in doubt, and who was notified of the beginning is behind at the end', async (t) => {
  const { notificationLog, claim } = await startLog(t);
  const sent = { revision: 1, reference: 'ts1', atMs: 5 };
  await notificationLog.restore([{ delivery: at(1), sent }]);
  const notified = { sentRevision: 1, isInDoubt: false };
  const inDoubt = { sentRevision: 0, isInDoubt: true };
  assert.deepEqual(await notificationLog.restore([wanted(), wanted('chat')]), [notified, inDoubt]);
  assert.deepEqual(
    await notificationLog.restore([wanted('chat')]),
    [inDoubt],
    'as by a rebuild that was ended before it could queue it',
  );
  const behind = await notificationLog.restore([{ delivery: at(2) }, { delivery: at(2, 'mail') }]);
  assert.deepEqual(
    behind,
    [notified, { sentRevision: 0, isInDoubt: false }],
    'who was notified of nothing gets no end',
  );
  await notificationLog.restore([{ delivery: at(1), sent: { revision: 2, reference: '', atMs: 6 } }]);
  assert.equal((await claim(at(3))).previousReference, 'ts1', 'what a group notified has no reference of its own');
  assert.equal((await claim(at(1, 'chat'))).unconfirmedRevision, 1);
});

test('after a loss: an end that was notified when the next episode was, does not hide that it was, nor a later message which was the first', async (t) => {
  const { notificationLog } = await startLog(t);
  const never = { restore: async () => await Promise.resolve(assert.fail('no row says so')) };
  const row = (type: ActivityEntry['type'], episode: number, revision: number): ActivityEntry => {
    const { entity, severity } = anIncident('a', revision);
    const notified = { subject: 'delivery', receiver: 'ops', group: { id: 'g', episode, revision } };
    const common = { incidentId: 'a', actor: 'system', reason: '', host: entity.host, ruleId: entity.ruleId, severity };
    return {
      ...common,
      id: `${type}-${revision}`,
      atMs: revision,
      type,
      episode,
      revision,
      ...(type === 'notified' ? notified : { subject: 'incident' }),
    } as ActivityEntry;
  };
  const rows = [
    row('opened', 1, 1),
    row('notified', 1, 1),
    row('resolved', 1, 2),
    row('reopened', 2, 3),
    row('notified', 2, 3),
    row('notified', 1, 2),
    row('notified', 2, 4),
  ];
  const readActions = async (take: (actions: readonly ActivityEntry[]) => Promise<void>) => await take(rows);
  const groups = new Map<string, NotifiedGroup>();
  await readHistory({
    notificationLog,
    silences: never,
    purger: never,
    now: () => 9,
    episodes: new Map([['a', { revision: 4, episode: 2, beganAtMs: 3, isOver: false, flapsSince: undefined }]]),
    isEmpty: true,
    groups,
    readActions,
    onBug: () => undefined,
  });
  const first = { episode: 2, revision: 3, isOver: false };
  assert.deepEqual(groups.get('g')?.marks.get('a'), first, 'which message notified of it first');
  assert.equal(groups.get('g')?.revision, 4);
});

test('the notification log lives as long as the episode, and 90 days more (SigNoz 10043)', async (t) => {
  const { notificationLog, claim, keepsForMs } = await startLog(t);
  const forever = -1;
  await notificationLog.restore([{ delivery: at(1), sent: { revision: 1, reference: 'ts1', atMs: 5 } }]);
  assert.ok((await keepsForMs()) > 0, 'whether it is on is not known yet');
  await notificationLog.restore([wanted()]);
  assert.equal(await keepsForMs(), forever, 'it is on');
  const { token } = await claim(at(2));
  assert.ok((await keepsForMs()) > 89 * 24 * 3_600_000, 'it ends');
  await notificationLog.settle(at(2), token, { kind: 'sent', reference: 'ts1', atMs: 6 });
  const next = { ...at(3), reason: 'updated' } as const;
  await claim(next);
  assert.equal(await keepsForMs(), forever, 'a group that goes on after all');
});

test('a Redis that is not complete gives no claims', async (t) => {
  const { notificationLog, loseMarker } = await startLog(t);
  await loseMarker();
  await assert.rejects(notificationLog.claim(at(1), LEASE), StateLost);
});
