// Slack's signature and what a press of a button asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slackPostOf } from '../../../../services/notifier/channels/slack/post.ts';
import { parseMatcher } from '../../../../shared/matchers/matcher.ts';
import type { FilledIncident } from '../../../../shared/contracts/incident.ts';
import type { Notification } from '../../../../shared/contracts/notification.ts';
import { aDigest, aNotification, HOSTILE, inState } from '../../../support/notifications.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { clicksIn } from '../../../../services/console/slack/interaction.ts';
import { signatureProblem } from '../../../../services/console/slack/signature.ts';

// Worked out with another program: printf 'v0:1531420618:a=1' | openssl dgst -sha256 -hmac secret
const SIGNED = {
  timestamp: '1531420618',
  signature: 'v0=5bef7b081e15553df73ac791b97494721c24d9eaba390af2df2364fa1e1b3ff2',
  rawBody: Buffer.from('a=1'),
};
const NOW_MS = 1_531_420_618_000;

test('what Slack signed is trusted for five minutes, and nothing else', () => {
  assert.equal(signatureProblem(SIGNED, 'secret', NOW_MS), undefined);
  assert.equal(signatureProblem(SIGNED, 'secret', NOW_MS + 300_000), undefined);
  assert.match(signatureProblem(SIGNED, 'secret', NOW_MS + 300_001) ?? '', /five minutes/u);
  assert.match(signatureProblem(SIGNED, 'secret', NOW_MS - 300_001) ?? '', /five minutes/u);
  assert.match(signatureProblem(SIGNED, 'Secret', NOW_MS) ?? '', /signature/u);
  assert.match(signatureProblem({ ...SIGNED, rawBody: Buffer.from('a=2') }, 'secret', NOW_MS) ?? '', /signature/u);
  assert.match(signatureProblem({ ...SIGNED, timestamp: '1531420619' }, 'secret', NOW_MS) ?? '', /signature/u);
  assert.match(signatureProblem({ ...SIGNED, signature: 'v0=' }, 'secret', NOW_MS) ?? '', /signature/u);
  assert.match(signatureProblem({ ...SIGNED, signature: undefined }, 'secret', NOW_MS) ?? '', /not signed/u);
  assert.match(signatureProblem({ ...SIGNED, timestamp: 'NaN' }, 'secret', NOW_MS) ?? '', /none/u);
});

const form = (payload: unknown): Buffer =>
  Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
const press = (actionId: string, value: string, more: Readonly<Record<string, unknown>> = {}) =>
  form({
    type: 'block_actions',
    user: { id: 'U1', username: 'lee' },
    actions: [{ action_id: actionId, value, action_ts: '17.5' }],
    ...more,
  });

test('a button sends its command for its own episode', () => {
  const [acknowledge] = clicksIn(press('foghorn_acknowledge', 'aB-_9:3'), NOW_MS);
  assert.equal(acknowledge?.actor, 'slack:U1 (lee)');
  assert.deepEqual(acknowledge.draft, {
    kind: 'acknowledge',
    incidentId: 'aB-_9',
    episode: 3,
    reason: 'a button in Slack',
  });
  assert.equal(clicksIn(press('foghorn_resolve', 'i:1'), NOW_MS)[0]?.draft.kind, 'resolve');
  assert.deepEqual(clicksIn(press('foghorn_acknowledge_group', 'g-1:4:2'), NOW_MS)[0]?.draft, {
    kind: 'acknowledge_group',
    groupId: 'g-1',
    episode: 4,
    revision: 2,
    reason: 'a button in Slack',
  });
  assert.equal(clicksIn(press('foghorn_resolve_group', 'g-1:4:2'), NOW_MS)[0]?.draft.kind, 'resolve_group');
  for (const [action, value] of [
    ['foghorn_acknowledge_group', 'g-1:4'],
    ['foghorn_acknowledge', 'i:1:2'],
    ['foghorn_assign_to_me', 'i:1:2'],
    ['foghorn_snooze', 'i:1'],
    ['foghorn_snooze', 'i:1:toString'],
  ] as const)
    assert.deepEqual(clicksIn(press(action, value), NOW_MS), [], `${action} of ${value}`);
  assert.deepEqual(clicksIn(press('foghorn_assign_to_me', 'i:1'), NOW_MS)[0]?.draft, {
    kind: 'assign',
    incidentId: 'i',
    episode: 1,
    reason: 'a button in Slack',
    assignee: 'slack:U1 (lee)',
  });
});

test('a choice of the menu snoozes the incident until then', () => {
  const { message } = slackPostOf(aNotification(), { isInteractive: true });
  const menu = message.blocks
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .find((element) => element.type === 'static_select');
  const ends = (menu?.options ?? []).map(({ value }) => {
    const action = { action_id: menu?.action_id, selected_option: { value }, action_ts: '17.5' };
    const [chosen] = clicksIn(press('', '', { actions: [action] }), NOW_MS);
    assert.ok(chosen?.draft.kind === 'snooze');
    const { incidentId, episode, untilMs } = chosen.draft;
    assert.deepEqual([incidentId, episode], ['abc', 1]);
    return new Date(untilMs).toISOString();
  });
  assert.equal(new Date(NOW_MS).toISOString(), '2018-07-12T18:36:58.000Z');
  assert.deepEqual(ends, ['2018-07-12T19:36:58.000Z', '2018-07-12T22:36:58.000Z', '2018-07-13T08:00:00.000Z']);
});

