// Slack: one parent that is edited in place, the history in its thread, buttons for the console,
// and what its answers mean.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Channel } from '../../../../../services/notifier/channels/channel.ts';
import { escapeThenCut } from '../../../../../services/notifier/channels/slack/block-kit.ts';
import { slackPostOf } from '../../../../../services/notifier/channels/slack/post.ts';
import { createSlackChannel, slack as slackKind } from '../../../../../services/notifier/channels/slack/slack.ts';
import { createSlackWebhookChannel } from '../../../../../services/notifier/channels/slack/webhook.ts';
import type { FilledIncident } from '../../../../../shared/contracts/incident.ts';
import type { Notification } from '../../../../../shared/contracts/notification.ts';
import {
  blocksFault,
  type FakeSlack,
  runsOf,
  type SlackBlock,
  type SlackPosted,
  startFakeSlack,
} from '../../../../support/fake-slack.ts';
import { aDigest, aNotification, inState } from '../../../../support/notifications.ts';
import { startWebhookServer } from '../../../../support/webhook-server.ts';

const { signal } = new AbortController();

async function open(t: TestContext, token = 'xoxb-right'): Promise<{ slack: FakeSlack; channel: Channel }> {
  const slack = await startFakeSlack(t);
  const channel = createSlackChannel({ token, channel: 'C012345', apiUrl: slack.apiUrl, timeoutMs: 2000 });
  return { slack, channel };
}

async function send(channel: Channel, notification: Notification): Promise<string> {
  const outcome = await channel.send(channel.render(notification), signal);
  assert.equal(outcome.kind, 'sent', JSON.stringify(outcome));
  return outcome.kind === 'sent' ? outcome.reference : '';
}

function buttonsOf({ blocks }: { readonly blocks: readonly SlackBlock[] }): readonly SlackBlock[] {
  return blocks.filter(({ type }) => type === 'actions').flatMap(({ elements = [] }) => elements);
}

function textOf({ blocks }: Pick<SlackPosted, 'blocks'>): string {
  return blocks
    .flatMap(({ text, elements = [] }) => [typeof text === 'object' ? text.text : '', runsOf(elements).join('')])
    .join(' ');
}

test('an incident is one parent, edited in place; what happens to it stands in its thread', async (t) => {
  const { slack, channel } = await open(t);
  const incident = inState({});
  const first = await send(channel, aNotification({ incident }));
  assert.match(first, /^C012345:\d+\.\d+$/u);
  const seen = { previousReference: first };
  const acknowledged = inState({
    state: 'acknowledged',
    acknowledgedBy: 'anna',
    acknowledgedAtMs: incident.openedAtMs,
  });
  const second = await send(
    channel,
    aNotification({ id: 'n-2', reason: 'acknowledged', incident: acknowledged, ...seen }),
  );
  await send(channel, aNotification({ id: 'n-3', reason: 'repeated', incident: acknowledged, ...seen }));
  const resolved = inState({ state: 'resolved', resolvedAtMs: incident.openedAtMs + 60_000 });
  await send(channel, aNotification({ id: 'n-4', reason: 'resolved', incident: resolved, ...seen }));
  assert.equal(second, first);
  const [parent, ...others] = slack.parents();
  assert.equal(others.length, 0);
  assert.equal(parent?.edits, 3);
  assert.match(parent?.text ?? '', /RESOLVED/u);
  const replies = slack.replies(parent?.ts ?? '');
  assert.deepEqual(
    replies.map((reply) => textOf(reply).trim()),
    [
      '👀 Acknowledged by anna less than a second after it began.',
      '👀 It goes on: 3 events so far, acknowledged by anna.',
      '✅ Resolved after 1 min.',
    ],
  );
  // A repetition has to be seen; the rest of the history stays in the thread.
  assert.deepEqual(
    replies.map(({ isBroadcast }) => isBroadcast),
    [false, true, false],
  );
});

test('the message says what, where, since, how often, and what to do', () => {
  const { message } = slackPostOf(aNotification({ incident: inState({ episodeCount: 3 }) }), { isInteractive: true });
  const text = textOf({ blocks: JSON.parse(JSON.stringify(message.blocks)) as SlackPosted['blocks'] });
  for (const part of [
    'Port 80 is taken on media01',
    'media01, port 80',
    '2026-03-01 10:00:00 UTC',
    '3 times',
    'netstat -ano',
    'Open the console.',
    'Play a stream.',
  ])
    assert.ok(text.includes(part), `${part} in ${text}`);
});

