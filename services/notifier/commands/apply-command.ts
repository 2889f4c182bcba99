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
import type { Reduced } from '../../../shared/contracts/incident-reducer.ts';

type StepCommand = Extract<IncidentCommand, { readonly kind: 'step' }>;

/** The longest snooze. */
export const MAX_SNOOZE_MS = 30 * 24 * 60 * 60 * 1000;

/** When a command is executed, and the text of the step that it ticks, where there is one. */
export interface CommandFacts {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly stepText?: string | undefined;
}

/**
 * The incident after the command, with the command's id; undefined when the command changes
 * nothing.
 */
export function applyCommand(
  incident: Incident,
  command: IncidentCommand,
  { nowMs, stepText }: CommandFacts,
): Reduced | undefined {
  const attribution = { actor: command.actor, reason: command.reason, nowMs };
  const reduced =
    command.kind === 'step'
      ? tickStep(incident, { ...command, text: stepText }, attribution)
      : reduce(incident, command, attribution);
  return reduced && { ...reduced, incident: addCommandId(reduced.incident, command.id) };
}

/** Why a command cannot be executed, by the incident's state; undefined when it can. */
export function refusalOf(
  incident: Incident | undefined,
  command: IncidentCommand,
  facts: CommandFacts,
): string | undefined {
  const wrongTarget = targetRefusalOf(incident, command);
  if (incident === undefined || wrongTarget !== undefined) return wrongTarget;
  if (command.kind === 'snooze' && command.untilMs > facts.nowMs + MAX_SNOOZE_MS)
    return 'a snooze lasts 30 days at most';
  if (applyCommand(incident, command, facts) !== undefined) return undefined;
  return command.kind === 'step'
    ? stepRefusal(command, facts)
    : `${command.kind} changes nothing: the incident is ${incident.state}`;
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

function stepRefusal({ step, isDone }: StepCommand, { stepText }: CommandFacts): string {
  if (stepText === undefined) return `the repair has no step ${step}`;
  return isDone ? `the step ${step} is done already` : `the step ${step} is not done`;
}

function reduce(
  incident: Incident,
  command: Exclude<IncidentCommand, StepCommand>,
  attribution: Attribution,
): Reduced | undefined {
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
    default:
      return snooze(incident, command.untilMs, attribution);
  }
}
