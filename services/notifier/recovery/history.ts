// What the activity log says of incidents whose copy in Redis was lost: what had to be notified,
// what was, and the silences.
import type { ActivityEntry, IncidentEntry, NotifiedEntry } from '../../../shared/contracts/activity.ts';
import type { KnownDelivery, NotificationLog } from '../delivery/notification-log.ts';
import { type Delivery, deliveryOf } from '../delivery/plan.ts';
import type { Purger } from '../incidents/purge.ts';
import type { SilenceStore } from '../incidents/silence-store.ts';
import { isOwnBug } from '../redis/state-lost.ts';

/** A transition that people are notified of. Times are epoch milliseconds. */
export interface NotifiedTransition {
  readonly kind: 'opened' | 'reopened' | 'acknowledged' | 'escalated' | 'resolved';
  readonly episode: number;
  readonly revision: number;
  readonly atMs: number;
  /** How many steps of escalation were done by then. */
  readonly steps: number;
}

/** A group as its last message left it. */
export interface NotifiedGroup {
  readonly episode: number;
  readonly revision: number;
  readonly atMs: number;
  /**
   * Incident → the episode that was notified, the first revision of the group that did so, and
   * whether its end was notified.
   */
  readonly marks: Map<string, { readonly episode: number; readonly revision: number; readonly isOver: boolean }>;
}

/** A revision that a receiver was notified of, and when. */
interface LastNotified {
  readonly revision: number;
  readonly atMs: number;
}

/** What was read. */
export interface History {
  /** Incident → the last transition of each kind, and every escalation of the last episode. */
  readonly last: ReadonlyMap<string, readonly NotifiedTransition[]>;
  readonly groups: ReadonlyMap<string, NotifiedGroup>;
  /**
   * The last revision of an incident's episode that a receiver was notified of, by itself or in any
   * group.
   */
  lastNotified(incidentId: string, episode: number, receiver: string): LastNotified | undefined;
}

/** Dependencies of reading. */
interface HistoryParts {
  readonly notificationLog: Pick<NotificationLog, 'restore'>;
  readonly silences: Pick<SilenceStore, 'restore'>;
  readonly purger: Pick<Purger, 'restore'>;
  readonly now: () => number;
  readActions(take: (actions: readonly ActivityEntry[]) => Promise<void>): Promise<unknown>;
  /** Called with a entry that a bug was met with; the others are read on. */
  onBug(action: ActivityEntry, error: unknown): void;
}

const NOTIFIED_KINDS: ReadonlySet<string> = new Set<NotifiedTransition['kind']>([
  'opened',
  'reopened',
  'acknowledged',
  'escalated',
  'resolved',
]);

/**
 * Reads the stream once, and gives notification log and silences what is theirs. Throws
 * Unavailable.
 */
export async function readHistory(parts: HistoryParts): Promise<History> {
  const last = new Map<string, Map<string, NotifiedTransition>>();
  const groups = new Map<string, NotifiedGroup>();
  const notified = new Map<string, LastNotified>();
  await parts.readActions(async (actions) => {
    const sent: KnownDelivery[] = [];
    for (const action of actions)
      try {
        sent.push(...(await note(parts, action, { last, groups, notified })));
      } catch (error) {
        if (!isOwnBug(error)) throw error;
        parts.onBug(action, error);
      }
    await parts.notificationLog.restore(sent);
  });
  return {
    last: new Map([...last].map(([id, byKind]) => [id, withSteps([...byKind.values()])])),
    groups,
    lastNotified: (...names) => notified.get(names.join('/')),
  };
}

function noteNotified(
  { incidentId, episode, revision, atMs, receiver }: NotifiedEntry,
  notified: Map<string, LastNotified>,
): void {
  const key = [incidentId, episode, receiver].join('/');
  if ((notified.get(key)?.revision ?? 0) < revision) notified.set(key, { revision, atMs });
}

interface Noted {
  readonly last: Map<string, Map<string, NotifiedTransition>>;
  readonly groups: Map<string, NotifiedGroup>;
  readonly notified: Map<string, LastNotified>;
}