test('buttons carry incident and episode, and fit what can still be done', () => {
  const names = (notification: Notification, isInteractive = true): readonly (string | undefined)[] =>
    buttonsOf(slackPostOf(notification, { isInteractive }).message as unknown as SlackPosted).map(
      ({ action_id }) => action_id,
    );
  const all = [
    'foghorn_acknowledge',
    'foghorn_assign_to_me',
    'foghorn_snooze',
    'foghorn_resolve',
    'foghorn_page',
    'foghorn_runbook',
  ];
  assert.deepEqual(names(aNotification()), all);
  assert.deepEqual(names(aNotification({ incident: inState({ state: 'acknowledged' }) })), all.slice(1));
  assert.deepEqual(names(aNotification({ incident: inState({ state: 'resolved' }) })), all.slice(4));
  assert.deepEqual(names(aNotification(), false), all.slice(4));
  assert.deepEqual(names(aNotification({ reason: 'test' })), ['foghorn_page']);
  const ofGroup = ['foghorn_acknowledge_group', 'foghorn_silence_group_1h', 'foghorn_resolve_group', ...all.slice(4)];
  assert.deepEqual(names(aNotification({ digest: aDigest() })), ofGroup);
  const taken = aDigest({ count: { open: 0, acknowledged: 3, resolved: 0 } });
  assert.deepEqual(names(aNotification({ digest: taken })), ofGroup.slice(1));
  const unlabelled = names(aNotification({ digest: aDigest({ groupLabels: {} }) }));
  assert.deepEqual(unlabelled, [ofGroup[0], ...ofGroup.slice(2)], 'no labels, so nothing to silence');
  const [acknowledge, , , , page, runbook] = buttonsOf(slackPostOf(aNotification(), { isInteractive: true }).message);
  assert.equal(acknowledge?.value, 'abc:1');
  assert.equal(page?.url, 'https://foghorn.example.org/incidents/abc');
  assert.deepEqual([runbook?.url, runbook?.value], ['https://example.org/309', undefined]);
});

test('what changes a whole group says how many it is, and asks first', () => {
  const digest = aDigest({ id: 'g-1', episode: 4, revision: 5, count: { open: 2000, acknowledged: 7, resolved: 0 } });
  const buttons = buttonsOf(slackPostOf(aNotification({ digest }), { isInteractive: true }).message);
  const asked = buttons.flatMap(({ action_id, value, confirm }) =>
    confirm === undefined ? [] : [[action_id, value, confirm.title.text, confirm.text.text]],
  );
  assert.deepEqual(asked, [
    [
      'foghorn_acknowledge_group',
      'g-1:4:5',
      'Acknowledge all?',
      'All incidents that this group has notified of: up to 2,000 open incidents, 12 held back, as this was written.',
    ],
    [
      'foghorn_resolve_group',
      'g-1:4:5',
      'Resolve all?',
      'All incidents that this group has notified of: up to 2,000 open incidents, 7 acknowledged, 12 held back, as this was written.',
    ],
  ]);
});

test('counts are brought up to date without a word in the thread', async (t) => {
  const { slack, channel } = await open(t);
  const previousReference = await send(channel, aNotification());
  const counted = aNotification({ id: 'n-2', reason: 'updated', isCount: true, previousReference });
  assert.equal(await send(channel, counted), previousReference);
  const [parent] = slack.parents();
  assert.deepEqual([parent?.edits, slack.replies(parent?.ts ?? '').length], [1, 0]);
});

