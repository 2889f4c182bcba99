// The subject of a group's delivery: the incident that stands for the others, the digest, whose
// entries are written, and what is looked at again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemediationTexts } from '../../../../../shared/kafka/remediation-texts.ts';
import { quietLog } from '../../../../support/log.ts';
import type { LogState } from '../../../../../services/notifier/delivery/notification-log.ts';
import { type Delivery, deliveryOf } from '../../../../../services/notifier/delivery/plan.ts';
import type { Question } from '../../../../../services/notifier/delivery/suppression-check.ts';
import type { GroupState } from '../../../../../services/notifier/groups/store.ts';
import { createSubject } from '../../../../../services/notifier/groups/subject.ts';
import { groupOf } from '../../../../../services/notifier/policy/group.ts';
import { endOf } from '../../../../../services/notifier/incidents/episode-end.ts';
import { notifiedMark } from '../../../../../services/notifier/policy/notified-mark.ts';
import { targetOf } from '../../../../../services/notifier/policy/route.ts';
import { StateLost } from '../../../../../services/notifier/redis/state-lost.ts';
import type { Incident } from '../../../../../shared/contracts/incident.ts';
import { anIncident } from '../../../../support/incidents.ts';
import { aPolicy } from '../../../../support/policy.ts';

const NOW_MS = 1_000_000;
const CLAIMED: LogState = { kind: 'claimed', token: 'x', isFirst: false, sentRevision: 1 };

const policy = aPolicy(
  { route: { receiver: 'ops', group_by: ['rule'], escalate: [{ after: '5m', receivers: ['ops'] }] } },
  [{ name: 'ops', minSeverity: 'info', keepsEpisodes: true }],
);

const error = anIncident('error', 2);
const critical: Incident = { ...anIncident('critical', 2), severity: 'critical' };
const over: Incident = { ...anIncident('over', 4), severity: 'critical', state: 'resolved', resolvedAtMs: NOW_MS };

interface Situation {
  readonly incidents: readonly Incident[];
  /** Suppressed by a silence. */
  readonly silenced?: readonly string[];
  readonly state?: Partial<GroupState>;
  readonly delivery?: Partial<Delivery>;
  readonly isEscalation?: boolean;
  readonly isMissing?: boolean;
}

/** The subject of the group's third message, which has entries for all of its incidents. */
async function subject(situation: Situation) {
  const { incidents, silenced = [], state, delivery, isEscalation = false, isMissing = false } = situation;
  const route = isEscalation ? policy.root.escalations[0]?.route : policy.root;
  const [candidate] = policy.candidates;
  assert.ok(route !== undefined && candidate !== undefined);
  const group = groupOf(targetOf(candidate, route, ''), { rule: 'r' }, error);
  const ids = incidents.map(({ id }) => id);
  const stored: GroupState = {
    group,
    episode: 1,
    revision: 3,
    version: 1,
    resolvedCount: incidents.filter((each) => each.state === 'resolved').length,
    acknowledgedCount: 0,
    changedRevision: 0,
    renderedRevision: 0,
    lastNotifiedMs: 0,
    receivedAtMs: 0,
    memberIds: incidents.filter((each) => each.state !== 'resolved').map(({ id }) => id),
    unrecordedIds: ids,
    lastIncidentId: ids.at(-1) ?? '',
    notified: Object.fromEntries(incidents.map((each) => [each.id, notifiedMark(each, 3)])),
    ...state,
  };
  const reverted: unknown[] = [];
  const asked: Question[] = [];
  const find = (id: string) => incidents.find((each) => each.id === id);
  const subjectOf = createSubject({
    store: {
      snapshots: async (wanted) => await Promise.resolve(wanted.map(find)),
      briefs: async (wanted) => await Promise.resolve(wanted.map(find)),
    },
    groups: {
      read: async () => await Promise.resolve(isMissing ? undefined : stored),
      revert: async (...each) => void reverted.push(await Promise.resolve(each)),
      markRecorded: async () => {
        await Promise.resolve();
      },
    },
    relatedIncidents: { suspectedCauses: async () => await Promise.resolve([]) },
    suppressionOf: async (questions) => {
      asked.push(...questions);
      return await Promise.resolve(
        questions.map(({ incident: { id } }) =>
          silenced.includes(id)
            ? ({ kind: 'suppressed', by: 'silence', reason: 'why', againAtMs: NOW_MS + 7 } as const)
            : ({ kind: 'notify' } as const),
        ),
      );
    },
    policy,
    texts: createRemediationTexts(quietLog),
  });
  const common = { episode: 1, revision: 3, receiver: 'ops', reason: 'updated', receivedAtMs: 0 } as const;
  const asItIs = deliveryOf({ ...common, subjectId: group.id, isGroup: true, ...delivery });
  return { found: await subjectOf(asItIs, CLAIMED, NOW_MS), reverted, asked, group };
}

