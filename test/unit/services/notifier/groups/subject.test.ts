// The subject of a delivery of one incident, at once or in a group of its own: what a later change
// supersedes, what is suppressed, which end is notified.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemediationTexts } from '../../../../../shared/kafka/remediation-texts.ts';
import { quietLog } from '../../../../support/log.ts';
import type { LogState } from '../../../../../services/notifier/delivery/notification-log.ts';
import { type Delivery, deliveryOf } from '../../../../../services/notifier/delivery/plan.ts';
import type { Question } from '../../../../../services/notifier/delivery/suppression-check.ts';
import type { GroupState, Reverted } from '../../../../../services/notifier/groups/store.ts';
import { createSubject } from '../../../../../services/notifier/groups/subject.ts';
import { endOf } from '../../../../../services/notifier/incidents/episode-end.ts';
import { groupOf } from '../../../../../services/notifier/policy/group.ts';
import { notifiedMark } from '../../../../../services/notifier/policy/notified-mark.ts';
import type { SuppressedBy, Suppression } from '../../../../../services/notifier/policy/suppress.ts';
import { StateLost } from '../../../../../services/notifier/redis/state-lost.ts';
import type { Incident } from '../../../../../shared/contracts/incident.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const open = anIncident('abc', 3);
const resolved: Incident = { ...open, revision: 4, state: 'resolved' };
const CAUSE = { incidentId: 'def', text: 'HTTP.sys holds it', event: 'HTTP.sys 15005', lastSeenMs: 0 };

const FIRST: LogState = { kind: 'claimed', token: 'x', isFirst: true, sentRevision: 0 };
const LATER: LogState = { kind: 'claimed', token: 'x', isFirst: false, sentRevision: 1 };
const SENT: LogState = { kind: 'sent', revision: 3, reference: '', atMs: 0 };

interface Situation {
  readonly delivery?: Partial<Delivery>;
  readonly claim?: LogState;
  readonly incident?: Incident;
  readonly by?: SuppressedBy;
  readonly keepsEpisodes?: boolean;
  /** Redis does not hold the incident. */
  readonly isMissing?: boolean;
  /** In a group of its own, whose message this is. */
  readonly state?: Partial<GroupState>;
}

async function subject(situation: Situation) {
  const { delivery, claim = FIRST, incident = open, by, keepsEpisodes = false, isMissing = false, state } = situation;
  const policy = aPolicy({ route: { group_by: ['...'] } }, [{ name: 'ops', minSeverity: 'info', keepsEpisodes }]);
  const reverted: Reverted[] = [];
  const asked: Question[] = [];
  const recorded: unknown[] = [];
  const { root } = policy;
  const target = { receiver: 'ops', route: root, grouping: root.grouping, followsChanges: false, editsInPlace: true };
  const group = groupOf({ ...target, reason: '' }, {}, incident);
  const answer: Suppression =
    by === undefined ? { kind: 'notify' } : { kind: 'suppressed', by, reason: 'why', againAtMs: 7 };
  const counts = { resolvedCount: 0, acknowledgedCount: 0, changedRevision: 0, renderedRevision: 0 };
  const times = { lastNotifiedMs: 0, receivedAtMs: 0 };
  const members = { memberIds: ['abc'], unrecordedIds: ['abc'], lastIncidentId: 'abc' };
  const notified = { abc: notifiedMark(incident, 3) };
  const place = { group, episode: 1, revision: 3, version: 1 };
  const stored: GroupState = { ...place, ...counts, ...times, ...members, notified, ...state };
  const subjectOf = createSubject({
    store: {
      snapshots: async () => await Promise.resolve([isMissing ? undefined : incident]),
      briefs: async () => await Promise.resolve([incident]),
    },
    groups: {
      read: async () => await Promise.resolve(stored),
      revert: async (_, each) => void reverted.push(await Promise.resolve(each)),
      markRecorded: async (...each) => void recorded.push(await Promise.resolve(each)),
    },
    relatedIncidents: { suspectedCauses: async () => await Promise.resolve([CAUSE]) },
    suppressionOf: async (questions) => {
      asked.push(...questions);
      return await Promise.resolve(questions.map(() => answer));
    },
    policy,
    texts: createRemediationTexts(quietLog),
  });
  const common = { episode: 1, revision: 3, receiver: 'ops', reason: 'opened', receivedAtMs: 0 } as const;
  const about = state === undefined ? { subjectId: 'abc' } : ({ subjectId: group.id, isGroup: true } as const);
  const found = await subjectOf(deliveryOf({ ...common, ...about, ...delivery }), claim, 0);
  return { found, reverted, asked, root, group, recorded };
}

