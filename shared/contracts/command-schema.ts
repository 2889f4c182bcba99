// The schema of `foghorn.commands`.
import { z } from 'zod';
import type { Command } from './command.ts';
import { stepName } from './repair-steps.ts';
import { digest, epochMs, ownId, revision, schemaOf } from './schema.ts';

const MAX_TEXT = 2000;
const MAX_MATCHERS = 50;
const person = z.string().max(200);
const episode = z.int().min(1);

const asked = {
  id: ownId,
  actor: person.min(1),
  atMs: epochMs,
  reason: z.string().max(MAX_TEXT).default(''),
};
const ofIncident = { ...asked, incidentId: digest, episode: episode.exactOptional() };

/** The schema of a `Command`. */
export const command = schemaOf<Command>()(
  z.discriminatedUnion('kind', [
    z.object({ ...ofIncident, kind: z.enum(['acknowledge', 'unacknowledge', 'resolve', 'reopen']) }),
    z.object({ ...ofIncident, kind: z.literal('probe') }),
    z.object({ ...ofIncident, kind: z.literal('assign'), assignee: person }),
    z.object({ ...ofIncident, kind: z.literal('note'), text: z.string().trim().min(1).max(MAX_TEXT) }),
    z.object({ ...ofIncident, kind: z.literal('step'), step: stepName, isDone: z.boolean() }),
    z.object({ ...ofIncident, kind: z.literal('snooze'), untilMs: epochMs }),
    z.object({
      ...asked,
      kind: z.enum(['acknowledge_group', 'resolve_group']),
      groupId: digest,
      episode,
      revision,
    }),
    z.object({
      ...asked,
      kind: z.literal('silence'),
      silence: z.object({
        id: ownId,
        matchers: z.array(z.string().max(MAX_TEXT)).max(MAX_MATCHERS),
        author: person,
        comment: z.string().max(MAX_TEXT),
        startsAtMs: epochMs,
        endsAtMs: epochMs,
      }),
    }),
    z.object({ ...asked, kind: z.literal('expire_silence'), silenceId: ownId }),
    z.object({ ...asked, kind: z.literal('redrive'), receiver: ownId, deliveryId: ownId.exactOptional() }),
  ]),
);
