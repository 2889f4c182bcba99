// The content of a group's message, member by member: what is new, what is over, what is
// suppressed, and whether a message is due. Pure.
import type { IncidentBrief as Incident } from '../../../shared/contracts/incident.ts';
import type { NotificationReason } from '../../../shared/contracts/notification.ts';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import type { Grouping } from '../policy/route.ts';
import type { Suppression } from '../policy/suppress.ts';
import { suppressedMark, isNotified, endMark } from '../policy/notified-mark.ts';
import type { GroupState } from './store.ts';

/** A member as it is now. `incident` is undefined when there is none of this id any more. */
export interface Member {
  readonly id: string;
  readonly incident: Incident | undefined;
  readonly suppression: Suppression;
}

/** The members by their part in the message. */
export interface Content {
  /** Active, and may be notified. */
  readonly active: readonly Incident[];
  /** Of these: not notified before. */
  readonly fresh: readonly Incident[];
  /** Resolved, and that was not notified. */
  readonly over: readonly Incident[];
  /** Active and suppressed. */
  readonly held: readonly { readonly incident: Incident; readonly by: string; readonly reason: string }[];
  readonly heldUntilMs: number | undefined;
  /** Notified to the end, or never to be notified. */
  readonly goneIds: readonly string[];
}

/** Sorts the members. */
export function contentOf(members: readonly Member[], notified: GroupState['notified']): Content {
  const active: Incident[] = [];
  const fresh: Incident[] = [];
  const over: Incident[] = [];
  const goneIds: string[] = [];
  const held: Content['held'][number][] = [];
  const heldUntil: number[] = [];
  for (const { id, incident, suppression } of members) {
    if (suppression.kind === 'suppressed') heldUntil.push(suppression.againAtMs);
    if (incident === undefined) goneIds.push(id);
    else if (incident.state === 'resolved') {
      const end = endOf(incident, notified[id], suppression);
      if (end === 'gone') goneIds.push(id);
      else if (end === 'over') over.push(incident);
    } else if (suppression.kind === 'suppressed')
      held.push({ incident, by: suppression.by, reason: suppression.reason });
    else {
      active.push(incident);
      if (!isNotified(notified[id], incident)) fresh.push(incident);
    }
  }
  return {
    active,
    fresh,
    over,
    held,
    heldUntilMs: heldUntil.length === 0 ? undefined : Math.min(...heldUntil),
    goneIds,
  };
}

/**
 * The end of an incident that was notified is notified, as soon as it may be; that of a suppressed
 * one is not.
 */
function endOf(incident: Incident, mark: string | undefined, suppression: Suppression): 'gone' | 'held' | 'over' {
  if (mark === endMark(incident)) return 'gone';
  const isHeld = suppression.kind === 'suppressed';
  const byFlapping = suppressedMark(incident, 'flapping');
  // The end of a flapping incident is notified.
  const wasHeld = mark !== byFlapping && mark?.startsWith(suppressedMark(incident, '')) === true;
  if (!isNotified(mark, incident) && (wasHeld || (isHeld && suppression.by !== 'flapping'))) return 'gone';
  return isHeld ? 'held' : 'over';
}

/** Whether a message is due, and when to check again. */
interface Timing {
  readonly reason: NotificationReason | undefined;
  /** It only shows what people did beside beginning and end: no reminder has to wait for that. */
  readonly isEdit: boolean;
  /** Undefined: not before something changes. */
  readonly dueMs: number | undefined;
}

/** What timing depends on beside the content. */
export interface TimingFacts {
  readonly state: Pick<
    GroupState,
    'revision' | 'lastNotifiedMs' | 'acknowledgedCount' | 'changedRevision' | 'renderedRevision' | 'group'
  >;
  readonly grouping: Grouping;
  readonly followsChanges: boolean;
  /** Its message is edited: that of one incident also shows its assignee and notes. */
  readonly editsInPlace: boolean;
  /** Repeat also what somebody has acknowledged. */
  readonly repeatsAll: boolean;
  readonly nowMs: number;
}

