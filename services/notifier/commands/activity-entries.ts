// The activity entries of commands. Pure.
import type { Command } from '../../../shared/contracts/command.ts';
import { digestId } from '../../../shared/contracts/ids.ts';
import { type CommandEntry, type EntryBase, entryIncidentOf } from '../../../shared/contracts/activity.ts';
import type { Incident } from '../../../shared/contracts/incident.ts';

/** What all entries of a command have in common. */
export function entryOf({ id, actor, reason }: Command, nowMs: number): EntryBase & { readonly commandId: string } {
  return { id: digestId(['command', id]), atMs: nowMs, actor, reason, commandId: id };
}

/**
 * The entry that says why a command was refused. `incident` is the one that it named, where there
 * is one.
 */
export function refusedEntry(
  command: Command,
  {
    nowMs,
    incident,
    reason,
  }: { readonly nowMs: number; readonly incident?: Incident | undefined; readonly reason: string },
): CommandEntry {
  return {
    ...entryOf(command, nowMs),
    subject: 'command',
    type: 'refused',
    reason: `${command.kind} refused: ${reason}`,
    ...(incident === undefined ? targetOf(command) : entryIncidentOf(incident)),
  };
}

function targetOf(command: Command): Pick<CommandEntry, 'incidentId' | 'groupId' | 'silenceId' | 'receiver'> {
  if (command.kind === 'silence') return { silenceId: command.silence.id };
  if (command.kind === 'expire_silence') return { silenceId: command.silenceId };
  if (command.kind === 'redrive') return { receiver: command.receiver };
  return 'groupId' in command ? { groupId: command.groupId } : { incidentId: command.incidentId };
}
