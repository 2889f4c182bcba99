// What a delivery says at the moment of sending: its incidents as they are then, compared with what
// the notification log says the receiver was notified of. An incident that is notified at once is a
// group of one without a record of its own: the log says all there is to know, and what is held
// back waits in the queue.
import type { Incident, IncidentBrief } from '../../../shared/contracts/incident.ts';
import type { Digest } from '../../../shared/contracts/notification.ts';
import { likelyHolderOf } from '../../../shared/contracts/suspected-cause.ts';
import type { RemediationTexts } from '../../../shared/kafka/remediation-texts.ts';
import type { LogState } from '../delivery/notification-log.ts';
import type { NotifySubject, Subject, SubjectOf } from '../delivery/notification.ts';
import type { Delivery, DeliveryEnd } from '../delivery/plan.ts';
import { asItEnded } from '../incidents/episode-end.ts';
import type { RelatedIncidents } from '../incidents/related-incidents.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { escalationStepOf, targetsOf } from '../policy/decide.ts';
import { targetOfGroup } from '../policy/group.ts';
import { labelsOf } from '../policy/labels.ts';
import { isNotified, notifiedMark, suppressedMark } from '../policy/notified-mark.ts';
import type { Policy } from '../policy/policy.ts';
import type { Route } from '../policy/route.ts';
import type { Suppression } from '../policy/suppress.ts';
import { StateLost } from '../redis/state-lost.ts';
import { contentOf, type Content, worstOf } from './content.ts';
import { digestOf, withHolders } from './digest.ts';
import { checkMembers, type MemberParts, readBriefs } from './members.ts';
import type { GroupState, GroupStore } from './store.ts';

/** Dependencies of the subject. */
export interface SubjectParts extends MemberParts {
  readonly store: Pick<IncidentStore, 'briefs' | 'snapshots'>;
  readonly groups: Pick<GroupStore, 'read' | 'revert' | 'markRecorded'>;
  readonly relatedIncidents: RelatedIncidents;
  readonly texts: Pick<RemediationTexts, 'load' | 'fill'>;
  readonly policy: Policy;
}

/** Held back in the end, the incidents of a group are looked at again this soon. */
const LOOK_AGAIN_MS = 1000;

/** A delivery, and its incident or group as Redis has it. */
interface Found {
  readonly delivery: Delivery;
  readonly claim: LogState;
  readonly nowMs: number;
  readonly state: Pick<GroupState, 'group' | 'episode' | 'memberIds' | 'notified' | 'unrecordedIds' | 'resolvedCount'>;
  /** The route that sends it; undefined when the configuration has none any more. */
  readonly route: Route | undefined;
  /** The incidents that the message is about. */
  readonly unrecorded: readonly IncidentBrief[];
  /** The one that stands for them. */
  readonly lastId: string;
  /** Why a later change made the delivery superfluous; undefined when none did. */
  readonly supersededBy: string | undefined;
  /** Set for an incident that is notified at once. */
  readonly atOnce?: Incident;
}

type Asked = Pick<Found, 'delivery' | 'claim' | 'nowMs'>;

/** The subject of a delivery. */
export function createSubject(parts: SubjectParts): SubjectOf {
  return async (delivery, claim, nowMs) => {
    const asked = { delivery, claim, nowMs };
    const found = await (delivery.isGroup === true ? findGroup : findIncident)(parts, asked);
    const { state, unrecorded, lastId, supersededBy } = found;
    const end = endToNotify(delivery, claim, parts.policy);
    if (end !== undefined && state.episode > delivery.episode)
      return await pastSubject(parts, found, { end, others: [] });
    if (supersededBy !== undefined) return superseded(await wholeOf(parts, found, lastId), supersededBy);
    const notified = withoutBegunAnew(unrecorded, state.memberIds);
    if (end !== undefined && state.memberIds.length === 0 && notified.length < unrecorded.length)
      return await pastSubject(parts, found, { end, others: notified });
    if (claim.kind === 'sent') return notify(parts, found, { incident: await wholeOf(parts, found, lastId), notified });
    const checked = await check(parts, found);
    if (found.atOnce === undefined) return await groupAsItIs(parts, { ...found, unrecorded: notified }, checked);
    const heldBack = holdBackOne(found.atOnce, claim, checked);
    return heldBack ?? (await notify(parts, found, { incident: found.atOnce, notified }));
  };
}

