// From a request to a command, and from its outcome to the answer.
import type { Context } from 'hono';
import type { CommandDraft, CommandResult, CommandSender, Requester } from '../change/command-sender.ts';
import type { Asker } from '../read/filtered-reads.ts';
import type { ApiEnv } from './application.ts';

/**
 * Sends a command in the name of the principal; waits `waitMs` for its outcome. Throws Unavailable,
 * and Refusal 409 when it was refused within that time.
 */
export async function submit(
  c: Context<ApiEnv>,
  sender: CommandSender,
  { draft, waitMs }: { readonly draft: CommandDraft; readonly waitMs: number },
): Promise<CommandResult> {
  return await sender.submit(draft, requesterOf(c), { waitMs, signal: c.env.signal });
}

/** The requester, with the header Idempotency-Key if there is one. */
export function requesterOf({ req, var: { principal } }: Context<ApiEnv>): Requester {
  return { actor: principal.actor, key: req.header('idempotency-key') };
}

/** Who reads. */
export function askerOf({ env, var: { principal } }: Context<ApiEnv>): Asker {
  return { actor: principal.actor, signal: env.signal };
}

/** The answer to a change: 200 when it is done, 202 when it is on its way. */
export function changed(c: Context<ApiEnv>, result: CommandResult & { readonly silenceId?: string }): Response {
  return c.json(result, result.status === 'done' ? 200 : 202);
}