test('what is typed into the line of a message is a note of its incident and episode; the line empties with the next note [issue 17 §2]', () => {
  const inputOf = (parts: Partial<FilledIncident>, reason: Notification['reason'] = 'opened') =>
    slackPostOf(aNotification({ incident: inState(parts), reason }), { isInteractive: true }).message.blocks.find(
      (block) => block.type === 'input',
    );
  const input = inputOf({});
  assert.ok(input !== undefined);
  const typed = (value: unknown, block_id = input.block_id) => {
    const { action_id, type } = input.element;
    return clicksIn(press('', '', { actions: [{ type, action_id, block_id, value, action_ts: '17.5' }] }), NOW_MS)[0];
  };
  assert.deepEqual(typed(' IIS holds\u0000 it.\u202e ')?.draft, {
    kind: 'note',
    incidentId: 'abc',
    episode: 1,
    reason: 'typed in Slack',
    text: 'IIS holds it.',
  });
  assert.deepEqual(
    [typed(''), typed('  '), typed(null), typed('x', 'abc:1'), typed('x', 'a b:1:0')].filter(
      (one) => one !== undefined,
    ),
    [],
  );
  assert.equal(typed('x')?.key, typed('x')?.key);
  assert.notEqual(typed('x')?.key, typed('x', 'abc:2:0')?.key);
  assert.equal(inputOf({ episodeCount: 9, revision: 9 })?.block_id, input.block_id, 'what is being typed stays');
  const note = { id: 'n', atMs: 17, author: 'lee', text: 'IIS holds it.' };
  assert.notEqual(inputOf({ notes: [note] })?.block_id, input.block_id);
  assert.equal(inputOf({ state: 'resolved' }, 'resolved'), undefined);
  assert.equal(inputOf({}, 'test'), undefined);
});

test('who presses is known by an id that nobody chooses; the name is for reading and brings nothing unseen [security L3]', () => {
  const actorOf = (user: object) => clicksIn(press('foghorn_resolve', 'i:1', { user }), NOW_MS)[0]?.actor;
  assert.notEqual(actorOf({ id: 'U1', username: 'alice' }), actorOf({ id: 'U2', username: 'alice' }));
  assert.equal(actorOf({ id: 'U1', username: 'al\u202eice\u0007\n\u001b[2J\u{e0041}' }), 'slack:U1 (alice[2J)');
  assert.equal(actorOf({ id: 'U1' }), 'slack:U1');
});

test('with slackTeamId a press in another workspace, or by a guest of another, is refused [security L3]', () => {
  const of = (team: object | null, user: object) =>
    clicksIn(press('foghorn_resolve', 'i:1', { team, user: { id: 'U1', ...user } }), NOW_MS, 'T1').length;
  assert.equal(of({ id: 'T1' }, {}), 1);
  assert.equal(of({ id: 'T1' }, { team_id: 'T1' }), 1);
  for (const [team, user] of [
    [{ id: 'T2' }, {}],
    [{ id: 'T1' }, { team_id: 'T2' }],
    [null, {}],
  ] as const)
    assert.throws(() => of(team, user), /another workspace/u);
});

test('the same press has the same key, another one has another', () => {
  const keyOf = (body: Buffer, nowMs: number) => clicksIn(body, nowMs)[0]?.key;
  const key = keyOf(press('foghorn_resolve', 'i:1'), NOW_MS);
  assert.equal(keyOf(press('foghorn_resolve', 'i:1'), NOW_MS + 1), key);
  assert.notEqual(keyOf(press('foghorn_resolve', 'i:2'), NOW_MS), key);
});

test('what is no press of ours asks for nothing, and no value can become a matcher of its own', () => {
  assert.deepEqual(clicksIn(press('foghorn_runbook', 'i:1'), NOW_MS), []);
  assert.deepEqual(clicksIn(press('foghorn_resolve', 'i'), NOW_MS), []);
  assert.deepEqual(clicksIn(press('foghorn_resolve', 'i" , host=~".*":1'), NOW_MS), []);
  assert.deepEqual(clicksIn(press('foghorn_resolve', 'i:1', { type: 'view_submission' }), NOW_MS), []);
  for (const bad of [Buffer.from(''), Buffer.from('payload={'), form(1), form({ type: 'block_actions' })])
    assert.throws(() => clicksIn(bad, NOW_MS), Refusal);
});

test('the button of a group silences its labels, whatever stands in them', () => {
  for (const value of [...Object.values(HOSTILE), 'a"b\\c\nd'].filter((text) => text.length < 500)) {
    const { message } = slackPostOf(aNotification({ digest: aDigest({ groupLabels: { host: value } }) }), {
      isInteractive: true,
    });
    const buttons = message.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    const button = buttons.find((each) => each.type === 'button' && each.action_id === 'foghorn_silence_group_1h');
    const [pressed] = clicksIn(
      press(button?.action_id ?? '', button?.type === 'button' ? (button.value ?? '') : ''),
      NOW_MS,
    );
    assert.ok(pressed?.draft.kind === 'silence');
    const parsed = pressed.draft.silence.matchers.map((text) => parseMatcher(text));
    assert.ok(parsed[0]?.kind === 'matcher' && parsed.length === 1);
    assert.deepEqual([parsed[0].matcher.name, parsed[0].matcher.value], ['host', value]);
  }
  for (const bad of ['[]', '{}', '["', '[1]', ''])
    assert.deepEqual(clicksIn(press('foghorn_silence_group_1h', bad), NOW_MS), []);
});