/** Decides. The first message, and the end of the last incident, leave at once. */
export function timingOf(content: Content, facts: TimingFacts): Timing {
  const { state, grouping, nowMs } = facts;
  const news = reasonOf(content, facts);
  const isEdit = news === undefined && hasEdit(content, facts);
  const reason = isEdit ? 'updated' : news;
  const notifiedMs = news === undefined ? state.lastNotifiedMs : nowMs;
  const isWaiting = news === undefined && content.fresh.length + content.over.length > 0;
  const times = [
    isWaiting ? Math.max(nowMs, notifiedMs + grouping.intervalMs) : undefined,
    content.heldUntilMs,
    repeats(content, facts) ? notifiedMs + grouping.repeatMs : undefined,
  ].filter((time) => time !== undefined);
  return { reason, isEdit, dueMs: times.length === 0 ? undefined : Math.min(...times) };
}

/** The worst incident, of those the one that was opened first: it stands for the group. */
export function worstOf(incidents: readonly Incident[]): Incident | undefined {
  let worst: Incident | undefined;
  for (const incident of incidents) if (worst === undefined || isWorse(incident, worst)) worst = incident;
  return worst;
}

function reasonOf(content: Content, facts: TimingFacts): NotificationReason | undefined {
  // Everything that was notified is over; that another is suppressed is no reason to wait.
  if (content.over.length > 0 && content.active.length === 0) return 'resolved';
  return newsReason(content, facts) ?? changeReason(content, facts) ?? repeatReason(content, facts);
}

function newsReason({ fresh, over }: Content, facts: TimingFacts): NotificationReason | undefined {
  if (fresh.length + over.length === 0) return undefined;
  const { state, grouping, nowMs } = facts;
  const isFirst = state.revision === 0;
  if (!isFirst && !isSingle(facts) && nowMs < state.lastNotifiedMs + grouping.intervalMs) return undefined;
  if (isSingle(facts) && (fresh[0]?.episode ?? 1) > 1) return 'reopened';
  return isFirst ? 'opened' : 'updated';
}

function changeReason({ active }: Content, facts: TimingFacts): NotificationReason | undefined {
  if (!facts.followsChanges || active.length === 0) return undefined;
  const acknowledged = active.filter((incident) => incident.state === 'acknowledged').length;
  if (acknowledged === facts.state.acknowledgedCount) return undefined;
  return isSingle(facts) && acknowledged > 0 ? 'acknowledged' : 'updated';
}

/** A snooze is shown by a message that is edited; other suppressions suppress this, too. */
function hasEdit({ active, held }: Content, facts: TimingFacts): boolean {
  const { state, editsInPlace } = facts;
  const isShowable = active.length > 0 || held.some(({ by }) => by === 'snooze');
  const isTouched = state.revision > 0 && state.changedRevision > state.renderedRevision;
  return editsInPlace && isSingle(facts) && isTouched && isShowable;
}

function repeatReason(content: Content, facts: TimingFacts): NotificationReason | undefined {
  const { state, grouping, nowMs } = facts;
  const isDue = state.revision > 0 && nowMs >= state.lastNotifiedMs + grouping.repeatMs;
  return isDue && repeats(content, facts) ? 'repeated' : undefined;
}

function repeats({ active }: Content, { grouping, repeatsAll }: TimingFacts): boolean {
  if (grouping.repeatMs === 0) return false;
  return repeatsAll ? active.length > 0 : active.some((incident) => incident.state === 'open');
}

function isSingle({ state }: TimingFacts): boolean {
  return state.group.incidentId !== undefined;
}

function isWorse(left: Incident, right: Incident): boolean {
  const difference = SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity);
  return difference > 0 || (difference === 0 && left.openedAtMs < right.openedAtMs);
}
