// What each service answers, code by code: repeated, repeated until somebody corrects something, or
// final. One table a channel.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createAlertmanagerChannel } from '../../../../../services/notifier/channels/alertmanager.ts';
import type { Channel } from '../../../../../services/notifier/channels/channel.ts';
import { failureOf } from '../../../../../services/notifier/channels/email/reply.ts';
import { createPagerdutyChannel } from '../../../../../services/notifier/channels/pagerduty.ts';
import { createSlackChannel } from '../../../../../services/notifier/channels/slack/slack.ts';
import { createSlackWebhookChannel } from '../../../../../services/notifier/channels/slack/webhook.ts';
import { createTeamsChannel } from '../../../../../services/notifier/channels/teams.ts';
import { createWebhookChannel } from '../../../../../services/notifier/channels/webhook.ts';
import { startFakeSlack } from '../../../../support/fake-slack.ts';
import { aNotification } from '../../../../support/notifications.ts';
import { startWebhookServer } from '../../../../support/webhook-server.ts';

const { signal } = new AbortController();
const common = { timeoutMs: 2000, allowPrivate: true };

type Meaning = 'retry' | 'correct' | 'final' | 'unknown';

/** `correct`: repeated until somebody corrects something. */
function meaningOf(outcome: { readonly kind: string; readonly isConfiguration?: boolean }): Meaning {
  if (outcome.kind === 'retry') return outcome.isConfiguration === true ? 'correct' : 'retry';
  return outcome.kind === 'refused' ? 'final' : (outcome.kind as Meaning);
}

const OPEN: Readonly<Record<string, (url: string) => Channel>> = {
  webhook: (url) => createWebhookChannel({ ...common, receiver: 'x', secret: '', headers: {}, url, now: Date.now }),
  alertmanager: (url) =>
    createAlertmanagerChannel({ ...common, headers: {}, firingForMs: 900_000, url, now: Date.now }),
  pagerduty: (url) => createPagerdutyChannel({ ...common, routingKey: 'k'.repeat(32), url }),
  teams: (workflowUrl) => createTeamsChannel({ ...common, workflowUrl }),
  'slack-webhook': (webhookUrl) => createSlackWebhookChannel({ ...common, webhookUrl }),
};

const EVERYWHERE: readonly (readonly [status: number, body: string, meaning: Meaning])[] = [
  [400, 'bad request', 'final'],
  [401, '', 'correct'],
  [403, '', 'correct'],
  [407, 'proxy', 'correct'],
  [408, '', 'retry'],
  [413, '', 'final'],
  [422, '', 'final'],
  [425, '', 'retry'],
  [429, '', 'retry'],
  [500, '', 'retry'],
  [502, '', 'retry'],
  [503, '', 'retry'],
  [511, '', 'correct'],
  [520, '', 'retry'],
];

const OWN: Readonly<Record<string, typeof EVERYWHERE>> = {
  webhook: [[404, '', 'final']],
  alertmanager: [[404, '', 'final']],
  pagerduty: [
    [404, '', 'correct'],
    [400, '{"status":"invalid event","errors":["Invalid routing key"]}', 'correct'],
    [400, '{"status":"invalid event","errors":["\'payload.summary\' is missing"]}', 'final'],
  ],
  teams: [
    [404, '{"error":{"code":"WorkflowNotFound"}}', 'correct'],
    [400, '{"error":{"code":"WorkflowTriggerIsNotEnabled"}}', 'correct'],
  ],
  'slack-webhook': [
    [404, 'channel_not_found', 'correct'],
    [404, 'no_service', 'correct'],
    [410, 'channel_is_archived', 'correct'],
    [403, 'action_prohibited', 'correct'],
    [400, 'user_not_found', 'correct'],
    [400, 'no_active_hooks', 'correct'],
    [400, 'no_text', 'final'],
  ],
};

for (const [kind, open] of Object.entries(OPEN))
  for (const [status, body, meaning] of [...EVERYWHERE, ...(OWN[kind] ?? [])])
    test(`${kind}: HTTP ${status} ${body} means ${meaning} [alerting 8]`, async (t) => {
      const server = await startWebhookServer(t);
      server.behave({ kind: 'answer', status, body });
      const channel = open(server.url);
      t.after(async () => await channel.close());
      const outcome = await channel.send(channel.render(aNotification()), signal);
      assert.equal(meaningOf(outcome), meaning, JSON.stringify(outcome));
    });

async function slack(t: TestContext, behaviour: Parameters<Awaited<ReturnType<typeof startFakeSlack>>['behave']>[0]) {
  const server = await startFakeSlack(t);
  server.behave(behaviour);
  const channel = createSlackChannel({ ...common, token: 'xoxb-right', channel: 'C012345', apiUrl: server.apiUrl });
  t.after(async () => await channel.close());
  return await channel.send(channel.render(aNotification()), signal);
}

