// Commands about one incident: the bodies that the API takes, and the drafts they become. Pure.
import { z } from 'zod';
import { stepName } from '../../../shared/contracts/repair-steps.ts';
import { dateTime, reason } from '../fields.ts';
import type { IncidentCommand, ProbeCommand } from '../../../shared/contracts/command.ts';
import type { CommandDraft } from './command-sender.ts';

const MAX_TEXT = 2000;

const episode = z
  .int()
  .min(1)
  .optional()
  .meta({ description: 'Only if the incident is in this episode; otherwise the command is refused.' });
const every = { reason, episode };

/** The commands about one incident and the bodies of their requests. */
export const incidentCommandBodies = {
  acknowledge: z.strictObject(every),
  unacknowledge: z.strictObject(every),
  resolve: z.strictObject(every),
  reopen: z.strictObject(every),
  assign: z.strictObject({
    ...every,
    assignee: z.string().trim().max(200).meta({ description: 'Who takes care; empty takes it from whoever has it.' }),
  }),
  note: z.strictObject({ ...every, text: z.string().trim().min(1).max(MAX_TEXT).meta({ description: 'The note.' }) }),
  step: z.strictObject({
    ...every,
    step: stepName.meta({
      description:
        'The step: repair.1.2 is the second of the first option, check.1 the first of the verification, cause.1 the check of the first cause.',
    }),
    done: z.boolean().default(true).meta({ description: 'false takes the tick off.' }),
  }),
  snooze: z.strictObject({
    ...every,
    until: dateTime('Until then nothing is sent about it; a time in the past ends the snooze.'),
  }),
  probe: z.strictObject(every),
} as const;

/** The name of a command about one incident. */
export type IncidentCommandKind = keyof typeof incidentCommandBodies;

/** The summary of each, in the order of the documentation. */
export const INCIDENT_COMMANDS: Readonly<Record<IncidentCommandKind, string>> = {
  acknowledge: 'Acknowledges the incident: reminders and escalation end',
  unacknowledge: 'Takes an acknowledgement back, as if there had been none',
  resolve: 'Resolves the incident: the fault is gone',
  reopen: 'Takes a resolution back',
  assign: 'Assigns the incident to somebody',
  note: 'Adds a note',
  step: 'Ticks a step of the repair as done, for everybody who looks at the incident',
  snooze: 'Sends nothing about the incident for a while',
  probe: 'Asks the port of the incident now whether the right service answers there; the detail is its answer',
};

/** A command in a bulk request. */
export const anyIncidentCommand = z.discriminatedUnion('kind', [
  incidentCommandBodies.acknowledge.omit({ episode: true }).extend({ kind: z.literal('acknowledge') }),
  incidentCommandBodies.unacknowledge.omit({ episode: true }).extend({ kind: z.literal('unacknowledge') }),
  incidentCommandBodies.resolve.omit({ episode: true }).extend({ kind: z.literal('resolve') }),
  incidentCommandBodies.reopen.omit({ episode: true }).extend({ kind: z.literal('reopen') }),
  incidentCommandBodies.assign.omit({ episode: true }).extend({ kind: z.literal('assign') }),
  incidentCommandBodies.note.omit({ episode: true }).extend({ kind: z.literal('note') }),
  incidentCommandBodies.snooze.omit({ episode: true }).extend({ kind: z.literal('snooze') }),
]);

/** A command about one incident before it has an id, an actor and a time. */
export type IncidentDraft = Extract<CommandDraft, { readonly kind: (IncidentCommand | ProbeCommand)['kind'] }>;

/** The command of a request; `body` was checked by the schema of its kind. */
export function incidentCommandOf(
  kind: IncidentCommandKind,
  incident: { readonly id: string; readonly episode?: number | undefined },
  body: Readonly<Record<string, unknown>>,
): IncidentDraft {
  const { until, reason: why, assignee, text, step } = body as Readonly<Record<string, string>>;
  const own = {
    incidentId: incident.id,
    reason: why ?? '',
    ...(incident.episode === undefined ? {} : { episode: incident.episode }),
  };
  if (kind === 'assign') return { ...own, kind, assignee: assignee ?? '' };
  if (kind === 'note') return { ...own, kind, text: text ?? '' };
  if (kind === 'step') return { ...own, kind, step: step ?? '', isDone: body['done'] !== false };
  if (kind === 'snooze') return { ...own, kind, untilMs: Date.parse(until ?? '') };
  return { ...own, kind };
}
