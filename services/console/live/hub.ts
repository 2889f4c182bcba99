// What happens now, told to whoever listens: live streams, and requests that wait for what their command comes to.
import type { ActivityEntry } from '../../../shared/contracts/activity.ts';
import type { Incident } from '../../../shared/contracts/incident.ts';

/** What a command came to; `incident` for those about one. */
export type CommandOutcome =
  | { readonly kind: 'done'; readonly incident?: Incident /** What was done, for people. */; readonly detail?: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Passes on. Nothing is kept. */
export interface Hub {
  /** A row of `foghorn.actions`. */
  action(action: ActivityEntry): void;
  /** A snapshot of `foghorn.incidents`. */
  incident(incident: Incident): void;
  /** Calls with each action until the function that comes back is called. */
  listen(listener: (action: ActivityEntry) => void): () => void;
  /** What the command comes to; undefined when `signal` aborts first. Call it before the command is sent. */
  outcomeOf(commandId: string, signal: AbortSignal): Promise<CommandOutcome | undefined>;
}

function outcomeIn(type: ActivityEntry['type'], reason: string): CommandOutcome {
  if (type === 'refused') return { kind: 'refused', reason };
  return type === 'redelivered' ? { kind: 'done', detail: reason } : { kind: 'done' };
}

/** A hub. */
export function createHub(): Hub {
  const listeners = new Set<(action: ActivityEntry) => void>();
  const waiting = new Map<string, Set<(outcome: CommandOutcome) => void>>();
  const settle = (commandId: string, outcome: CommandOutcome): void => {
    for (const tell of waiting.get(commandId) ?? []) tell(outcome);
  };
  return {
    action: (action) => {
      for (const listener of listeners) listener(action);
      const { commandId, type, reason } = action;
      if (commandId !== undefined) settle(commandId, outcomeIn(type, reason));
    },
    incident: (incident) => {
      if (waiting.size === 0) return;
      // A snapshot remembers the commands that made it.
      for (const id of incident.recentEventIds) settle(id, { kind: 'done', incident });
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    outcomeOf: async (commandId, signal) => {
      if (signal.aborted) return undefined;
      return await new Promise((resolve) => {
        const tellers = waiting.get(commandId) ?? new Set();
        const tell = (outcome: CommandOutcome | undefined): void => {
          tellers.delete(tell);
          if (tellers.size === 0) waiting.delete(commandId);
          signal.removeEventListener('abort', end);
          resolve(outcome);
        };
        const end = (): void => tell(undefined);
        tellers.add(tell);
        waiting.set(commandId, tellers);
        signal.addEventListener('abort', end, { once: true });
      });
    },
  };
}
