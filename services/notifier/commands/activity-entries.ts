// The entries that commands leave among the actions. Pure.
import type { Command } from '../../../shared/contracts/command.ts';
import { digestId } from '../../../shared/contracts/ids.ts';
import type { ActivityEntry, Incident } from '../../../shared/contracts/incident.ts';

/** What all entries of a command have in common. */
export function entryOf(command: Command, nowMs: number): Omit<ActivityEntry, 'type'> {
  const { id, actor, reason } = command;
  return {
    id: digestId(['command', id]),
    atMs: nowMs,
    incidentId: '',
    episode: 0,
    revision: 0,
    actor,
    reason,
    host: '',
    ruleId: '',
    severity: 'info',
    commandId: id,
  };
}

/** Says why a command was not done. `incident` is the one that it was about, where there is one. */
export function refusedEntry(
  command: Command,
  {
    nowMs,
    incident,
    reason,
  }: { readonly nowMs: number; readonly incident?: Incident | undefined; readonly reason: string },
): ActivityEntry {
  const entry = { ...entryOf(command, nowMs), type: 'refused' as const, reason: `${command.kind} refused: ${reason}` };
  if (incident === undefined) return 'incidentId' in command ? { ...entry, incidentId: command.incidentId } : entry;
  const { id: incidentId, episode, revision, entity, severity } = incident;
  return { ...entry, incidentId, episode, revision, host: entity.host, ruleId: entity.ruleId, severity };
}
