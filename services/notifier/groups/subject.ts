// What a delivery of a group says at the moment of sending: the group as it is then.
import { asItEnded } from '../incidents/episode-end.ts';
import type { Claim } from '../delivery/notification-log.ts';
import type { Delivery, DeliveryEnd } from '../delivery/plan.ts';
import type { Subject, SubjectOf } from '../delivery/subject.ts';
import type { Incident, IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { StateLost } from '../redis/state-lost.ts';
import type { Policy } from '../policy/policy.ts';
import { contentOf, worstOf } from './content.ts';
import { digestOf } from './digest.ts';
import { isNotified } from '../policy/notified-mark.ts';
import { targetOfGroup } from '../policy/group.ts';
import { type MemberParts, readBriefs, readMembers } from './members.ts';
import type { GroupState, GroupStore } from './store.ts';

/** Dependencies of the subject of a group. */
export interface GroupSubjectParts extends MemberParts {
  readonly store: Pick<IncidentStore, 'briefs' | 'snapshots'>;
  readonly groups: Pick<GroupStore, 'read' | 'revertNotified' | 'requireRerender'>;
  readonly policy: Policy;
}

/** Held back in the end, its incidents are looked at again this soon. */
const LOOK_AGAIN_MS = 1000;

/** The subject of a delivery of a group. */
export function createGroupSubject(parts: GroupSubjectParts): SubjectOf {
  return async (delivery, claim, nowMs) => {
    const state = await parts.groups.read(delivery.subjectId);
    if (state === undefined) throw new StateLost(`Redis does not hold group ${delivery.subjectId}.`);
    const end = endToNotify(delivery, claim, parts.policy);
    if (end !== undefined && state.episode > delivery.episode) return await pastSubject(parts, end, []);
    const owed = await readBriefs(parts.store, [...new Set([...state.unrecordedIds, state.lastIncidentId])]);
    const isCurrent = state.episode === delivery.episode && state.revision === delivery.revision;
    const target = targetOfGroup(state.group, parts.policy);
    const last = owed.get(state.lastIncidentId) ?? owed.values().next().value;
    if (last === undefined) throw new StateLost(`Redis holds no incident of group ${delivery.subjectId}.`);
    if (!isCurrent) return superseded(await wholeOf(parts, last), 'a later message of the group tells more');
    const known = state.unrecordedIds.flatMap((id) => owed.get(id) ?? []);
    const notified = withoutBegunAnew(known, state);
    if (end !== undefined && state.memberIds.length === 0 && notified.length < known.length)
      return await pastSubject(parts, end, notified);
    if (claim.kind === 'sent') return { kind: 'notify', incident: await wholeOf(parts, last), notified };
    return await verifyWith(parts, { state, target, notified, last, delivery, nowMs });
  };
}

/** The end that the delivery is about, where it would not end the next episode as well, and for one that was sent already. */
function endToNotify({ receiver, end }: Delivery, claim: Claim, { candidates }: Policy): DeliveryEnd | undefined {
  const keepsEpisodes = candidates.find(({ name }) => name === receiver)?.keepsEpisodes === true;
  return keepsEpisodes || claim.kind === 'sent' ? end : undefined;
}

/** An incident begins its next episode a moment before it joins the group again: that is for the next message. */
function withoutBegunAnew(
  incidents: readonly IncidentBrief[],
  { memberIds }: Pick<GroupState, 'memberIds'>,
): readonly IncidentBrief[] {
  const members = new Set(memberIds);
  return incidents.filter(({ id, state }) => state === 'resolved' || members.has(id));
}

/** The end of an episode as it was. Rows of other incidents than `others` go with the next message, as they do for every message that another overtook. */
async function pastSubject(
  parts: GroupSubjectParts,
  end: DeliveryEnd,
  others: readonly IncidentBrief[],
): Promise<Subject> {
  const now = await wholeOf(parts, { id: end.incidentId });
  const incident = asItEnded(now, end.incident);
  const notified = [incident, ...others.filter(({ id }) => id !== incident.id)];
  return { kind: 'notify', incident, notified, ...(end.digest === undefined ? {} : { digest: end.digest }) };
}

interface Look {
  readonly state: GroupState;
  readonly target: ReturnType<typeof targetOfGroup>;
  readonly notified: (Subject & { readonly kind: 'notify' })['notified'];
  readonly last: IncidentBrief;
  readonly delivery: Parameters<SubjectOf>[0];
  readonly nowMs: number;
}

async function verifyWith(
  parts: GroupSubjectParts,
  { state, target, notified, last, delivery, nowMs }: Look,
): Promise<Subject> {
  const members = await readMembers(parts, state.memberIds, { route: target?.route, nowMs });
  const content = contentOf(members, state.notified);
  const heldBack = content.held.map(({ incident }) => incident).filter(({ id }) => state.unrecordedIds.includes(id));
  const stillNotified = heldBack
    .filter((incident) => isNotified(state.notified[incident.id], incident))
    .map(({ id }) => id);
  await parts.groups.revertNotified(state.group.id, stillNotified, nowMs + LOOK_AGAIN_MS);
  const left = notified.filter(({ id }) => !stillNotified.includes(id));
  const ended = left.filter((incident) => incident.state === 'resolved');
  const { group } = state;
  const isEdit = delivery.reason === 'updated' && group.incidentId !== undefined;
  const isAsleep = isEdit && content.held.some(({ by }) => by === 'snooze');
  if (content.active.length === 0 && ended.length === 0 && !isAsleep) {
    if (isEdit) await parts.groups.requireRerender(group.id, nowMs + LOOK_AGAIN_MS);
    return superseded(await wholeOf(parts, last), 'all that it would tell of is held back');
  }
  const incident = await wholeOf(parts, worstOf(content.active.length > 0 ? content.active : ended) ?? last);
  if (group.incidentId !== undefined) return { kind: 'notify', incident, notified: left };
  return { kind: 'notify', incident, notified: left, digest: digestOf(state, delivery, { ...content, ended }) };
}

/** The one incident whose text is sent. */
async function wholeOf({ store }: GroupSubjectParts, { id }: Pick<Incident, 'id'>): Promise<Incident> {
  const [incident] = await store.snapshots([id]);
  if (incident === undefined) throw new StateLost(`Redis does not hold incident ${id}.`);
  return incident;
}

function superseded(incident: Incident, reason: string): Subject {
  return { kind: 'superseded', incident, reason };
}