test('the thread says who noted what, each note once however busy the incident is, who has it and until when it sleeps', async (t) => {
  const { slack, channel } = await open(t);
  const previousReference = await send(channel, aNotification());
  const { openedAtMs } = inState({});
  const note = (id: string, text: string) => ({ id, atMs: openedAtMs + 1, author: 'ben', text });
  const notes = [note('a', 'I look'), note('b', 'IIS holds it'), note('c', 'Who started it?')];
  const busy = { assignee: 'anna', notes, updatedAtMs: openedAtMs + 9 };
  const change = async (
    id: string,
    incident: Partial<FilledIncident>,
    more: Partial<Notification> = {},
  ): Promise<void> => {
    const what = { id, reason: 'updated', incident: inState(incident), previousReference, ...more } as const;
    await send(channel, aNotification(what));
  };
  await change('n-2', busy, { previousNoteId: 'a' });
  await change('n-3', busy, { previousNoteId: 'c' });
  await change('n-4', { ...busy, snoozedUntilMs: openedAtMs }, { previousNoteId: 'c' });
  const taken = { ...busy, state: 'acknowledged', acknowledgedBy: 'anna', acknowledgedAtMs: openedAtMs } as const;
  await change('n-5', taken, { reason: 'acknowledged', previousNoteId: 'b' });
  await change('n-6', { notes: notes.slice(0, 1), updatedAtMs: openedAtMs + 9 }, { previousNoteId: '' });
  await change('n-7', { notes, updatedAtMs: openedAtMs + 9 });
  const [parent] = slack.parents();
  const goesOn = 'It goes on: 3 events so far, nobody has acknowledged it.';
  assert.deepEqual(
    slack.replies(parent?.ts ?? '').map((reply) => textOf(reply).trim()),
    [
      `🟠 ben noted: IIS holds it. ben noted: Who started it? Assigned to anna. ${goesOn}`,
      `🟠 Assigned to anna. ${goesOn}`,
      `🟠 Assigned to anna. Snoozed until 2026-03-01 10:00:00 UTC. ${goesOn}`,
      '👀 Acknowledged by anna less than a second after it began. ben noted: Who started it?',
      `🟠 ben noted: I look. ${goesOn}`,
      `🟠 ${goesOn}`,
    ],
  );
});

test('a digest is one parent too, however often it grows', async (t) => {
  const { slack, channel } = await open(t);
  const previousReference = await send(channel, aNotification({ digest: aDigest() }));
  for (const revision of [5, 6, 7])
    await send(
      channel,
      aNotification({ id: `n-g-${revision}`, reason: 'updated', digest: aDigest({ revision }), previousReference }),
    );
  assert.deepEqual([slack.parents().length, slack.parents()[0]?.edits, slack.messages().length], [1, 3, 4]);
});

test('a parent that somebody deleted is replaced by a new one, which the next message edits', async (t) => {
  const { slack, channel } = await open(t);
  const previousReference = await send(channel, aNotification());
  slack.remove(previousReference.split(':')[1] ?? '');
  const next = await send(channel, aNotification({ id: 'n-2', reason: 'repeated', previousReference }));
  assert.notEqual(next, previousReference);
  assert.equal(slack.parents().length, 1);
});

test('a reference that is not Slack’s, e.g. of the receiver’s former kind, leads to a new parent', async (t) => {
  const { slack, channel } = await open(t);
  await send(channel, aNotification({ previousReference: '200' }));
  assert.equal(slack.parents().length, 1);
});

test('blocks that Slack does not take are said again in plain words (alertmanager 2769; kibana 92341, 73061)', async (t) => {
  const { slack, channel } = await open(t);
  slack.behave({ kind: 'no-blocks' });
  const previousReference = await send(channel, aNotification());
  await send(channel, aNotification({ id: 'n-2', reason: 'repeated', previousReference }));
  assert.deepEqual(
    slack.messages().map(({ text, blocks }) => [text.includes('Port 80 is taken on media01'), blocks.length]),
    [
      [true, 0],
      [false, 0],
    ],
  );
});

test('an incoming webhook that does not take the blocks gets plain words too', async (t) => {
  const server = await startWebhookServer(t);
  server.behave({ kind: 'answer', status: 400, body: 'invalid_blocks' });
  const channel = createSlackWebhookChannel({ webhookUrl: server.url, timeoutMs: 2000, allowPrivate: true });
  t.after(async () => await channel.close());
  assert.equal((await channel.send(channel.render(aNotification()), signal)).kind, 'refused');
  assert.equal(server.requests(), 2);
});

