// Commands of people about incidents and silences, from the console, the command line or a button,
// and their form on the wire.
import { command as schema } from './command-schema.ts';
import type { Silence } from './incident.ts';
import type { OutRecord, Topic } from './record.ts';
import { decodeBySchema } from './schema.ts';

/**
 * What every command has: who, when (epoch milliseconds) and, for people, why. The sender chooses
 * `id`: a command that comes twice is executed once.
 */
interface CommandBase {
  readonly id: string;
  readonly actor: string;
  readonly atMs: number;
  readonly reason: string;
}

/**
 * A command about one incident. With `episode` it applies to that episode only: a button on an old
 * message changes no later episode.
 */
export type IncidentCommand = CommandBase & { readonly incidentId: string; readonly episode?: number } & (
    | { readonly kind: 'acknowledge' | 'unacknowledge' | 'resolve' | 'reopen' }
    | {
        readonly kind: 'assign';
        /** Empty: nobody. */
        readonly assignee: string;
      }
    | { readonly kind: 'note'; readonly text: string }
    | {
        readonly kind: 'step';
        /** See `stepText`. */
        readonly step: string;
        /** False takes the tick off. */
        readonly isDone: boolean;
      }
    | {
        readonly kind: 'snooze';
        /** A time in the past ends the snooze. */
        readonly untilMs: number;
      }
  );

/** Asks the port of an incident at once whether the right service answers there again. */
export type ProbeCommand = CommandBase & {
  readonly kind: 'probe';
  readonly incidentId: string;
  readonly episode?: number;
};

/**
 * A command for each incident that a group's messages listed in this episode of the group, up to
 * this revision. Incidents that it would not change are left out.
 */
export type GroupCommand = CommandBase & {
  readonly kind: 'acknowledge_group' | 'resolve_group';
  readonly groupId: string;
  readonly episode: number;
  readonly revision: number;
};

/** A new silence, a change of one, or its end. */
export type SilenceCommand = CommandBase &
  (
    | { readonly kind: 'silence'; readonly silence: Omit<Silence, 'revision'> }
    | { readonly kind: 'expire_silence'; readonly silenceId: string }
  );

/** Retries one delivery that failed for good, or all of a receiver. */
export type RedriveCommand = CommandBase & {
  readonly kind: 'redrive';
  readonly receiver: string;
  readonly deliveryId?: string;
};

/** One command. */
export type Command = IncidentCommand | ProbeCommand | GroupCommand | SilenceCommand | RedriveCommand;

/** Puts a command on its topic, those for one incident, group or silence in order. */
export function encodeCommand(command: Command): OutRecord {
  return { topic: 'commands', key: subjectOf(command), value: JSON.stringify(command), headers: { id: command.id } };
}

/** `foghorn.commands`. */
export const commandsTopic: Topic<Command> = {
  key: 'commands',
  decode: (record) => decodeBySchema(schema, record),
};

function subjectOf(command: Command): string {
  if (command.kind === 'silence') return command.silence.id;
  if (command.kind === 'redrive') return command.receiver;
  if ('groupId' in command) return command.groupId;
  return command.kind === 'expire_silence' ? command.silenceId : command.incidentId;
}
