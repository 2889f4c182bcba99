// The rows that commands leave among the actions. Pure.
import type { Command } from '../../../shared/contracts/command.ts';
import { digestId } from '../../../shared/contracts/ids.ts';
import type { Action, Incident } from '../../../shared/contracts/incident.ts';

/** What all rows of a command have in common. */
export function rowOf(command: Command, nowMs: number): Omit<Action, 'type'> {
  const { id, actor, reason } = command;
  return {
    id: digestId(['command', id]),
    at: nowMs,
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
export function refusedRow(
  command: Command,
  {
    nowMs,
    incident,
    reason,
  }: { readonly nowMs: number; readonly incident?: Incident | undefined; readonly reason: string },
): Action {
  const row = { ...rowOf(command, nowMs), type: 'refused' as const, reason: `${command.kind} refused: ${reason}` };
  if (incident === undefined) return 'incidentId' in command ? { ...row, incidentId: command.incidentId } : row;
  const { id: incidentId, episode, revision, entity, severity } = incident;
  return { ...row, incidentId, episode, revision, host: entity.host, ruleId: entity.ruleId, severity };
}
