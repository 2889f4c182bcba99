// Groups go on where Kafka says that they were, after Redis was lost.
import type { GroupChange } from '../delivery/plan.ts';
import type { GroupStore, KnownGroup } from '../groups/store.ts';
import type { Group } from '../policy/group.ts';
import { notifiedMark, suppressedMark } from '../policy/notified-mark.ts';
import type { NotifiedGroup } from './history.ts';

/** An incident that belongs to a group by now. */
export interface GroupMember {
  readonly change: GroupChange;
  /** The receiver was notified that it flaps, and not of its end. */
  readonly isAwaitingEnd: boolean;
  /** By any message: of the beginning, and not of the end. */
  readonly isNotified: boolean;
}

/** What is collected of groups, whose incidents may be in all pieces of the state. */
export interface RestoredGroups {
  /** Group → its last message. */
  readonly known: Map<string, NotifiedGroup>;
  readonly members: Map<string, { readonly group: Group; readonly own: GroupMember[] }>;
}

/** Adds a member. The description of a group is kept once, however many incidents it has. */
export function addMember({ members }: RestoredGroups, member: GroupMember): void {
  const { group } = member.change;
  const found = members.get(group.id) ?? { group, own: [] };
  found.own.push({ ...member, change: { ...member.change, group: found.group } });
  members.set(group.id, found);
}

const AT_A_TIME = 500;

/**
 * A group with an incident that has to be notified goes on; the others begin with the incidents
 * that join them, under another number than before. Throws Unavailable.
 */
export async function restoreGroups(
  { groups, now }: { readonly groups: Pick<GroupStore, 'restore'>; readonly now: () => number },
  { known, members }: RestoredGroups,
): Promise<void> {
  const nowMs = now();
  for (const ids of inPieces([...new Set([...known.keys(), ...members.keys()])]))
    await groups.restore(ids.flatMap((id) => groupOf(id, { known, members }, nowMs) ?? []));
  const joins = [...members.values()].flatMap(({ own }) =>
    own.flatMap(({ change }) => (change.kind === 'join' ? [change] : [])),
  );
  for (const some of inPieces(joins)) await groups.restore([], { joins: some, nowMs });
}

function* inPieces<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += AT_A_TIME) yield items.slice(from, from + AT_A_TIME);
}

/** Undefined when nobody in it was notified: it begins with who joins it. */
function groupOf(id: string, groups: RestoredGroups, nowMs: number): KnownGroup | undefined {
  const known = groups.known.get(id);
  const { group = { id, receiver: '', routeKey: '', labels: {} }, own = [] } = groups.members.get(id) ?? {};
  const on = own.flatMap((member) => {
    const mark = markOf(member, known);
    return mark === undefined ? [] : [[member.change.incidentId, mark] as const];
  });
  if (known === undefined && on.length === 0) return undefined;
  const { episode, revision, atMs: lastNotifiedMs } = known ?? { episode: 1, revision: 1, atMs: nowMs };
  const isMessage = known === undefined ? 0 : 1;
  return { group, episode, revision, lastNotifiedMs, isMessage, notified: Object.fromEntries(on) };
}

/**
 * Undefined when the receiver was not notified of the episode, or was of its end. Otherwise it was
 * by a message of the group, or by another in its time; or it awaits the end of what flaps.
 */
function markOf({ change, isAwaitingEnd, isNotified }: GroupMember, known: NotifiedGroup | undefined) {
  const { incidentId, kind, episode } = change;
  if (isAwaitingEnd) return suppressedMark({ episode }, 'flapping');
  const mark = known?.marks.get(incidentId);
  if (mark?.episode === episode) return kind !== 'join' && mark.isOver ? undefined : notifiedMark(mark, mark.revision);
  return isNotified ? notifiedMark({ episode }, known?.revision ?? 1) : undefined;
}