const SLACK: Readonly<Record<Meaning, readonly string[]>> = {
  retry: ['ratelimited', 'service_unavailable', 'request_timeout', 'team_added_to_org'],
  correct: [
    'restricted_action',
    'restricted_action_read_only_channel',
    'restricted_action_thread_only_channel',
    'team_access_not_granted',
    'org_login_required',
    'ekm_access_denied',
    'access_denied',
    'is_archived',
    'invalid_auth',
    'token_revoked',
    'not_in_channel',
    'missing_scope',
    'no_permission',
    'restricted_action_of_next_year',
  ],
  final: ['invalid_arguments', 'metadata_too_large', 'some_error_of_next_year'],
  unknown: ['internal_error', 'fatal_error'],
};

for (const [meaning, errors] of Object.entries(SLACK))
  for (const error of errors)
    test(`slack: ${error} means ${meaning} [alerting 8]`, async (t) => {
      assert.equal(meaningOf(await slack(t, { kind: 'say', error })), meaning);
    });

for (const [status, meaning] of [
  [401, 'correct'],
  [403, 'correct'],
  [404, 'correct'],
  [407, 'correct'],
  [408, 'retry'],
  [400, 'final'],
  [502, 'unknown'],
] as const)
  test(`slack: HTTP ${status} means ${meaning} [alerting 8]`, async (t) => {
    assert.equal(meaningOf(await slack(t, { kind: 'status', status })), meaning);
  });

const MAIL: readonly (readonly [command: string, response: string, meaning: Meaning])[] = [
  ['CONN', '554 5.7.1 Service unavailable; client host blocked', 'correct'],
  ['CONN', '421 too busy', 'retry'],
  ['EHLO', '504 5.5.2 <[127.0.0.1]>: Helo command rejected', 'correct'],
  ['HELO', '554 5.7.1 Access denied', 'correct'],
  ['AUTH PLAIN', '535 5.7.8 Authentication credentials invalid', 'correct'],
  ['MAIL FROM', '530 5.7.0 Authentication required', 'correct'],
  ['MAIL FROM', '550 5.7.60 Client does not have permissions to send as this sender', 'correct'],
  ['MAIL FROM', '552 5.3.4 Message size exceeds fixed maximum', 'final'],
  ['MAIL FROM', '451 4.3.0 later', 'retry'],
  ['RCPT TO', '550 5.1.1 The email account does not exist', 'final'],
  ['RCPT TO', '550 no such user here', 'final'],
  ['RCPT TO', '550 refused', 'final'],
  ['RCPT TO', '501 5.1.3 bad address syntax', 'final'],
  ['RCPT TO', '550 5.7.1 Unable to relay', 'correct'],
  ['RCPT TO', '554 5.7.1 <ann@example.org>: Relay access denied', 'correct'],
  ['RCPT TO', '550 relaying denied', 'correct'],
  ['RCPT TO', '553 sorry, that domain is not in my list of allowed rcpthosts', 'correct'],
  ['RCPT TO', '554 blocked', 'correct'],
  ['RCPT TO', '504 5.5.2 <[127.0.0.1]>: Helo command rejected: need fully-qualified hostname', 'correct'],
  ['RCPT TO', '530 5.7.1 Authentication required', 'correct'],
  ['RCPT TO', '550 5.4.5 Daily user sending quota exceeded', 'correct'],
  ['RCPT TO', '552 5.2.2 mailbox full', 'retry'],
  ['RCPT TO', '550 5.2.1 mailbox disabled', 'final'],
  ['RCPT TO', '450 4.2.0 greylisted', 'retry'],
  ['RCPT TO', '452 4.5.3 too many recipients', 'retry'],
  ['DATA', '550 5.7.60 SMTP; Client does not have permissions to send as this sender', 'correct'],
  ['DATA', '550 5.4.5 Daily sending quota exceeded', 'correct'],
  ['DATA', '554 5.7.1 Message rejected as spam', 'final'],
  ['DATA', '552 5.3.4 too large', 'final'],
  ['DATA', '550 5.6.0 malformed', 'final'],
  ['DATA', '550 refused', 'final'],
  ['DATA', '451 4.7.1 try later', 'retry'],
];

for (const [command, response, meaning] of MAIL)
  test(`email: ${response} to ${command} means ${meaning} [alerting 8]`, () => {
    const responseCode = Number(response.slice(0, 3));
    const error = Object.assign(new Error(response), { command, response, responseCode, code: 'EPROTOCOL' });
    assert.equal(meaningOf(failureOf(error)), meaning);
  });
