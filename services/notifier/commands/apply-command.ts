// Applies a command to an incident. Pure.
import type { IncidentCommand } from '../../../shared/contracts/command.ts';
import type { Incident } from '../../../shared/contracts/incident.ts';
import {
  acknowledge,
  addNote,
  assign,
  type Attribution,
  addCommandId,
  reopen,
  resolve,
  snooze,
  tickStep,
  unacknowledge,
} from '../../../shared/contracts/incident-operations.ts';
import { stepText } from '../../../shared/contracts/repair-steps.ts';
import type { Reduced } from '../../../shared/contracts/incident-reducer.ts';

type StepCommand = Extract<IncidentCommand, { readonly kind: 'step' }>;

/** The longest snooze. */
export const MAX_SNOOZE_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * The incident after the command, with the command's id; undefined when the command changes
 * nothing.
 */
export function applyCommand(incident: Incident, command: IncidentCommand, nowMs: number): Reduced | undefined {
  const reduced = reduce(incident, command, { actor: command.actor, reason: command.reason, nowMs });
  return reduced && { ...reduced, incident: addCommandId(reduced.incident, command.id) };
}

/** Why a command cannot be executed, by the incident's state; undefined when it can. */
export function refusalOf(incident: Incident | undefined, command: IncidentCommand, nowMs: number): string | undefined {
  const wrongTarget = targetRefusalOf(incident, command);
  if (incident === undefined || wrongTarget !== undefined) return wrongTarget;
  if (command.kind === 'snooze' && command.untilMs > nowMs + MAX_SNOOZE_MS) return 'a snooze lasts 30 days at most';
  if (command.kind === 'step' && applyCommand(incident, command, nowMs) === undefined)
    return stepRefusal(incident, command);
  if (applyCommand(incident, command, nowMs) === undefined)
    return `${command.kind} changes nothing: the incident is ${incident.state}`;
  return undefined;
}

/** Why a command has no target: no such incident, or another episode of it. */
export function targetRefusalOf(
  incident: Incident | undefined,
  { incidentId, episode }: { readonly incidentId: string; readonly episode?: number },
): string | undefined {
  if (incident === undefined) return `there is no incident ${incidentId}`;
  if (episode === undefined || episode === incident.episode) return undefined;
  return `it was meant for episode ${episode}, and this is episode ${incident.episode}`;
}

function stepRefusal({ remediation }: Incident, { step, isDone }: StepCommand): string {
  if (stepText(remediation, step) === undefined) return `the repair has no step ${step}`;
  return isDone ? `the step ${step} is done already` : `the step ${step} is not done`;
}

function reduce(incident: Incident, command: IncidentCommand, attribution: Attribution): Reduced | undefined {
  switch (command.kind) {
    case 'acknowledge':
      return acknowledge(incident, attribution);
    case 'unacknowledge':
      return unacknowledge(incident, attribution);
    case 'resolve':
      return resolve(incident, attribution);
    case 'reopen':
      return reopen(incident, attribution);
    case 'assign':
      return assign(incident, command.assignee, attribution);
    case 'note':
      return addNote(incident, {
        id: command.id,
        atMs: attribution.nowMs,
        author: attribution.actor,
        text: command.text,
      });
    case 'step':
      return tickStep(incident, command, attribution);
    default:
      return snooze(incident, command.untilMs, attribution);
  }
}
