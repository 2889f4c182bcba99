// What a person does to incidents, with what it came to and the way back.
import { useMemo, useRef, useState } from 'preact/hooks';
import { ask } from './api/client.ts';
import type { Change, IncidentView, LiveEntry } from './api/types.ts';
import type { LiveEvent } from './live.ts';
import { type BulkPlan, type BulkState, type ManyAct, ownersOf, runBulk } from './bulk.ts';
import { asApiError } from './resource.ts';
import { type Pending, usePending } from './use-pending.ts';

/** One thing to do to incidents. */
export type Act =
  | { readonly kind: 'acknowledge' | 'unacknowledge' | 'resolve' | 'reopen'; readonly reason?: string }
  | { readonly kind: 'assign'; readonly assignee: string; readonly reason?: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'step'; readonly step: string; readonly done: boolean }
  | { readonly kind: 'snooze'; readonly until: string; readonly reason?: string }
  | { readonly kind: 'probe' };

/** The incident that it is done to, as it was before. */
export type Target = Pick<IncidentView, 'id' | 'episode' | 'assignee'>;

/** How far it is. */
export interface Progress extends Omit<BulkState, 'doneIds'> {
  readonly words: string;
  readonly total: number;
  readonly isOver: boolean;
  /** The way back, where there is one. */
  readonly undo: (() => void) | undefined;
  /** The incident of which the outcome is awaited. */
  readonly awaited: string | undefined;
}

/** The acts of the page. */
export interface Acts {
  readonly progress: Progress | undefined;
  /** Ids of incidents with an act under way. */
  readonly pending: ReadonlySet<string>;
  /** Takes an event of the live stream. */
  settle(event: LiveEvent): void;
  /** Does it to one; `onDone` gets what it is now. */
  run(act: Act, target: Target, onDone?: (id: string, change: Change) => void): Promise<void>;
  /** Does it to all of a plan. */
  runMany(act: ManyAct, plan: Pick<BulkPlan, 'parts' | 'total'>, onOver?: () => void): Promise<void>;
  /** Takes the last one back. */
  undo(): void;
  dismiss(): void;
}

const WAIT_MS = 10_000;
/** A port may have to be asked at several addresses. */
const PROBE_WAIT_MS = 30_000;
const NOTHING: Omit<Progress, 'words' | 'total'> = {
  done: 0,
  pending: 0,
  refused: new Map(),
  isOver: false,
  undo: undefined,
  awaited: undefined,
};

/** Acts with their progress as state, done by `actor`. */
export function useActs(actor: string): Acts {
  const [progress, setProgress] = useState<Progress>();
  const pending = usePending();
  const undoLast = useRef<(() => void) | undefined>(undefined);
  return useMemo(() => {
    const show = (next: Progress): void => {
      undoLast.current = next.undo;
      setProgress(next);
    };
    return {
      progress,
      pending: pending.ids,
      settle: (event) => {
        const ended = pending.settle(event);
        if (ended.length > 0) setProgress((before) => progressAfter(before, event, ended));
      },
      run: createRun(show, pending, actor),
      runMany: createRunMany(show),
      undo: () => undoLast.current?.(),
      dismiss: () => setProgress(undefined),
    };
  }, [progress, pending]);
}

type Show = (next: Progress) => void;

function createRun(show: Show, pending: Pending, actor: string): Acts['run'] {
  const run: Acts['run'] = async (act, target, onDone) => {
    const base = { ...NOTHING, words: wordsOf(act), total: 1 };
    show(base);
    pending.begin(target.id);
    try {
      const change = await send(act, target);
      if (change.status !== 'done') {
        const taken = { ...base, pending: 1, isOver: true, awaited: target.id };
        const outcome = pending.await(target.id, (entry) => isOutcome(entry, { act, target, actor }));
        return show(outcome === undefined ? taken : settled(taken, outcome));
      }
      const back = opposite(act, target.assignee ?? '');
      const undo = back === undefined ? undefined : () => void run(back, target, onDone);
      const words = change.detail === undefined ? base.words : `${base.words}: ${change.detail}`;
      show({ ...base, words, done: 1, isOver: true, undo });
      onDone?.(target.id, change);
    } catch (error) {
      show({ ...base, refused: new Map([[asApiError(error).message, 1]]), isOver: true });
    }
    return pending.end(target.id);
  };
  return run;
}

/** The entries that say that an act is done. */
const DONE_AS: Readonly<Record<Act['kind'], readonly LiveEntry['type'][]>> = {
  acknowledge: ['acknowledged'],
  unacknowledge: ['unacknowledged'],
  resolve: ['resolved'],
  reopen: ['reopened'],
  assign: ['assigned'],
  note: ['note_added'],
  step: ['step_done', 'step_undone'],
  snooze: ['snoozed', 'snooze_ended'],
  probe: ['probed'],
};

