// What people do to an incident: the bodies the API takes, and the commands they become. Pure.
import { z } from 'zod';
import type { Wish } from './commander.ts';

const MAX_TEXT = 2000;

const reason = z.string().trim().max(MAX_TEXT).default('').meta({ description: 'Why; kept with the change.' });
const episode = z
  .int()
  .min(1)
  .optional()
  .meta({ description: 'Only if the incident is in this episode; otherwise the command is refused.' });
const asked = { reason, episode };

/** The deeds and their bodies. */
export const deedBodies = {
  acknowledge: z.strictObject(asked),
  resolve: z.strictObject(asked),
  reopen: z.strictObject(asked),
  assign: z.strictObject({
    ...asked,
    assignee: z.string().trim().max(200).meta({ description: 'Who takes care; empty takes it from whoever has it.' }),
  }),
  note: z.strictObject({ ...asked, text: z.string().trim().min(1).max(MAX_TEXT) }),
  snooze: z.strictObject({
    ...asked,
    until: z.iso
      .datetime({ offset: true, error: 'a date and time such as 2026-03-01T22:00:00Z' })
      .meta({ description: 'Until then nobody is told; a time that is past wakes it.' }),
  }),
} as const;

/** The name of a deed. */
export type DeedKind = keyof typeof deedBodies;

/** The deeds in the order of the documentation. */
export const DEED_KINDS = Object.keys(deedBodies) as readonly DeedKind[];

/** What a deed does, in a few words. */
export const DEED_SUMMARIES: Readonly<Record<DeedKind, string>> = {
  acknowledge: 'Says that somebody takes care: reminders and escalation end',
  resolve: 'Says that the fault is gone',
  reopen: 'Takes a resolution back',
  assign: 'Gives the incident to somebody',
  note: 'Writes something down',
  snooze: 'Tells nobody of the incident for a while',
};

/** A deed as bulk requests have it. */
export const anyDeed = z.discriminatedUnion('kind', [
  deedBodies.acknowledge.omit({ episode: true }).extend({ kind: z.literal('acknowledge') }),
  deedBodies.resolve.omit({ episode: true }).extend({ kind: z.literal('resolve') }),
  deedBodies.reopen.omit({ episode: true }).extend({ kind: z.literal('reopen') }),
  deedBodies.assign.omit({ episode: true }).extend({ kind: z.literal('assign') }),
  deedBodies.note.omit({ episode: true }).extend({ kind: z.literal('note') }),
  deedBodies.snooze.omit({ episode: true }).extend({ kind: z.literal('snooze') }),
]);

/** The command of a deed; `body` went through the deed's schema. */
export function wishOf(
  kind: DeedKind,
  incident: { readonly id: string; readonly episode?: number | undefined },
  body: Readonly<Record<string, unknown>>,
): Wish {
  const { until, reason: why, assignee, text } = body as Readonly<Record<string, string>>;
  const own = {
    incidentId: incident.id,
    reason: why ?? '',
    ...(incident.episode === undefined ? {} : { episode: incident.episode }),
  };
  if (kind === 'assign') return { ...own, kind, assignee: assignee ?? '' };
  if (kind === 'note') return { ...own, kind, text: text ?? '' };
  if (kind === 'snooze') return { ...own, kind, untilMs: Date.parse(until ?? '') };
  return { ...own, kind };
}
