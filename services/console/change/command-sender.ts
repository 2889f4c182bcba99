// Sends commands to Kafka in the name of a person, and waits for their outcome on request.
import { randomUUID } from 'node:crypto';
import { type Command, encodeCommand } from '../../../shared/contracts/command.ts';
import { digestId } from '../../../shared/contracts/ids.ts';
import type { RecordProducer } from '../../../shared/kafka/producer.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { within } from '../../../shared/runtime/within.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { CommandOutcome, Hub } from '../live/hub.ts';
import type { ConsoleMetrics } from '../metrics.ts';

type Without<T> = T extends unknown ? Omit<T, 'id' | 'actor' | 'atMs'> : never;

/** A command before it has an id, an actor and a time. */
export type CommandDraft = Without<Command>;

/** Who sends a command. */
export interface Requester {
  readonly actor: string;
  /** The name that the actor gives, shown behind the actor; no part of the command's identity. */
  readonly name?: string;
  /** The same draft with the same key is the same command. */
  readonly key?: string | undefined;
}

/**
 * The state of a command: `accepted` when Kafka has it, `done` when it was done within the time to
 * wait.
 */
export interface CommandResult {
  readonly status: 'accepted' | 'done';
  readonly commandId: string;
  readonly episode?: number;
  readonly revision?: number;
  readonly state?: string;
  /** For a command about no incident: what was done, for people. */
  readonly detail?: string;
}

/** What the sender uses. */
interface CommandSenderParts {
  readonly producer: RecordProducer;
  readonly hub: Hub;
  readonly metrics: ConsoleMetrics;
  /** Gets an audit line for each command that Kafka has taken: who, what, about what. */
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A draft with what makes it a command. */
export type Prepared<D extends CommandDraft> = D & Pick<Command, 'id' | 'actor' | 'atMs'>;

/** Sends commands. */
export interface CommandSender {
  /**
   * Submits one command. Throws Unavailable while Kafka does not take it, and Refusal 409 when it
   * was refused within `waitMs`.
   */
  submit(
    draft: CommandDraft,
    requester: Requester,
    wait: { readonly waitMs: number; readonly signal: AbortSignal },
  ): Promise<CommandResult>;
  /** The commands of drafts, with their ids, in order; nothing is sent. */
  prepare<D extends CommandDraft>(drafts: readonly D[], requester: Requester): readonly Prepared<D>[];
  /** Sends many at once. Throws Unavailable; some may have been taken then. */
  send(commands: readonly Command[]): Promise<void>;
}

/** A sender of commands. */
export function createCommandSender({ producer, hub, metrics, log, now }: CommandSenderParts): CommandSender {
  const commandOf = <D extends CommandDraft>(draft: D, requester: Requester): Prepared<D> => ({
    ...draft,
    id: commandIdOf(draft, requester),
    actor: namedActor(requester),
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
    submit: async (draft, requester, { waitMs, signal }) => {
      const command = commandOf(draft, requester);
      const { id: commandId } = command;
      if (waitMs === 0) {
        await send([command]);
        return { status: 'accepted', commandId };
      }
      return await within(signal, waitMs, async (ending) => {
        const outcome = hub.outcomeOf(commandId, ending);
        await send([command]);
        return resultOf(commandId, await outcome);
      });
    },
    prepare: (drafts, requester) => drafts.map((draft) => commandOf(draft, requester)),
    send,
  };
}

/** The actor as the record has it. */
export function namedActor({ actor, name = '' }: Requester): string {
  return name === '' ? actor : `${actor} (${name})`;
}

function resultOf(commandId: string, outcome: CommandOutcome | undefined): CommandResult {
  if (outcome === undefined) return { status: 'accepted', commandId };
  if (outcome.kind === 'refused') throw new Refusal(409, 'refused', outcome.reason, { more: { commandId } });
  const { incident, detail } = outcome;
  if (incident === undefined) return { status: 'done', commandId, ...(detail === undefined ? {} : { detail }) };
  const { episode, revision, state } = incident;
  return { status: 'done', commandId, episode, revision, state };
}

function commandIdOf(draft: CommandDraft, { actor, key }: Requester): string {
  if (key === undefined) return randomUUID();
  return digestId(['console-command', actor, key, draft.kind, subjectOf(draft)]);
}

/** The subject of a command besides its kind; a new silence is identified by the key alone. */
function subjectOf(draft: CommandDraft): string {
  if ('incidentId' in draft) return draft.incidentId;
  if ('groupId' in draft) return draft.groupId;
  if ('silenceId' in draft) return draft.silenceId;
  return 'receiver' in draft ? `${draft.receiver}/${draft.deliveryId ?? ''}` : '';
}
