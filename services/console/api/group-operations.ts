// The operations on groups: one command for all incidents that a group's message is about, however
// many.
import { z } from '@hono/zod-openapi';
import type { CommandResult, CommandSender } from '../change/command-sender.ts';
import { reason } from '../fields.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { changeAnswer, problem, waitQuery } from './shapes.ts';
import { changed, submit } from './submit.ts';

const COMMANDS = [
  { name: 'acknowledge', kind: 'acknowledge_group', verb: 'Acknowledges', result: 'acknowledged' },
  { name: 'resolve', kind: 'resolve_group', verb: 'Resolves', result: 'resolved' },
] as const;

type GroupCommand = (typeof COMMANDS)[number];

function groupOperation({ name, verb }: GroupCommand) {
  return operation({
    method: 'post',
    path: `/api/v1/groups/{id}/${name}`,
    operationId: `${name}Group`,
    summary: `${verb} all incidents that the group's messages listed`,
    scope: 'operate',
    query: waitQuery,
    body: z.strictObject({
      episode: z.int().min(1).meta({ description: "The group's episode, as its message has it." }),
      revision: z.int().min(1).meta({
        description: 'The revision of the message; incidents that only later messages list are left as they are.',
      }),
      reason,
    }),
    answers: { 200: changeAnswer, 202: changeAnswer, 400: problem, 409: problem },
  });
}

/** Adds the operations. */
export function addGroupOperations(api: Api, { sender }: { readonly sender: CommandSender }): void {
  for (const command of COMMANDS)
    api.openapi(groupOperation(command), async (c) => {
      const draft = { kind: command.kind, groupId: c.req.valid('param').id, ...c.req.valid('json') } as const;
      const result = await submit(c, sender, { draft, waitMs: c.req.valid('query').wait });
      return changed(c, groupResult(result, command.result));
    });
}

/**
 * The first changed incident shows that the command was executed; its revision and state do not
 * hold for the others.
 */
function groupResult({ status, commandId }: CommandResult, result: string): CommandResult {
  const detail = `the incidents that the group's messages listed are ${result}, one after the other`;
  return { status, commandId, ...(status === 'done' ? { detail } : {}) };
}