/** In a word: `notify`, or what keeps it from being sent and why. */
async function outcome(situation: Situation): Promise<string> {
  const { found } = await subject(situation);
  if (found.kind === 'notify') return `notify ${found.incident.state} ${found.incident.episode}`;
  return `${found.kind}: ${found.kind === 'suppressed' ? found.by : found.reason}`;
}

const RESOLVED = { delivery: { reason: 'resolved' }, incident: resolved } as const;
const WITH_END = { delivery: { reason: 'resolved', end: { incidentId: 'abc', incident: endOf(resolved) } } } as const;
const PAST = {
  ...WITH_END,
  incident: { ...open, episode: 2, revision: 5 },
} as const;
const SUPPRESSED_BEFORE = { ...FIRST, suppressedBy: 'silence' } as const;

for (const [title, situation, expected] of [
  ['a beginning', {}, 'notify open 1'],
  ['a beginning of what is acknowledged', { incident: { ...open, state: 'acknowledged' } }, 'notify acknowledged 1'],
  ['an escalation', { delivery: { reason: 'escalated' } }, 'notify open 1'],
  ['a beginning that is suppressed', { by: 'silence' }, 'suppressed: silence'],
  ['a beginning of what is resolved', { incident: resolved }, 'superseded: it is resolved'],
  ['a beginning of an earlier episode', { incident: PAST.incident }, 'superseded: episode 2 has begun'],
  [
    'an escalation of what is acknowledged',
    { delivery: { reason: 'escalated' }, incident: { ...open, state: 'acknowledged' } },
    'superseded: it is acknowledged',
  ],
  ['an edit of what sleeps', { delivery: { reason: 'updated' }, by: 'snooze' }, 'notify open 1'],
  ['an edit of what is silenced', { delivery: { reason: 'updated' }, by: 'silence' }, 'suppressed: silence'],
  ['an end', { ...RESOLVED, claim: LATER }, 'notify resolved 1'],
  ['an end of which the beginning was not sent', RESOLVED, 'notify resolved 1'],
  ['an end that is suppressed', { ...RESOLVED, claim: LATER, by: 'silence' }, 'suppressed: silence'],
  [
    'an end under the silence of the whole episode',
    { ...RESOLVED, by: 'silence' },
    'superseded: nobody was notified of the episode: silence',
  ],
  [
    'an end after such a silence',
    { ...RESOLVED, claim: SUPPRESSED_BEFORE },
    'superseded: nobody was notified of the episode: silence',
  ],
  [
    'an end whose beginning may have arrived',
    { ...RESOLVED, claim: { ...SUPPRESSED_BEFORE, unconfirmedRevision: 1 } },
    'notify resolved 1',
  ],
  ['an end of what flaps', { ...RESOLVED, by: 'flapping' }, 'suppressed: flapping'],
  ['an end of what flapped', { ...RESOLVED, claim: { ...FIRST, suppressedBy: 'flapping' } }, 'notify resolved 1'],
  [
    'an end of what flapped, with its end as it was',
    { ...RESOLVED, ...WITH_END, claim: { ...FIRST, suppressedBy: 'flapping' }, keepsEpisodes: true },
    'notify resolved 1',
  ],
  ['a past end where it would end the next episode', { ...PAST, claim: LATER }, 'superseded: episode 2 has begun'],
  ['a past end where it does not', { ...PAST, claim: LATER, keepsEpisodes: true }, 'notify resolved 1'],
  [
    'a past end that is suppressed',
    { ...PAST, claim: LATER, keepsEpisodes: true, by: 'silence' },
    'suppressed: silence',
  ],
  [
    'a past end of which nobody was notified',
    { ...PAST, claim: SUPPRESSED_BEFORE, keepsEpisodes: true },
    'superseded: nobody was notified of the episode: silence',
  ],
  ['a past end that was sent already', { ...PAST, claim: SENT }, 'notify resolved 1'],
  ['a beginning that was sent already', { claim: SENT, by: 'silence', incident: resolved }, 'notify resolved 1'],
] as const satisfies readonly (readonly [string, Situation, string])[])
  test(`one incident at once: ${title}`, async () => {
    assert.equal(await outcome(situation), expected);
  });