test('a reply whose answer was lost is found in the thread and not posted twice', async (t) => {
  const { slack, channel } = await open(t);
  const previousReference = await send(channel, aNotification());
  const rendered = channel.render(aNotification({ id: 'n-2', reason: 'repeated', previousReference }));
  slack.behave({ kind: 'hang-up' });
  // The edit is harmless to repeat, so its lost answer is no unclear end.
  assert.equal((await channel.send(rendered, signal)).kind, 'retry');
  slack.behave({ kind: 'take' });
  assert.equal((await channel.send(rendered, signal)).kind, 'sent');
  assert.equal(slack.replies(previousReference.split(':')[1] ?? '').length, 1);
  const next = channel.render(aNotification({ id: 'n-3', reason: 'repeated', previousReference }));
  slack.behave({ kind: 'hang-up' }, 'chat.postMessage');
  assert.equal((await channel.send(next, signal)).kind, 'unknown');
  assert.deepEqual(await channel.reconcile(next), { kind: 'sent', reference: previousReference });
  const never = channel.render(aNotification({ id: 'n-4', reason: 'repeated', previousReference }));
  assert.deepEqual(await channel.reconcile(never), { kind: 'absent' });
  assert.equal(slack.replies(previousReference.split(':')[1] ?? '').length, 2);
});

test('a post whose answer was lost is found behind much that others have written since', async (t) => {
  const { slack, channel } = await open(t);
  const rendered = channel.render(aNotification());
  slack.behave({ kind: 'hang-up' });
  assert.equal((await channel.send(rendered, signal)).kind, 'unknown');
  slack.chatter(450);
  const [parent] = slack.parents();
  assert.deepEqual(await channel.reconcile(rendered), { kind: 'sent', reference: `C012345:${parent?.ts}` });
  assert.equal(slack.calls().filter((method) => method === 'conversations.history').length, 3);
});

for (const [error, kind] of [
  ['ratelimited', 'retry'],
  ['service_unavailable', 'retry'],
  ['internal_error', 'unknown'],
  ['fatal_error', 'unknown'],
  ['channel_not_found', 'retry'],
  ['not_in_channel', 'retry'],
  ['invalid_auth', 'retry'],
  ['invalid_arguments', 'refused'],
  ['some_error_of_next_year', 'refused'],
  ['<html>', 'unknown'],
] as const) {
  test(`ok:false with ${error} means ${kind}`, async (t) => {
    const { slack, channel } = await open(t);
    slack.behave({ kind: 'say', error });
    const outcome = await channel.send(channel.render(aNotification()), signal);
    assert.equal(outcome.kind, kind, JSON.stringify(outcome));
  });
}

test('without the right to look, an unclear end stays unclear, and says which right is missing', async (t) => {
  const { channel } = await open(t, 'xoxb-wrong');
  const found = await channel.reconcile(channel.render(aNotification()));
  assert.equal(found.kind, 'unknown');
  assert.match(found.kind === 'unknown' ? found.detail : '', /token is not valid/u);
});

for (const error of ['missing_scope', 'not_allowed_token_type', 'no_permission', 'access_denied', 'invalid_arguments'])
  test(`where ${error} keeps the bot from looking, the message is sent again [alerting 6]`, async (t) => {
    const { slack, channel } = await open(t);
    const rendered = channel.render(aNotification());
    slack.behave({ kind: 'say', error }, 'conversations.');
    assert.deepEqual(await channel.reconcile(rendered), { kind: 'absent' });
    assert.equal((await channel.send(rendered, signal)).kind, 'sent');
  });

test('a look that Slack throttles again and again is given up, and the message is sent again [alerting 6]', async (t) => {
  const { slack, channel } = await open(t);
  slack.behave({ kind: 'throttle', seconds: 60 }, 'conversations.history');
  const rendered = channel.render(aNotification());
  const kinds = [];
  for (let count = 0; count < 3; count += 1) kinds.push((await channel.reconcile(rendered)).kind);
  assert.deepEqual(kinds, ['unknown', 'unknown', 'absent']);
});

test('a look that Slack throttles says for how long (alertmanager 2111)', async (t) => {
  const { slack, channel } = await open(t);
  slack.behave({ kind: 'throttle', seconds: 7 }, 'conversations.history');
  const found = await channel.reconcile(channel.render(aNotification()));
  assert.deepEqual([found.kind, found.kind === 'unknown' && found.afterMs], ['unknown', 7000]);
});

