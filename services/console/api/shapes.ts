// Shapes that several operations share.
import { z } from '@hono/zod-openapi';
import { wholeNumber } from '../fields.ts';

/** The query of a change. */
export const waitQuery = z.strictObject({
  wait: wholeNumber({ min: 0, max: 30_000, byDefault: 0 }, 'Milliseconds to wait for what the command comes to'),
});

/**
 * The answer to a change: 202 when the command is stored, 200 when it was executed within the time
 * to wait.
 */
export const changeAnswer = z
  .object({
    status: z.enum(['accepted', 'done']),
    commandId: z.string(),
    episode: z.int().optional(),
    revision: z.int().optional(),
    state: z.string().optional(),
    silenceId: z.string().optional(),
    detail: z.string().optional().meta({ description: 'What was done, for people.' }),
  })
  .openapi('Change');

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
  .openapi('Problem');
