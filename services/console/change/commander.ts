// Gives commands to Kafka in somebody's name, and waits for what they come to where that is asked.
import { randomUUID } from 'node:crypto';
import { type Command, encodeCommand } from '../../../shared/contracts/command.ts';
import { digestId } from '../../../shared/contracts/ids.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { within } from '../../../shared/runtime/within.ts';
import { Problem } from '../api/problem.ts';
import type { CommandOutcome, Hub } from '../live/hub.ts';
import type { ConsoleMetrics } from '../metrics.ts';

type Without<T> = T extends unknown ? Omit<T, 'id' | 'actor' | 'atMs'> : never;

/** A command before it has an id, an actor and a time. */
export type Wish = Without<Command>;

/** Who wishes; `key` makes the same wish twice the same command. */
export interface Wisher {
  readonly actor: string;
  readonly key?: string | undefined;
}

/** What a wish came to so far: `accepted` when Kafka has it, `done` when it was done within the time to wait. */
export interface Wished {
  readonly status: 'accepted' | 'done';
  readonly commandId: string;
  readonly episode?: number;
  readonly revision?: number;
  readonly state?: string;
  /** For what concerns no incident: what was done, for people. */
  readonly detail?: string;
}

/** What the commander works with. */
export interface CommanderParts {
  readonly producer: RecordProducer;
  readonly hub: Hub;
  readonly metrics: ConsoleMetrics;
  /** Gets an audit line for each command that Kafka has taken: who, what, about what. */
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Gives commands. */
export interface Commander {
  /** One. Throws Unavailable while Kafka does not take it, and Problem 409 when it was refused within `waitMs`. */
  give(wish: Wish, wisher: Wisher, wait: { readonly waitMs: number; readonly signal: AbortSignal }): Promise<Wished>;
  /** Many at once; gives their ids, in order. Throws Unavailable; some may have been taken then. */
  giveAll(wishes: readonly Wish[], wisher: Wisher): Promise<readonly string[]>;
}

/** A commander. */
export function createCommander({ producer, hub, metrics, log, now }: CommanderParts): Commander {
  const commandOf = (wish: Wish, wisher: Wisher): Command => ({
    ...wish,
    id: commandIdOf(wish, wisher),
    actor: wisher.actor,
    atMs: now(),
  });
  const send = async (commands: readonly Command[]): Promise<void> => {
    await producer.send(commands.map(encodeCommand));
    for (const command of commands) {
      const { id, kind, actor } = command;
      metrics.consoleCommands.inc({ kind });
      const target = command.kind === 'silence' ? command.silence.id : subjectOf(command);
      log.info({ actor, command: kind, target, commandId: id }, 'a change was asked for');
    }
  };
  return {
    give: async (wish, wisher, { waitMs, signal }) => {
      const command = commandOf(wish, wisher);
      const { id: commandId } = command;
      if (waitMs === 0) {
        await send([command]);
        return { status: 'accepted', commandId };
      }
      return await within(signal, waitMs, async (ending) => {
        const outcome = hub.outcomeOf(commandId, ending);
        await send([command]);
        return wishedOf(commandId, await outcome);
      });
    },
    giveAll: async (wishes, wisher) => {
      const commands = wishes.map((wish) => commandOf(wish, wisher));
      await send(commands);
      return commands.map(({ id }) => id);
    },
  };
}

function wishedOf(commandId: string, outcome: CommandOutcome | undefined): Wished {
  if (outcome === undefined) return { status: 'accepted', commandId };
  if (outcome.kind === 'refused') throw new Problem(409, 'refused', outcome.reason, { more: { commandId } });
  const { incident, detail } = outcome;
  if (incident === undefined) return { status: 'done', commandId, ...(detail === undefined ? {} : { detail }) };
  const { episode, revision, state } = incident;
  return { status: 'done', commandId, episode, revision, state };
}

function commandIdOf(wish: Wish, { actor, key }: Wisher): string {
  if (key === undefined) return randomUUID();
  return digestId(['console-command', actor, key, wish.kind, subjectOf(wish)]);
}

/** What the wish is about beside its kind; a new silence is told by the key alone. */
function subjectOf(wish: Wish): string {
  if ('incidentId' in wish) return wish.incidentId;
  if ('groupId' in wish) return wish.groupId;
  if ('silenceId' in wish) return wish.silenceId;
  return 'receiver' in wish ? `${wish.receiver}/${wish.deliveryId ?? ''}` : '';
}
