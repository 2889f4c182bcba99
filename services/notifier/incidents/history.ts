// What the action stream tells of incidents whose copy in Redis was lost: what had to be told, what was told, and the silences.
import type { Action } from '../../../shared/contracts/incident.ts';
import type { KnownDelivery, Ledger } from '../delivery/ledger.ts';
import { type Delivery, deliveryOf } from '../delivery/plan.ts';
import type { Forgetting } from './forget.ts';
import type { SilenceStore } from './silence-store.ts';
import { isOwnBug } from './store.ts';

/** A transition that people are told of. Times are epoch milliseconds. */
export interface ToldTransition {
  readonly kind: 'opened' | 'reopened' | 'acknowledged' | 'escalated' | 'resolved';
  readonly episode: number;
  readonly revision: number;
  readonly atMs: number;
  /** How many steps of escalation were done by then. */
  readonly steps: number;
}

/** A group as its last message left it. */
export interface ToldGroup {
  readonly episode: number;
  readonly revision: number;
  readonly atMs: number;
  /** Incident → the episode that was told of, the revision of the group that did so first, and whether its end was told. */
  readonly marks: Map<string, { readonly episode: number; readonly revision: number; readonly isOver: boolean }>;
}

/** A revision that a receiver was notified of, and when. */
export interface LastNotified {
  readonly revision: number;
  readonly atMs: number;
}

/** What was read. */
export interface History {
  /** Incident → the last transition of each kind, and every escalation of the last episode. */
  readonly last: ReadonlyMap<string, readonly ToldTransition[]>;
  readonly told: ReadonlyMap<string, ToldGroup>;
  /** The last revision of an incident's episode that a receiver was notified of, by itself or in any group. */
  lastNotified(incidentId: string, episode: number, receiver: string): LastNotified | undefined;
}

/** What reading works with. */
export interface HistoryParts {
  readonly ledger: Pick<Ledger, 'restoreSent'>;
  readonly silences: Pick<SilenceStore, 'restore'>;
  readonly forgetting: Pick<Forgetting, 'restore'>;
  readonly now: () => number;
  readActions(take: (actions: readonly Action[]) => Promise<void>): Promise<unknown>;
  /** Told of a row that a bug was met with; the others are read on. */
  onBug(action: Action, error: unknown): void;
}

const TOLD_KINDS: ReadonlySet<string> = new Set<ToldTransition['kind']>([
  'opened',
  'reopened',
  'acknowledged',
  'escalated',
  'resolved',
]);

/** Reads the stream once, and gives ledger and silences what is theirs. Throws Unavailable. */
export async function readHistory(parts: HistoryParts): Promise<History> {
  const last = new Map<string, Map<string, ToldTransition>>();
  const told = new Map<string, ToldGroup>();
  const notified = new Map<string, LastNotified>();
  await parts.readActions(async (actions) => {
    const sent: KnownDelivery[] = [];
    for (const action of actions)
      try {
        sent.push(...(await note(parts, action, { last, told, notified })));
      } catch (error) {
        if (!isOwnBug(error)) throw error;
        parts.onBug(action, error);
      }
    await parts.ledger.restoreSent(sent);
  });
  return {
    last: new Map([...last].map(([id, byKind]) => [id, withSteps([...byKind.values()])])),
    told,
    lastNotified: (...names) => notified.get(names.join('/')),
  };
}

function noteNotified(
  { incidentId, episode, revision, at: atMs }: Action,
  receiver: string,
  notified: Map<string, LastNotified>,
): void {
  const key = [incidentId, episode, receiver].join('/');
  if ((notified.get(key)?.revision ?? 0) < revision) notified.set(key, { revision, atMs });
}

interface Noted {
  readonly last: Map<string, Map<string, ToldTransition>>;
  readonly told: Map<string, ToldGroup>;
  readonly notified: Map<string, LastNotified>;
}

/** Gives the delivery that the row says was sent. */
async function note(
  parts: HistoryParts,
  action: Action,
  { last, told, notified }: Noted,
): Promise<readonly KnownDelivery[]> {
  if (TOLD_KINDS.has(action.type)) noteTransition(action, last);
  if (action.type === 'forgotten')
    await parts.forgetting.restore([{ kind: 'forgotten', id: action.incidentId, revision: action.revision }]);
  if (action.silence !== undefined) {
    const stored = { silence: action.silence, commandId: action.commandId ?? action.id };
    await parts.silences.restore(stored, parts.now());
  }
  if (action.type !== 'notified' || action.channel === undefined) return [];
  noteGroup(action, told, last);
  noteNotified(action, action.channel, notified);
  const delivery = toDelivery(action, action.channel);
  return [{ delivery, reference: action.providerReference ?? '', atMs: action.at }];
}

function noteTransition(action: Action, last: Map<string, Map<string, ToldTransition>>): void {
  const { incidentId, episode, revision, at: atMs } = action;
  const kind = action.type as ToldTransition['kind'];
  const byKind = last.get(incidentId) ?? new Map<string, ToldTransition>();
  // Either begins an episode, and only the last one counts; of escalations each has receivers of its own.
  const key = kind === 'reopened' ? 'opened' : kind === 'escalated' ? `${kind} ${revision}` : kind;
  if ((byKind.get(key)?.revision ?? 0) < revision) byKind.set(key, { kind, episode, revision, atMs, steps: 0 });
  last.set(incidentId, byKind);
}

/** The first escalation of an episode is its first step; an earlier episode's are left out. */
function withSteps(transitions: readonly ToldTransition[]): readonly ToldTransition[] {
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

/** Transitions of one incident lie in order, so that its end, when it was told, is known by then; but an end may be told when the next episode was. */
function noteGroup(
  { group, incidentId, episode, revision, at }: Action,
  told: Map<string, ToldGroup>,
  last: ReadonlyMap<string, ReadonlyMap<string, ToldTransition>>,
): void {
  if (group === undefined) return;
  const before: ToldGroup = told.get(group.id) ?? { episode: 0, revision: 0, atMs: 0, marks: new Map() };
  const end = last.get(incidentId)?.get('resolved');
  const isOver = end !== undefined && end.episode === episode && end.revision <= revision;
  const known = before.marks.get(incidentId);
  if (known === undefined || known.episode < episode)
    before.marks.set(incidentId, { episode, revision: group.revision, isOver });
  else if (isOver && known.episode === episode) before.marks.set(incidentId, { ...known, isOver });
  const message = { episode: group.episode, revision: group.revision, atMs: at };
  told.set(group.id, isLater(message, before) ? { ...message, marks: before.marks } : before);
}

function isLater(left: Pick<ToldGroup, 'episode' | 'revision'>, right: typeof left): boolean {
  return left.episode > right.episode || (left.episode === right.episode && left.revision >= right.revision);
}

function toDelivery({ incidentId, episode, revision, at, group }: Action, receiver: string): Delivery {
  const common = { receiver, reason: 'opened' as const, receivedAtMs: at };
  if (group === undefined) return deliveryOf({ ...common, incidentId, episode, revision });
  return deliveryOf({
    ...common,
    incidentId: group.id,
    isGroup: true,
    episode: group.episode,
    revision: group.revision,
  });
}
