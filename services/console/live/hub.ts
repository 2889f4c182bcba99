// Passes on what happens now: to live streams, and to requests that wait for the outcome of their
// command.
import type { ActivityEntry } from '../../../shared/contracts/activity.ts';
import type { FilledIncident } from '../../../shared/contracts/incident.ts';

/** The outcome of a command; `incident` for those about one. */
export type CommandOutcome =
  | {
      readonly kind: 'done';
      readonly incident?: FilledIncident;
      /** What was done, for people. */
      readonly detail?: string;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** Passes on. Nothing is kept. */
export interface Hub {
  /** An entry of `foghorn.actions`. */
  activity(action: ActivityEntry): void;
  /** A snapshot of `foghorn.incidents`. */
  incident(incident: FilledIncident): void;
  /** Calls with each action until the returned function is called. */
  listen(listener: (action: ActivityEntry) => void): () => void;
  /** Calls with each snapshot of an incident until the returned function is called. */
  listenIncidents(listener: (incident: FilledIncident) => void): () => void;
  /**
   * The outcome of the command; undefined when `signal` aborts first. Call it before the command is
   * sent.
   */
  outcomeOf(commandId: string, signal: AbortSignal): Promise<CommandOutcome | undefined>;
}

function outcomeIn(type: ActivityEntry['type'], reason: string): CommandOutcome {
  if (type === 'refused') return { kind: 'refused', reason };
  return type === 'redelivered' || type === 'probed' ? { kind: 'done', detail: reason } : { kind: 'done' };
}

/** A hub. */
export function createHub(): Hub {
  const listeners = new Set<(action: ActivityEntry) => void>();
  const ofIncidents = new Set<(incident: FilledIncident) => void>();
  const waiting = new Map<string, Set<(outcome: CommandOutcome) => void>>();
  const settle = (commandId: string, outcome: CommandOutcome): void => {
    for (const settled of waiting.get(commandId) ?? []) settled(outcome);
  };
  return {
    activity: (action) => {
      for (const listener of listeners) listener(action);
      const { commandId, type, reason } = action;
      if (commandId !== undefined) settle(commandId, outcomeIn(type, reason));
    },
    incident: (incident) => {
      for (const listener of ofIncidents) listener(incident);
      if (waiting.size === 0) return;
      // A snapshot has the ids of the commands that made it.
      for (const id of incident.recentEventIds) settle(id, { kind: 'done', incident });
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    listenIncidents: (listener) => {
      ofIncidents.add(listener);
      return () => void ofIncidents.delete(listener);
    },
    outcomeOf: async (commandId, signal) => {
      if (signal.aborted) return undefined;
      return await new Promise((resolve) => {
        const resolvers = waiting.get(commandId) ?? new Set();
        const settled = (outcome: CommandOutcome | undefined): void => {
          resolvers.delete(settled);
          if (resolvers.size === 0) waiting.delete(commandId);
          signal.removeEventListener('abort', end);
          resolve(outcome);
        };
        const end = (): void => settled(undefined);
        resolvers.add(settled);
        waiting.set(commandId, resolvers);
        signal.addEventListener('abort', end, { once: true });
      });
    },
  };
}
