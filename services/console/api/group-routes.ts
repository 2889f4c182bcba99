// The routes about groups: doing one thing to all incidents that a group's message is about, however many.
import { z } from 'zod';
import type { Commander, Wished } from '../change/commander.ts';
import { type Route, route } from './route.ts';
import { problem, waitShape, wished } from './shapes.ts';

const KINDS = { acknowledge: 'acknowledge_group', resolve: 'resolve_group' } as const;
const SUMMARIES = {
  acknowledge: "Acknowledges all incidents that a group's messages told of",
  resolve: "Resolves all incidents that a group's messages told of",
} as const;
const RESULTS = { acknowledge: 'acknowledged', resolve: 'resolved' } as const;

/** The routes. */
export function groupRoutes({ commander }: { readonly commander: Commander }): readonly Route[] {
  return [groupRoute(commander, 'acknowledge'), groupRoute(commander, 'resolve')];
}

function groupRoute(commander: Commander, name: keyof typeof KINDS): Route {
  return route({
    method: 'POST',
    path: `/api/v1/groups/{id}/${name}`,
    name: `${name}Group`,
    summary: SUMMARIES[name],
    scope: 'operate',
    query: z.strictObject(waitShape),
    body: z.strictObject({
      episode: z.int().min(1).meta({ description: "The group's episode, as its message has it." }),
      revision: z.int().min(1).meta({
        description: 'The revision of the message: what only later ones told of is left as it is.',
      }),
      reason: z.string().trim().max(2000).default('').meta({ description: 'Why; kept with the change.' }),
    }),
    answers: { 200: wished, 202: wished, 400: problem, 409: problem },
    handle: async ({ params: { id = '' }, body, query: { wait }, asker: { actor }, idempotencyKey: key, signal }) => {
      const wish = { kind: KINDS[name], groupId: id, ...body } as const;
      const done = await commander.give(wish, { actor, key }, { waitMs: wait, signal });
      return { status: done.status === 'done' ? 200 : 202, body: groupAnswer(done, RESULTS[name]) };
    },
  });
}

/** The first incident that is changed tells that the command is carried out; revision and state are those of one and say nothing of the others. */
function groupAnswer({ status, commandId }: Wished, result: string): Wished {
  const detail = `the incidents of the group that were told of are ${result}, one after the other`;
  return { status, commandId, ...(status === 'done' ? { detail } : {}) };
}
