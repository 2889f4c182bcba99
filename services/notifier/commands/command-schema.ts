// What a command has to look like: the language of shared/contracts/command.ts, checked where it comes in.
import { z } from 'zod';
import type { Command } from '../../../shared/contracts/command.ts';
import { messageOf } from '../../../shared/runtime/errors.ts';

const MAX_TEXT = 2000;
const id = z.string().min(1).max(200);
const epochMs = z.int().min(0);

const asked = {
  id,
  actor: z.string().min(1).max(200),
  atMs: epochMs,
  reason: z.string().max(MAX_TEXT).default(''),
};
const ofIncident = { ...asked, incidentId: id, episode: z.int().min(1).optional() };

const schema = z.discriminatedUnion('kind', [
  z.object({ ...ofIncident, kind: z.enum(['acknowledge', 'resolve', 'reopen']) }),
  z.object({ ...ofIncident, kind: z.literal('assign'), assignee: z.string().max(200) }),
  z.object({ ...ofIncident, kind: z.literal('note'), text: z.string().trim().min(1).max(MAX_TEXT) }),
  z.object({ ...ofIncident, kind: z.literal('snooze'), untilMs: epochMs }),
  z.object({
    ...asked,
    kind: z.enum(['acknowledge_group', 'resolve_group']),
    groupId: id,
    episode: z.int().min(1),
    revision: z.int().min(1),
  }),
  z.object({
    ...asked,
    kind: z.literal('silence'),
    silence: z.object({
      id,
      matchers: z.array(z.string().max(MAX_TEXT)).max(50),
      author: z.string().max(200),
      comment: z.string().max(MAX_TEXT),
      startsAtMs: epochMs,
      endsAtMs: epochMs,
    }),
  }),
  z.object({ ...asked, kind: z.literal('expire_silence'), silenceId: id }),
  z.object({ ...asked, kind: z.literal('redrive'), receiver: id, deliveryId: id.optional() }),
]);

/** A command, or why it is none. */
export type ReadCommand =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'bad'; readonly detail: string };

/** Checks what came. Nothing is known of its form. */
export function readCommand(value: unknown): ReadCommand {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'command', command: parsed.data as Command };
  return { kind: 'bad', detail: `the command cannot be read: ${messageOf(z.prettifyError(parsed.error))}` };
}
