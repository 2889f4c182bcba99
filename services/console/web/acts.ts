// What a person does to incidents, with what it came to and the way back.
import { useMemo, useRef, useState } from 'preact/hooks';
import { ask } from './api/client.ts';
import type { Change, IncidentView } from './api/types.ts';
import { asApiError } from './resource.ts';

/** One thing to do to incidents. */
export type Act =
  | { readonly kind: 'acknowledge' | 'unacknowledge' | 'resolve' | 'reopen'; readonly reason?: string }
  | { readonly kind: 'assign'; readonly assignee: string; readonly reason?: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'step'; readonly step: string; readonly done: boolean }
  | { readonly kind: 'snooze'; readonly until: string; readonly reason?: string };

/** The incident that it is done to, as it was before. */
export type Target = Pick<IncidentView, 'id' | 'episode' | 'state' | 'assignee' | 'host' | 'title'>;

/** How far it is. */
export interface Progress {
  readonly words: string;
  readonly total: number;
  readonly done: number;
  /** Safe in Kafka, and not executed within the time to wait. */
  readonly pending: number;
  /** Reasons of refusal, and of how many. */
  readonly refused: ReadonlyMap<string, number>;
  readonly isOver: boolean;
  /** The way back, where there is one. */
  readonly undo: (() => void) | undefined;
}

/** The acts of the page. */
export interface Acts {
  readonly progress: Progress | undefined;
  /** Ids of incidents with an act under way. */
  readonly pending: ReadonlySet<string>;
  /** Does it to each; `onDone` gets each that is done, and what it is now. */
  run(act: Act, targets: readonly Target[], onDone?: (id: string, change: Change) => void): Promise<void>;
  /** Takes the last one back. */
  undo(): void;
  dismiss(): void;
}

const WAIT_MS = 10_000;
const AT_A_TIME = 6;

/** Acts with their progress as state. */
export function useActs(): Acts {
  const [progress, setProgress] = useState<Progress>();
  const [pending, setPending] = useState<ReadonlySet<string>>(new Set());
  const undoLast = useRef<(() => void) | undefined>(undefined);
  return useMemo(() => {
    const run: Acts['run'] = async (act, targets, onDone) => {
      const ids = targets.map(({ id }) => id);
      setPending((before) => new Set([...before, ...ids]));
      const count = { done: 0, pending: 0, refused: new Map<string, number>() };
      const show = (isOver: boolean): void => {
        const done = targets.filter(({ id }) => doneIds.has(id));
        const undo =
          isOver && done.length > 0 ? undoOf(act, done, (back, some) => void run(back, some, onDone)) : undefined;
        undoLast.current = undo;
        setProgress({
          words: wordsOf(act),
          total: targets.length,
          ...count,
          refused: new Map(count.refused),
          isOver,
          undo,
        });
      };
      const doneIds = new Set<string>();
      show(false);
      await eachOf(targets, async (target) => {
        try {
          const change = await send(act, target);
          const isDone = change.status === 'done';
          count[isDone ? 'done' : 'pending'] += 1;
          if (isDone) {
            doneIds.add(target.id);
            onDone?.(target.id, change);
          }
        } catch (error) {
          const { message } = asApiError(error);
          count.refused.set(message, (count.refused.get(message) ?? 0) + 1);
        }
        setPending((before) => new Set([...before].filter((id) => id !== target.id)));
        show(false);
      });
      show(true);
    };
    return { progress, pending, run, undo: () => undoLast.current?.(), dismiss: () => setProgress(undefined) };
  }, [progress, pending]);
}

async function send({ kind, ...body }: Act, { id, episode }: Target): Promise<Change> {
  const path = `/api/v1/incidents/${encodeURIComponent(id)}/${kind}?wait=${WAIT_MS}`;
  return await ask<Change>(path, { method: 'POST', body: { ...body, episode } });
}

/** A few at a time, so that a browser's six connections to a console suffice. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, items.length) }, worker));
}

/** The opposite, where the API has one. */
function undoOf(
  act: Act,
  done: readonly Target[],
  run: (act: Act, targets: readonly Target[]) => void,
): (() => void) | undefined {
  if (act.kind === 'acknowledge') return () => run({ kind: 'unacknowledge' }, done);
  if (act.kind === 'step') return () => run({ ...act, done: !act.done }, done);
  if (act.kind === 'resolve') return () => run({ kind: 'reopen', reason: 'taken back' }, done);
  if (act.kind === 'snooze') return () => run({ kind: 'snooze', until: new Date(0).toISOString() }, done);
  if (act.kind !== 'assign') return undefined;
  return () => {
    const before = new Set(done.map(({ assignee }) => assignee ?? ''));
    for (const assignee of before)
      run(
        { kind: 'assign', assignee },
        done.filter((target) => (target.assignee ?? '') === assignee),
      );
  };
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
} as const;