async function findGroup({ groups, store, policy }: SubjectParts, asked: Asked): Promise<Found> {
  const { subjectId: id, episode, revision } = asked.delivery;
  const state = await groups.read(id);
  if (state === undefined) throw new StateLost(`Redis does not hold group ${id}.`);
  const briefs = await readBriefs(store, [...new Set([...state.unrecordedIds, state.lastIncidentId])]);
  const isCurrent = state.episode === episode && state.revision === revision;
  return {
    ...asked,
    state,
    route: targetOfGroup(state.group, policy)?.route,
    unrecorded: state.unrecordedIds.flatMap((each) => briefs.get(each) ?? []),
    lastId: briefs.has(state.lastIncidentId) ? state.lastIncidentId : ([...briefs.keys()][0] ?? state.lastIncidentId),
    supersededBy: isCurrent ? undefined : 'a later message of the group has more',
  };
}

async function findIncident({ store, policy }: SubjectParts, asked: Asked): Promise<Found> {
  const { delivery, claim } = asked;
  const { subjectId: id, receiver } = delivery;
  const [incident] = await store.snapshots([id]);
  if (incident === undefined) throw new StateLost(`Redis does not hold incident ${id}.`);
  const { targets } = targetsOf(incident, labelsOf(incident, policy.labelRules), policy);
  const group = { id, receiver, routeKey: '', labels: {}, incidentId: id };
  const { episode } = incident;
  return {
    ...asked,
    state: {
      group,
      episode,
      memberIds: [id],
      notified: marksOf(delivery, claim),
      unrecordedIds: [id],
      resolvedCount: 0,
    },
    route: targets.find((target) => target.receiver === receiver)?.route,
    unrecorded: [incident],
    lastId: id,
    supersededBy: claim.kind === 'sent' ? undefined : laterChange(delivery, incident),
    atOnce: incident,
  };
}

/** What the log says of the one incident. What may have arrived counts as notified. */
function marksOf({ subjectId, episode }: Delivery, claim: LogState): GroupState['notified'] {
  if (claim.kind === 'sent') return {};
  const { sentRevision, unconfirmedRevision = 0, suppressedBy } = claim;
  const revision = Math.max(sentRevision, unconfirmedRevision);
  if (revision > 0) return { [subjectId]: notifiedMark({ episode }, revision) };
  return suppressedBy === undefined ? {} : { [subjectId]: suppressedMark({ episode }, suppressedBy) };
}

/**
 * The end of an episode that a receiver was notified of is always sent, unless it would end the
 * next one.
 */
function laterChange({ reason, episode }: Delivery, incident: Incident): string | undefined {
  if (incident.episode > episode) return `episode ${incident.episode} has begun`;
  if (reason === 'resolved') return undefined;
  if (incident.state === 'resolved') return 'it is resolved';
  return reason === 'escalated' && incident.state !== 'open' ? 'it is acknowledged' : undefined;
}

/**
 * The end that the delivery is about, where it would not end the next episode as well, and for one
 * that was sent already.
 */
function endToNotify({ receiver, end }: Delivery, claim: LogState, { candidates }: Policy): DeliveryEnd | undefined {
  const keepsEpisodes = candidates.find(({ name }) => name === receiver)?.keepsEpisodes === true;
  return keepsEpisodes || claim.kind === 'sent' ? end : undefined;
}

/**
 * An incident begins its next episode a moment before it joins the group again: that is for the
 * next message.
 */
function withoutBegunAnew(incidents: readonly IncidentBrief[], memberIds: readonly string[]): readonly IncidentBrief[] {
  const members = new Set(memberIds);
  return incidents.filter(({ id, state }) => state === 'resolved' || members.has(id));
}

/**
 * The end of an episode as it was. Entries of other incidents than `others` go with the next
 * message, as they do for every message that another superseded. What suppresses an incident holds
 * back its own end, and not that of a group.
 */
async function pastSubject(
  parts: SubjectParts,
  found: Found,
  { end, others }: { readonly end: DeliveryEnd; readonly others: readonly IncidentBrief[] },
): Promise<Subject> {
  const { claim, route, atOnce, nowMs } = found;
  const now = await wholeOf(parts, found, end.incidentId);
  const incident = asItEnded(now, end.incident);
  if (claim.kind === 'claimed' && atOnce !== undefined) {
    if (claim.isFirst && claim.suppressedBy !== undefined) return unnotified(incident, claim.suppressedBy);
    const [answer] = await parts.suppressionOf([{ incident, route, now }], nowMs);
    if (answer?.kind === 'suppressed') return { ...answer, incident };
  }
  const notified = [incident, ...others.filter(({ id }) => id !== incident.id)];
  return await notify(parts, found, { incident, notified, digest: end.digest });
}

interface Checked {
  readonly content: Content;
  /** Of the first. */
  readonly suppression: Suppression | undefined;
  /** A message of one incident that is edited. */
  readonly isEdit: boolean;
  /** That it is snoozed is itself news for such a message. */
  readonly isAsleep: boolean;
}