test('a message of one incident names causes, at once and in a group of its own; one that was sent already asks for none', async () => {
  const shown = async (situation: Situation) => {
    const { found } = await subject(situation);
    return found.kind === 'notify' ? found.suspectedCauses : assert.fail(found.kind);
  };
  assert.deepEqual(await shown({}), [CAUSE]);
  assert.deepEqual(await shown({ state: {} }), [CAUSE]);
  assert.equal(await shown({ claim: SENT }), undefined);
});

test('a group of one that is suppressed by now says it later; an edit is rendered later, unless it shows that the incident sleeps', async () => {
  const { found, reverted } = await subject({ state: {}, by: 'silence' });
  assert.deepEqual([found.kind, reverted], ['superseded', [{ incidentIds: ['abc'], isEdit: false }]]);
  const edit = { delivery: { reason: 'updated' }, state: { unrecordedIds: [] }, claim: LATER } as const;
  const held = await subject({ ...edit, by: 'silence' });
  assert.deepEqual([held.found.kind, held.reverted], ['superseded', [{ incidentIds: [], isEdit: true }]]);
  assert.equal(await outcome({ ...edit, by: 'snooze' }), 'notify open 1');
});

test('one of a group that begins anew before its end was sent: that end is sent, where it ends no other episode', async () => {
  const begun = { ...PAST, claim: LATER, state: { memberIds: [] } } as const;
  assert.equal(await outcome({ ...begun, keepsEpisodes: true }), 'notify resolved 1');
  assert.equal(await outcome({ ...begun, keepsEpisodes: true, by: 'silence' }), 'notify resolved 1');
  assert.equal(await outcome(begun), 'superseded: all of its incidents are suppressed');
  const on = { ...begun, state: { memberIds: ['abc'] }, keepsEpisodes: true };
  assert.equal(await outcome(on), 'notify open 2', 'one that joined it again is sent as it is');
});

test('what suppresses is asked for the route that sends it, and an escalation in spite of flapping', async () => {
  const about = { keepsEpisodes: true, claim: LATER } as const;
  for (const situation of [{}, { state: {} }, { ...PAST, ...about }]) {
    const { asked, root } = await subject(situation);
    assert.deepEqual([asked.length, asked[0]?.route, asked[0]?.exempt], [1, root, undefined]);
  }
  const [past] = (await subject({ ...PAST, ...about })).asked;
  assert.deepEqual([past?.incident.episode, past?.now?.episode], [1, 2]);
  assert.equal((await subject({ delivery: { reason: 'escalated' } })).asked[0]?.exempt, 'flapping');
});

test('the entries of a group that are written are noted, and of an incident at once there is nothing to note', async () => {
  for (const claim of [FIRST, SENT]) {
    const { found, group, recorded } = await subject({ claim, state: {} });
    assert.ok(found.kind === 'notify');
    await found.onRecorded?.();
    assert.deepEqual(recorded, [[group.id, 1, ['abc']]]);
    const single = (await subject({ claim })).found;
    assert.ok(single.kind === 'notify' && single.onRecorded === undefined);
  }
});

test('an incident that Redis does not hold: Redis lost its contents', async () => {
  for (const state of [undefined, {}])
    await assert.rejects(subject({ isMissing: true, ...(state === undefined ? {} : { state }) }), StateLost);
});

test('a later message of the group supersedes an earlier one', async () => {
  assert.equal(await outcome({ state: { revision: 4 } }), 'superseded: a later message of the group has more');
});
