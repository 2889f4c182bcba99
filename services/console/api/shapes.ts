// Shapes that several routes share.
import { z } from 'zod';

const MAX_WAIT_MS = 30_000;

/** The query of a change. */
export const waitShape = {
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_WAIT_MS)
    .default(0)
    .meta({ description: 'Milliseconds to wait for what the command comes to, 0 to 30000. Default: 0.' }),
};

/** What a change answers: 202 once it is sure to be looked at, 200 when it was done within the time to wait. */
export const wished = z
  .object({
    status: z.enum(['accepted', 'done']),
    commandId: z.string(),
    episode: z.int().optional(),
    revision: z.int().optional(),
    state: z.string().optional(),
    silenceId: z.string().optional(),
    detail: z.string().optional().meta({ description: 'What was done, for people.' }),
  })
  .meta({ id: 'Change' });

/** Problem details, RFC 9457. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable, for programs.' }),
    detail: z.string().meta({ description: 'What happened and what to do, for people.' }),
    errors: z.array(z.object({ in: z.string(), at: z.string(), message: z.string() })).optional(),
    commandId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