test('escape, then cut: at every length the text is valid, within the limit and a beginning of the whole (goalert 2178; action-slack 158; kibana 174041)', () => {
  const text = 'a<b>&😀 &amp; <!channel> 😀😀 <@U1|x>';
  const whole = escapeThenCut(text, 1000);
  for (let limit = 1; limit <= whole.length + 1; limit += 1) {
    const cut = escapeThenCut(text, limit);
    assert.ok(cut.length <= limit, `${limit}: ${cut}`);
    assert.ok(whole.startsWith(cut.replace(/…$/u, '')), cut);
    assert.doesNotMatch(cut, /&(?!(?:amp|lt|gt);)|[<>]|\p{Surrogate}/u);
  }
});

test('an escalation mentions the people and groups of the receiver, in the message and in its thread; nothing else does [issue 17 §2]', () => {
  const mentions = ['U012345', 'S0ABCDE'];
  const of = (reason: Notification['reason']) =>
    slackPostOf(aNotification({ reason }), { isInteractive: true, mentions });
  const elements = [
    { type: 'user', user_id: 'U012345' },
    { type: 'usergroup', usergroup_id: 'S0ABCDE' },
  ];
  for (const { blocks } of [of('escalated').message, of('escalated').reply]) {
    for (const element of elements) assert.ok(JSON.stringify(blocks).includes(JSON.stringify(element)));
    assert.equal(blocksFault(JSON.parse(JSON.stringify(blocks)) as SlackPosted['blocks']), undefined);
  }
  for (const reason of ['opened', 'repeated', 'resolved'] as const)
    assert.doesNotMatch(JSON.stringify(of(reason)), /user_id|usergroup_id/u, reason);
  const settings = { name: 'x', kind: 'slack', token: 'xoxb-1', channel: 'C012345' };
  assert.deepEqual(slackKind.settings.parse({ ...settings, mention: mentions }).mention, mentions);
  for (const wrong of ['@anna', 'anna', 'C012345'])
    assert.throws(() => slackKind.settings.parse({ ...settings, mention: [wrong] }), /the id of a person/u);
});

test('what is over has neither advice nor the text of the event; times of a summary are the reader’s [issue 17 §2]', () => {
  const base = inState({});
  const remediation = { ...base.remediation, summary: 'It came last at 2026-03-01 10:00:00 UTC.' };
  const of = (parts: Partial<FilledIncident>, reason: Notification['reason']) =>
    JSON.stringify(
      slackPostOf(aNotification({ reason, incident: { ...base, remediation, ...parts } }), { isInteractive: true }),
    );
  assert.match(of({}, 'opened'), /It came last at "\},\{"type":"date"/u);
  assert.match(of({}, 'opened'), /The port 80 is in use/u);
  assert.doesNotMatch(of({ state: 'resolved' }, 'resolved'), /It came last|The port 80 is in use|netstat/u);
});

test('the thread of a new message has the whole repair where the message shows less of it', async (t) => {
  const { slack, channel } = await open(t);
  const base = inState({});
  const steps = ['one', 'two', 'three', 'four'].map((text) => ({ text: `Step ${text}.`, undo: `Back ${text}.` }));
  const options = [
    { title: 'First way', steps },
    { title: 'Second way', when: 'If the first does not help.', steps: steps.slice(0, 1) },
  ];
  const incident = { ...base, remediation: { ...base.remediation, options } };
  const previousReference = await send(channel, aNotification({ incident }));
  const [parent] = slack.parents();
  const [whole, ...more] = slack.replies(parent?.ts ?? '');
  assert.ok(parent !== undefined && whole !== undefined);
  assert.deepEqual(more, []);
  for (const part of ['First way', 'Step four.', 'Second way', 'If the first does not help.', 'Undo: Back four.'])
    assert.ok(textOf(whole).includes(part), `${part} in ${textOf(whole)}`);
  assert.match(
    JSON.stringify(whole.blocks),
    /"style":"ordered","offset":3,[^}]*"Step four\."/u,
    'the fourth by number',
  );
  assert.doesNotMatch(textOf(parent), /Step four/u);
  assert.notEqual(whole.metadata?.event_payload.delivery, parent.metadata?.event_payload.delivery);
  await send(channel, aNotification({ id: 'n-2', reason: 'updated', incident, previousReference }));
  assert.equal(slack.replies(parent.ts).length, 2, 'the next change adds its own line alone');
  await send(channel, aNotification({ id: 'n-3', incident: base }));
  assert.equal(slack.messages().length, 4, 'a message that shows all of it has nothing to add');
});
