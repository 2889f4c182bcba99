// The notifier with a Slack that throttles, fails, hangs and hangs up, a mail server and a webhook
// beside it: everything arrives once, and no receiver waits for another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAlert, anAlertRecord } from '../support/alerts.ts';
import { AT_ONCE } from '../support/at-once.ts';
import { aCommandRecord } from '../support/commands.ts';
import { type SlackBehaviour, startFakeSlack } from '../support/fake-slack.ts';
import { startFakeSmtp } from '../support/fake-smtp.ts';
import { startNotifier } from '../support/notifier.ts';
import { until } from '../support/until.ts';
import { hook, startWebhookServer } from '../support/webhook-server.ts';

const HOSTS = Array.from({ length: 24 }, (_, index) => `media${String(index).padStart(2, '0')}`);

/** In this order, each until something new was asked of Slack. */
const FAULTS: readonly SlackBehaviour[] = [
  { kind: 'status', status: 503 },
  { kind: 'hang' },
  { kind: 'hang-up' },
  { kind: 'truncate' },
  { kind: 'say', error: 'internal_error' },
  { kind: 'say', error: 'not_in_channel' },
  { kind: 'no-blocks' },
  { kind: 'html' },
];

test('a failing Slack gets everything once in the end and keeps nobody else waiting (alertmanager 2111, 2205, 3189)', async (t) => {
  const slack = await startFakeSlack(t);
  const smtp = await startFakeSmtp(t);
  const webhook = await startWebhookServer(t);
  const people = { from: 'foghorn@example.org', to: ['anna@example.org'] };
  const notifier = await startNotifier(
    t,
    [
      {
        name: 'team',
        kind: 'slack',
        token: 'xoxb-right',
        channel: 'C012345',
        apiUrl: slack.apiUrl,
        timeoutMs: 5000,
        concurrency: 1,
      },
      { name: 'mail', kind: 'email', host: '127.0.0.1', port: smtp.port, caFile: smtp.caFile, ...people },
      hook(webhook),
    ],
    AT_ONCE,
  );
  slack.behave({ kind: 'throttle', seconds: 6 });
  await notifier.kafka.producer.send(HOSTS.map((host) => anAlertRecord({ host })));
  await until('mail and webhook have everything while Slack takes nothing', () =>
    smtp.received().length >= HOSTS.length && webhook.alerts().length >= HOSTS.length ? true : undefined,
  );
  assert.equal(slack.messages().length, 0);

  for (const fault of FAULTS) {
    const before = slack.calls().length;
    slack.behave(fault);
    await until(`Slack is asked while it behaves like ${JSON.stringify(fault)}`, () =>
      slack.calls().length > before + 1 ? true : undefined,
    );
  }
  slack.behave({ kind: 'limit', perSecond: 2 });
  await until('Slack has everything', () => (deliveredTo(slack).length >= HOSTS.length ? true : undefined));
  await until('every delivery is settled', async () => {
    const rows = (await notifier.actions()).filter(({ type }) => type === 'notified');
    return rows.length >= 3 * HOSTS.length ? true : undefined;
  });
  assert.ok(slack.impatience().length > 1, 'Slack has throttled');
  assert.deepEqual([...new Set(slack.impatience())], [0], 'nobody asked again before Retry-After was over');
  const delivered = deliveredTo(slack);
  assert.equal(delivered.length, HOSTS.length, 'none twice');
  assert.equal(new Set(delivered).size, HOSTS.length);
  assert.equal(smtp.received().length, HOSTS.length);
  assert.equal(new Set((await smtp.letters()).map(({ messageId }) => messageId)).size, HOSTS.length);
});

test('Slack’s message says who has it and that it sleeps; nobody else is notified of it', async (t) => {
  const [slack, webhook] = [await startFakeSlack(t), await startWebhookServer(t)];
  const team = { name: 'team', kind: 'slack', token: 'xoxb-right', channel: 'C012345', apiUrl: slack.apiUrl };
  const notifier = await startNotifier(t, [team, hook(webhook)]);
  const { incidentId } = anAlert({ host: 'media01' });
  await notifier.kafka.producer.send([anAlertRecord({ host: 'media01' })]);
  await until('both are notified', () => slack.messages().length === 1 && webhook.requests() === 1);
  await notifier.kafka.producer.send([
    aCommandRecord({ kind: 'assign', incidentId, assignee: 'lee' }),
    aCommandRecord({ kind: 'snooze', incidentId, untilMs: Date.now() + 3_600_000 }),
  ]);
  // One edit may say both: the second change may have happened before the first was notified.
  await until('it says both', () => {
    const blocks = JSON.stringify(slack.messages()[0]?.blocks);
    return /Assigned.*lee/u.test(blocks) && /Snoozed.*until/u.test(blocks);
  });
  assert.equal(slack.parents().length, 1);
  assert.equal(webhook.requests(), 1);
});

function deliveredTo(slack: Awaited<ReturnType<typeof startFakeSlack>>): readonly string[] {
  return slack.messages().flatMap(({ metadata }) => (metadata === undefined ? [] : [metadata.event_payload.delivery]));
}
