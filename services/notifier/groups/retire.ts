// A group that the configuration has no route for any more: whoever of it was not told of yet is told by the routes that there are now.
import type { IncidentBrief } from '../../../shared/contracts/incident.ts';
import { outcomeOf } from '../delivery/plan.ts';
import type { DeliveryQueues } from '../delivery/queue.ts';
import { escalatedTargets, targetsOf } from '../policy/decide.ts';
import { labelsOf } from '../policy/labels.ts';
import type { Policy } from '../policy/policy.ts';
import { isTold } from './marks.ts';
import { type MemberParts, readBriefs } from './members.ts';
import type { GroupState, GroupStore } from './store.ts';

/** What retiring works with. */
export interface RetireParts {
  readonly store: MemberParts['store'];
  readonly groups: GroupStore;
  readonly queues: Pick<DeliveryQueues, 'add'>;
  readonly policy: Policy;
}

/** Another process may have a newer configuration, and the group be one of its. */
const LOOK_AGAIN_MS = 30_000;

/** Ends the group, or leaves it alone while Redis was last filled by the configuration of another process. Throws Unavailable and StateLost. */
export async function retireGroup(parts: RetireParts, state: GroupState, nowMs: number): Promise<void> {
  const { groups, queues, policy, store } = parts;
  const { group, told, memberIds } = state;
  if (!(await groups.isPolicy(policy.fingerprint))) {
    await groups.postpone(group.id, nowMs + LOOK_AGAIN_MS);
    return;
  }
  const incidents = [...(await readBriefs(store, memberIds)).values()];
  const untold = incidents.filter((incident) => incident.state !== 'resolved' && !isTold(told[incident.id], incident));
  const { deliveries, groupChanges } = plansOf(untold, state, policy);
  await queues.add(deliveries);
  await groups.change(groupChanges, nowMs);
  for (const change of groupChanges)
    await groups.untell(change.group.id, [change.incidentId], nowMs + change.grouping.waitMs);
  await groups.drop(group.id);
}

function plansOf(incidents: readonly IncidentBrief[], { group, receivedAtMs }: GroupState, policy: Policy) {
  const plans = incidents.map((incident) => {
    const labels = labelsOf(incident, policy.labelRules);
    const targets = [...targetsOf(incident, labels, policy).targets, ...escalatedTargets(incident, labels, policy)];
    const same = targets.filter(({ receiver }) => receiver === group.receiver);
    const reason = incident.episode > 1 ? ('reopened' as const) : ('opened' as const);
    const decision = {
      kind: 'notify',
      targets: same.length > 0 ? same : targets,
      labels,
      reason,
    } as const;
    const { episode, revision } = incident;
    return outcomeOf(decision, incident, { episode, revision, receivedAtMs, at: receivedAtMs });
  });
  return {
    deliveries: plans.flatMap(({ deliveries }) => deliveries),
    groupChanges: plans.flatMap(({ groupChanges }) => groupChanges),
  };
}