/** Checks what suppresses the incidents. */
async function check(parts: SubjectParts, found: Found): Promise<Checked> {
  const { delivery, state, route, atOnce, nowMs } = found;
  const { memberIds, notified, group } = state;
  const incidents = atOnce === undefined ? await readBriefs(parts.store, memberIds) : new Map([[atOnce.id, atOnce]]);
  const isEscalation = delivery.reason === 'escalated' || route?.isEscalation === true;
  const members = await checkMembers(parts, memberIds, { incidents, route, isEscalation, nowMs });
  const content = contentOf(members, notified);
  const isEdit = delivery.reason === 'updated' && group.incidentId !== undefined;
  const isAsleep = isEdit && content.held.some(({ by }) => by === 'snooze');
  return { content, suppression: members[0]?.suppression, isEdit, isAsleep };
}

/** Undefined when the incident may be notified. */
function holdBackOne(
  incident: Incident,
  claim: LogState,
  { content: { goneIds }, suppression, isAsleep }: Checked,
): Subject | undefined {
  const suppressed = suppression?.kind === 'suppressed' ? suppression : undefined;
  const before = claim.kind === 'claimed' ? claim.suppressedBy : undefined;
  if (goneIds.length > 0) return unnotified(incident, before ?? suppressed?.by ?? '');
  return suppressed === undefined || isAsleep ? undefined : { ...suppressed, incident };
}

/** What is suppressed by now is due again later, and the others are notified. */
async function groupAsItIs(parts: SubjectParts, found: Found, checked: Checked): Promise<Subject> {
  const { delivery, state, unrecorded, nowMs } = found;
  const { content, isEdit, isAsleep } = checked;
  const { group, unrecordedIds, notified: marks } = state;
  const incidentIds = content.held
    .filter(({ incident: { id, episode } }) => unrecordedIds.includes(id) && isNotified(marks[id], { episode }))
    .map(({ incident }) => incident.id);
  const notified = unrecorded.filter(({ id }) => !incidentIds.includes(id));
  const ended = notified.filter((incident) => incident.state === 'resolved');
  const isHeld = content.active.length === 0 && ended.length === 0 && !isAsleep;
  await parts.groups.revert(group.id, { incidentIds, isEdit: isEdit && isHeld }, nowMs + LOOK_AGAIN_MS);
  const worst = worstOf(content.active.length > 0 ? content.active : ended);
  const incident = await wholeOf(parts, found, worst?.id ?? found.lastId);
  if (isHeld) return superseded(incident, 'all of its incidents are suppressed');
  if (group.incidentId !== undefined) return await notify(parts, found, { incident, notified });
  const counted = digestOf(state, delivery, { ...content, ended });
  const digest = await withHolders(counted, content.active, async (ids) => {
    const incidents = await parts.store.snapshots(ids);
    await parts.texts.load(incidents.filter((one) => one !== undefined));
    return incidents.map((one) => (one === undefined ? undefined : likelyHolderOf(parts.texts.fill(one))));
  });
  return await notify(parts, found, { incident, notified, digest });
}

/** One without a digest shows its causes; of a group the entries that are written are noted. */
async function notify(
  { relatedIncidents, groups, policy, texts }: SubjectParts,
  { delivery, claim, route, state: { group }, atOnce }: Found,
  {
    incident,
    notified,
    digest,
  }: Pick<NotifySubject, 'notified'> & { readonly incident: Incident; readonly digest?: Digest | undefined },
): Promise<Subject> {
  const isShown = digest === undefined && group.incidentId !== undefined && claim.kind === 'claimed';
  const ids = notified.map(({ id }) => id);
  await texts.load([incident]);
  return {
    kind: 'notify',
    incident: texts.fill(incident),
    notified,
    ...(digest === undefined ? {} : { digest }),
    ...(isShown ? { suspectedCauses: await relatedIncidents.suspectedCauses(incident) } : {}),
    ...(delivery.reason === 'escalated' ? { escalation: escalationStepOf(incident, policy, route) } : {}),
    ...(atOnce === undefined ? { onRecorded: () => groups.markRecorded(group.id, delivery.episode, ids) } : {}),
  };
}

/** The one incident whose text is sent. */
async function wholeOf({ store }: SubjectParts, { atOnce }: Pick<Found, 'atOnce'>, id: string): Promise<Incident> {
  if (atOnce?.id === id) return atOnce;
  const [incident] = await store.snapshots([id]);
  if (incident === undefined) throw new StateLost(`Redis does not hold incident ${id}.`);
  return incident;
}

function unnotified(incident: Incident, by: string): Subject {
  return superseded(incident, `nobody was notified of the episode: ${by}`);
}

function superseded(incident: Incident, reason: string): Subject {
  return { kind: 'superseded', incident, reason };
}