async function notified(situation: Situation) {
  const { found } = await subject(situation);
  assert.ok(found.kind === 'notify', found.kind === 'superseded' ? found.reason : found.kind);
  return { ...found, ids: found.notified.map(({ id }) => id) };
}

test('the worst of the active incidents stands for the others, and the digest counts all of them', async () => {
  const { incident, ids, digest, suspectedCauses } = await notified({ incidents: [error, critical, over] });
  assert.deepEqual([incident.id, ids], ['critical', ['error', 'critical', 'over']]);
  assert.deepEqual(digest?.count, { open: 2, acknowledged: 0, resolved: 1 });
  assert.equal(digest.eventCount, 4, 'of those that are active');
  assert.equal(suspectedCauses, undefined, 'a digest names the causes of none');
});

test('when all have ended, the worst of them stands for the others', async () => {
  const { incident, digest } = await notified({ incidents: [{ ...error, state: 'resolved' }, over] });
  assert.equal(incident.id, 'over');
  assert.deepEqual([digest?.count, digest?.eventCount], [{ open: 0, acknowledged: 0, resolved: 2 }, 6]);
});

test('one that is silenced by now is left to a later message, a second from now; the others are notified of', async () => {
  const { found, reverted, group } = await subject({ incidents: [error, critical], silenced: ['critical'] });
  assert.ok(found.kind === 'notify');
  assert.deepEqual([found.incident.id, found.notified.map(({ id }) => id)], ['error', ['error']]);
  assert.deepEqual(reverted, [[group.id, { incidentIds: ['critical'], isEdit: false }, NOW_MS + 1000]]);
});

test('when all are silenced, nothing is sent', async () => {
  const { found } = await subject({ incidents: [error], silenced: ['error'] });
  assert.deepEqual(
    [found.kind, found.kind === 'superseded' && found.reason],
    ['superseded', 'all of its incidents are suppressed'],
  );
});

test('an incident of the group that Redis purged does not keep a message from being superseded', async () => {
  const superseded = { revision: 4, lastIncidentId: 'purged', unrecordedIds: ['purged', 'error'] };
  const { found } = await subject({ incidents: [error], state: superseded });
  assert.deepEqual([found.kind, found.incident.id], ['superseded', 'error']);
  const latest = await subject({ incidents: [error, critical], state: { revision: 4 } });
  assert.equal(latest.found.incident.id, 'critical', 'else the latest is named');
});

test('a group that Redis does not hold: Redis lost its contents', async () => {
  await assert.rejects(subject({ incidents: [error], isMissing: true }), StateLost);
});

test('a group of an escalation is notified of what flaps', async () => {
  const exempts = async (isEscalation: boolean) =>
    (await subject({ incidents: [error], isEscalation })).asked.map(({ exempt }) => exempt);
  assert.deepEqual([await exempts(true), await exempts(false)], [['flapping'], [undefined]]);
  const delivery = { reason: 'escalated' } as const;
  const { escalation } = await notified({ incidents: [error], isEscalation: true, delivery });
  assert.deepEqual(escalation, { step: 1, unanswered: ['ops'] });
  assert.equal((await notified({ incidents: [error] })).escalation, undefined);
});

test('the end of an episode of the group is sent after the next has begun, with each of its entries once', async () => {
  const again: Incident = { ...over, state: 'open', episode: 2, revision: 5 };
  const end = { incidentId: 'over', incident: endOf(over) };
  const { incident, ids, digest } = await notified({
    incidents: [again, { ...error, state: 'resolved' }],
    delivery: { reason: 'resolved', end },
    state: { memberIds: [], unrecordedIds: ['over', 'error'] },
  });
  assert.deepEqual([incident.state, incident.episode, ids, digest], ['resolved', 1, ['over', 'error'], undefined]);
});