interface Sent {
  readonly act: Act;
  readonly target: Target;
  readonly actor: string;
}

/** Transitions do not name their command: the incident, the person and the act have to do. */
function isOutcome({ type, incidentId, actor }: LiveEntry, sent: Sent): boolean {
  return (
    incidentId === sent.target.id &&
    actor === sent.actor &&
    (type === 'refused' || DONE_AS[sent.act.kind].includes(type))
  );
}

function progressAfter(
  progress: Progress | undefined,
  event: LiveEvent,
  ended: readonly string[],
): Progress | undefined {
  if (progress?.awaited === undefined || !ended.includes(progress.awaited)) return progress;
  // After a gap the row alone says what became of it.
  return event.kind === 'again' ? undefined : settled(progress, event.entry);
}

/** What was taken is done, or refused after all. */
function settled(progress: Progress, { type, reason }: LiveEntry): Progress {
  const over = { ...progress, pending: 0, awaited: undefined };
  return type === 'refused' ? { ...over, refused: new Map([[reason, 1]]) } : { ...over, done: 1 };
}

function createRunMany(show: Show): Acts['runMany'] {
  const runMany: Acts['runMany'] = async (act, plan, onOver) => {
    const base = { ...NOTHING, words: wordsOf(act), total: plan.total };
    show(base);
    try {
      const owners = act.kind === 'assign' ? await ownersOf(plan) : new Map<string, readonly string[]>();
      const { doneIds = [], ...state } = await runBulk(act, plan, (now) => show({ ...base, ...now }));
      const ways = waysBack(act, doneIds, owners);
      const undo = ways.length === 0 ? undefined : () => void goBack(ways, onOver);
      show({ ...base, ...state, isOver: true, undo });
    } catch (error) {
      show({ ...base, refused: new Map([[asApiError(error).message, plan.total]]), isOver: true });
    }
    onOver?.();
  };
  const goBack = async (ways: readonly WayBack[], onOver?: () => void): Promise<void> => {
    for (const { act, ids } of ways)
      await runMany(act, { parts: [{ filter: { id: ids }, matched: ids.length }], total: ids.length }, onOver);
  };
  return runMany;
}

async function send({ kind, ...body }: Act, { id, episode }: Target): Promise<Change> {
  const wait = kind === 'probe' ? PROBE_WAIT_MS : WAIT_MS;
  const path = `/api/v1/incidents/${encodeURIComponent(id)}/${kind}?wait=${wait}`;
  return await ask<Change>(path, { method: 'POST', body: { ...body, episode } });
}

/** The opposite, where the API has one; `owner` is who took care before. */
function opposite<T extends Act>(act: T, owner: string): ManyAct | T | undefined {
  if (act.kind === 'acknowledge') return { kind: 'unacknowledge' };
  if (act.kind === 'step') return { ...act, done: !act.done };
  if (act.kind === 'resolve') return { kind: 'reopen', reason: 'taken back' };
  if (act.kind === 'snooze') return { kind: 'snooze', until: new Date(0).toISOString() };
  return act.kind === 'assign' ? { kind: 'assign', assignee: owner } : undefined;
}

interface WayBack {
  readonly act: ManyAct;
  readonly ids: readonly string[];
}

/** As many as one request takes. */
const MAX_IDS = 10_000;

function waysBack(
  act: ManyAct,
  doneIds: readonly string[],
  owners: ReadonlyMap<string, readonly string[]>,
): readonly WayBack[] {
  const done = new Set(doneIds);
  const groups = act.kind === 'assign' ? [...owners] : [['', doneIds] as const];
  return groups.flatMap(([owner, all]) => {
    const back = opposite(act, owner);
    const ids = all.filter((id) => done.has(id));
    if (back === undefined || ids.length === 0) return [];
    const chunks = Math.ceil(ids.length / MAX_IDS);
    return Array.from({ length: chunks }, (_, place) => ({
      act: back,
      ids: ids.slice(place * MAX_IDS, (place + 1) * MAX_IDS),
    }));
  });
}

function wordsOf(act: Act): string {
  if (act.kind === 'step') return act.done ? 'Step ticked' : 'Tick taken off';
  if (act.kind === 'assign') return act.assignee === '' ? 'Owner taken away' : `Assigned to ${act.assignee}`;
  return WORDS[act.kind];
}

const WORDS = {
  acknowledge: 'Acknowledged',
  unacknowledge: 'Acknowledgement taken back',
  resolve: 'Resolved',
  reopen: 'Reopened',
  note: 'Noted',
  snooze: 'Snoozed',
  probe: 'Asked the port',
} as const;