/** Gives the delivery that the entry says was sent. */
async function note(
  parts: HistoryParts,
  entry: ActivityEntry,
  { last, groups, notified }: Noted,
): Promise<readonly KnownDelivery[]> {
  if (entry.subject === 'incident') {
    if (NOTIFIED_KINDS.has(entry.type)) noteTransition(entry, last);
    if (entry.type === 'purged')
      await parts.purger.restore([{ kind: 'tombstone', id: entry.incidentId, revision: entry.revision }]);
  }
  if (entry.subject === 'silence') {
    const stored = { silence: entry.silence, commandId: entry.commandId ?? entry.id };
    await parts.silences.restore(stored, parts.now());
  }
  if (entry.subject !== 'delivery' || entry.type !== 'notified') return [];
  noteGroup(entry, groups, last);
  noteNotified(entry, notified);
  const delivery = toDelivery(entry);
  const { providerReference: reference = '', atMs } = entry;
  return [{ delivery, sent: { revision: delivery.revision, reference, atMs } }];
}

function noteTransition(entry: IncidentEntry, last: Map<string, Map<string, NotifiedTransition>>): void {
  const { incidentId, episode, revision, atMs } = entry;
  const kind = entry.type as NotifiedTransition['kind'];
  const byKind = last.get(incidentId) ?? new Map<string, NotifiedTransition>();
  // Either begins an episode, and only the last one counts; of escalations each has receivers of
  // its own.
  const key = kind === 'reopened' ? 'opened' : kind === 'escalated' ? `${kind} ${revision}` : kind;
  if ((byKind.get(key)?.revision ?? 0) < revision) byKind.set(key, { kind, episode, revision, atMs, steps: 0 });
  last.set(incidentId, byKind);
}

/** The first escalation of an episode is its first step; an earlier episode's are left out. */
function withSteps(transitions: readonly NotifiedTransition[]): readonly NotifiedTransition[] {
  const inOrder = transitions.toSorted((left, right) => left.revision - right.revision);
  const episode = Math.max(...inOrder.map((transition) => transition.episode));
  let steps = 0;
  return inOrder.flatMap((transition) => {
    if (transition.kind !== 'escalated') return [{ ...transition, steps }];
    if (transition.episode !== episode) return [];
    steps += 1;
    return [{ ...transition, steps }];
  });
}

/**
 * Transitions of one incident are in order, so that its end, when it was notified, is known by
 * then; but an end may be notified after the next beginning.
 */
function noteGroup(
  { group, incidentId, episode, revision, atMs }: NotifiedEntry,
  groups: Map<string, NotifiedGroup>,
  last: ReadonlyMap<string, ReadonlyMap<string, NotifiedTransition>>,
): void {
  if (group === undefined) return;
  const before: NotifiedGroup = groups.get(group.id) ?? { episode: 0, revision: 0, atMs: 0, marks: new Map() };
  const end = last.get(incidentId)?.get('resolved');
  const isOver = end !== undefined && end.episode === episode && end.revision <= revision;
  const known = before.marks.get(incidentId);
  if (known === undefined || known.episode < episode)
    before.marks.set(incidentId, { episode, revision: group.revision, isOver });
  else if (isOver && known.episode === episode) before.marks.set(incidentId, { ...known, isOver });
  const message = { episode: group.episode, revision: group.revision, atMs };
  groups.set(group.id, isLater(message, before) ? { ...message, marks: before.marks } : before);
}

function isLater(left: Pick<NotifiedGroup, 'episode' | 'revision'>, right: typeof left): boolean {
  return left.episode > right.episode || (left.episode === right.episode && left.revision >= right.revision);
}

function toDelivery({ incidentId: id, episode, revision, atMs, group, receiver }: NotifiedEntry): Delivery {
  const subject = group ?? { id, episode, revision };
  const own = { subjectId: subject.id, episode: subject.episode, revision: subject.revision };
  return deliveryOf({ ...own, receiver, reason: 'opened', receivedAtMs: atMs });
}
