// What the activity log says of incidents whose copy in Redis was lost: what had to be notified,
// what was, and the silences.
import type { ActivityEntry, IncidentEntry, NotifiedEntry, SilenceEntry } from '../../../shared/contracts/activity.ts';
import type { KnownDelivery, NotificationLog } from '../delivery/notification-log.ts';
import { deliveryOf } from '../delivery/plan.ts';
import type { Purger } from '../incidents/purge.ts';
import type { SilenceStore } from '../incidents/silence-store.ts';
import { spareOthers } from './spare-others.ts';

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
  /** Incident → of its episode the last transition of each kind, and every escalation. */
  readonly last: ReadonlyMap<string, readonly NotifiedTransition[]>;
  /**
   * The last revision of an incident's episode that a receiver was notified of, by itself or in any
   * group. Known of the episode that the incident is in, and of the one that it flaps since.
   */
  lastNotified(incidentId: string, episode: number, receiver: string): LastNotified | undefined;
}

/** The episode that an incident is in, when it began, and the one that it flaps since. */
export interface KnownEpisodes {
  readonly revision: number;
  readonly episode: number;
  /** Epoch milliseconds. */
  readonly beganAtMs: number;
  readonly isOver: boolean;
  readonly flapsSince: number | undefined;
}

/** Dependencies of reading. */
interface HistoryParts {
  readonly notificationLog: Pick<NotificationLog, 'restore'>;
  readonly silences: Pick<SilenceStore, 'restore'>;
  readonly purger: Pick<Purger, 'restore'>;
  readonly now: () => number;
  /** Of all incidents that were not purged; of others, and of earlier episodes, little is kept. */
  readonly episodes: ReadonlyMap<string, KnownEpisodes>;
  /** Redis was empty: it holds no delivery of an earlier episode. */
  readonly isEmpty: boolean;
  /** Takes what is read of groups. */
  readonly groups: Map<string, NotifiedGroup>;
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

/** What is collected while entries are read. */
interface Noted {
  readonly last: Map<string, NotifiedTransition[]>;
  readonly groups: Map<string, NotifiedGroup>;
  readonly notified: Map<string, LastNotified>;
}

/** What a batch of entries has for Redis. */
interface Found {
  readonly sent: Map<string, KnownDelivery & Pick<LastNotified, 'revision'>>;
  readonly silences: SilenceEntry[];
  readonly purged: IncidentEntry[];
}

/**
 * Reads the entries once, and gives notification log and silences what is theirs. Throws
 * Unavailable.
 */
export async function readHistory(parts: HistoryParts): Promise<History> {
  const noted: Noted = { last: new Map(), groups: parts.groups, notified: new Map() };
  await parts.readActions(async (actions) => {
    const found: Found = { sent: new Map(), silences: [], purged: [] };
    for (const action of actions)
      try {
        note(parts, action, { ...noted, ...found });
      } catch (error) {
        parts.onBug(action, error);
      }
    await write(parts, found);
  });
  const { last, notified } = noted;
  for (const [id, transitions] of last) last.set(id, withSteps(transitions));
  const old = addBeginnings(parts, last);
  return { last, lastNotified: (id, ...names) => notified.get([id, ...names].join('/')) ?? old.get(id) };
}

/** Kafka keeps entries for longer. */
const ENTRY_LIVES_MS = 24 * 60 * 60 * 1000;

/**
 * Adds the beginnings of episodes that are on and have none: a process ended before it wrote the
 * entry beside the snapshot, or the entry is older than Kafka keeps it. Gives the revisions of the
 * latter, which counts as notified.
 */
function addBeginnings({ episodes, now }: HistoryParts, last: Noted['last']): ReadonlyMap<string, LastNotified> {
  const old = new Map<string, LastNotified>();
  for (const [id, { revision, episode, beganAtMs: atMs, isOver }] of episodes) {
    const transitions = last.get(id) ?? [];
    if (isOver || transitions.some(({ kind }) => isBeginning(kind))) continue;
    last.set(id, [{ kind: 'opened', episode, revision, atMs, steps: 0 }, ...transitions]);
    if (atMs < now() - ENTRY_LIVES_MS) old.set(id, { revision, atMs });
  }
  return old;
}

function isBeginning(kind: string): boolean {
  return kind === 'opened' || kind === 'reopened';
}

async function write({ purger, silences, notificationLog, now, onBug }: HistoryParts, found: Found): Promise<void> {
  const purge = async (entries: readonly IncidentEntry[]): Promise<void> =>
    await purger.restore(entries.map(({ incidentId: id, revision }) => ({ kind: 'tombstone', id, revision })));
  const restore = async (entries: readonly SilenceEntry[]): Promise<void> => {
    const stored = entries.map(({ silence, commandId, id }) => ({ silence, commandId: commandId ?? id }));
    await silences.restore(stored, now());
  };
  await spareOthers(found.purged, purge, onBug);
  await spareOthers(found.silences, restore, onBug);
  await notificationLog.restore([...found.sent.values()]);
}

function note({ episodes, isEmpty }: HistoryParts, entry: ActivityEntry, noted: Noted & Found): void {
  if (entry.subject === 'incident') {
    const known = episodes.get(entry.incidentId);
    if (NOTIFIED_KINDS.has(entry.type) && known !== undefined && entry.episode >= known.episode)
      noteTransition(entry, noted.last);
    if (entry.type === 'purged') noted.purged.push(entry);
  }
  if (entry.subject === 'silence') noted.silences.push(entry);
  if (entry.subject === 'delivery' && entry.type === 'notified') noteNotified(entry, noted, { episodes, isEmpty });
}

function noteNotified(
  entry: NotifiedEntry,
  { notified, sent, ...noted }: Noted & Found,
  { episodes, isEmpty }: Pick<HistoryParts, 'episodes' | 'isEmpty'>,
): void {
  const { incidentId: id, episode, revision, atMs, receiver, group } = entry;
  const { episode: current = Infinity, flapsSince } = episodes.get(id) ?? {};
  const isCurrent = episode >= current;
  const matters = isCurrent || episode === flapsSince;
  if (matters) keepLatest(notified, [id, episode, receiver], { revision, atMs });
  if (group !== undefined) noteGroup(entry, group, { ...noted, isCurrent });
  else if (!matters && isEmpty) return;
  const known = toKnownDelivery(entry);
  const key = [known.delivery.subjectId, known.delivery.episode, receiver];
  keepLatest(sent, key, { ...known, revision: known.delivery.revision });
}

function keepLatest<T extends { readonly revision: number }>(
  found: Map<string, T>,
  names: readonly (string | number)[],
  value: T,
): void {
  const key = names.join('/');
  if (value.revision >= (found.get(key)?.revision ?? 0)) found.set(key, value);
}

function noteTransition(entry: IncidentEntry, last: Map<string, NotifiedTransition[]>): void {
  const { incidentId, episode, revision, atMs } = entry;
  const kind = entry.type as NotifiedTransition['kind'];
  const transitions = last.get(incidentId) ?? [];
  // Either begins an episode, and only the last one counts; of escalations each has receivers of
  // its own.
  const isOfKind = (one: NotifiedTransition): boolean =>
    kind === 'escalated'
      ? one.revision === revision
      : one.kind === kind || (isBeginning(kind) && isBeginning(one.kind));
  const index = transitions.findIndex(isOfKind);
  const transition = { kind, episode, revision, atMs, steps: 0 };
  if (index < 0) transitions.push(transition);
  else if ((transitions[index]?.revision ?? 0) < revision) transitions[index] = transition;
  last.set(incidentId, transitions);
}

/** The first escalation of an episode is its first step; an earlier episode's are left out. */
function withSteps(transitions: readonly NotifiedTransition[]): NotifiedTransition[] {
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
  { incidentId, episode, revision, atMs }: NotifiedEntry,
  group: NonNullable<NotifiedEntry['group']>,
  { groups, last, isCurrent }: Pick<Noted, 'groups' | 'last'> & { readonly isCurrent: boolean },
): void {
  const before: NotifiedGroup = groups.get(group.id) ?? { episode: 0, revision: 0, atMs: 0, marks: new Map() };
  const { marks } = before;
  if (isCurrent) {
    const end = last.get(incidentId)?.find(({ kind }) => kind === 'resolved');
    const isOver = end !== undefined && end.episode === episode && end.revision <= revision;
    const known = marks.get(incidentId);
    if (known === undefined || known.episode < episode)
      marks.set(incidentId, { episode, revision: group.revision, isOver });
    else if (isOver && known.episode === episode) marks.set(incidentId, { ...known, isOver });
  }
  const message = { episode: group.episode, revision: group.revision, atMs };
  groups.set(group.id, isLater(message, before) ? { ...message, marks } : before);
}

function isLater(left: Pick<NotifiedGroup, 'episode' | 'revision'>, right: typeof left): boolean {
  return left.episode > right.episode || (left.episode === right.episode && left.revision >= right.revision);
}

/** A message that was sent, as the notification log takes it. */
export function toKnownDelivery(entry: NotifiedEntry): KnownDelivery {
  const { incidentId: id, episode, atMs, group, receiver, providerReference: reference = '' } = entry;
  const { id: subjectId, ...own } = group ?? { id, episode, revision: entry.revision };
  const delivery = deliveryOf({ subjectId, ...own, receiver, reason: 'opened', receivedAtMs: atMs });
  return { delivery, sent: { revision: own.revision, reference, atMs } };
}
