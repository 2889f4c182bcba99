// The routes about silences, the live stream, buttons in Slack and the API itself.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { digestId } from '../../../shared/contracts/ids.ts';
import { problemsInMatchers } from '../../../shared/matchers/breadth.ts';
import { networkOf } from '../../../shared/runtime/network-of.ts';
import type { Commander } from '../change/commander.ts';
import type { Stream } from '../live/stream.ts';
import type { Reader } from '../read/reader.ts';
import { silenceView } from '../read/views.ts';
import { pressesOf } from '../slack/interaction.ts';
import { signatureProblem } from '../slack/signature.ts';
import { LOCAL_ACTOR } from './authenticate.ts';
import { Problem } from './problem.ts';
import { type Route, route } from './route.ts';
import { readBytes } from './server.ts';
import { problem, waitShape, wished } from './shapes.ts';

const time = (description: string) =>
  z.iso.datetime({ offset: true, error: 'a date and time such as 2026-03-01T22:00:00Z' }).meta({ description });

/** What the routes about silences work with. `now` gives epoch milliseconds. */
export interface SilenceRouteParts {
  readonly reader: Reader;
  readonly commander: Commander;
  readonly now: () => number;
}

/** The routes about silences. */
export function silenceRoutes(parts: SilenceRouteParts): readonly Route[] {
  return [listRoute(parts), addRoute(parts), expireRoute(parts)];
}

function listRoute({ reader, now }: SilenceRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/v1/silences',
    name: 'listSilences',
    summary: 'Lists silences',
    scope: 'read',
    query: z.strictObject({
      state: z
        .enum(['current', 'active', 'pending', 'expired', 'all'])
        .default('current')
        .meta({ description: 'current means active or pending.' }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(1000)
        .default(1000)
        .meta({ description: 'At most, 1 to 1000, those that end last first. Default: 1000.' }),
    }),
    answers: {
      200: z.object({
        total: z.int().meta({ description: 'How many there are in that state, listed or not.' }),
        silences: z.array(silenceView),
      }),
      400: problem,
    },
    handle: async ({ query: { state, limit }, signal }) => {
      const all = await reader.silences(now(), signal);
      const isWanted = (own: string): boolean =>
        state === 'all' || (state === 'current' ? own !== 'expired' : own === state);
      const wanted = all.filter((silence) => isWanted(silence.state));
      return { status: 200, body: { total: wanted.length, silences: wanted.slice(0, limit) } };
    },
  });
}

function addRoute({ commander, now }: SilenceRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/silences',
    name: 'addSilence',
    summary: 'Tells nobody of the incidents that match, for a while; with the id of a silence, changes that one',
    scope: 'operate',
    query: z.strictObject(waitShape),
    body: z.strictObject({
      id: z.string().min(1).max(200).optional(),
      matchers: z.array(z.string().trim().min(1).max(2000)).min(1).max(50).meta({
        description: 'As in Alertmanager, e.g. host="media01" or severity=~"info|warning"; all have to be true.',
      }),
      comment: z.string().trim().min(1).max(1000),
      startsAt: time('When it begins. Default: now.').optional(),
      endsAt: time('When it ends.'),
    }),
    answers: { 200: wished, 202: wished, 400: problem, 409: problem },
    handle: async ({ body, query: { wait }, asker: { actor }, idempotencyKey: key, signal }) => {
      const { matchers, comment, startsAt, endsAt } = body;
      const startsAtMs = startsAt === undefined ? now() : Date.parse(startsAt);
      const endsAtMs = Date.parse(endsAt);
      if (endsAtMs <= Math.max(startsAtMs, now()))
        throw new Problem(400, 'invalid_body', 'endsAt has to be in the future and after startsAt.');
      const problems = problemsInMatchers(matchers);
      if (problems.length > 0) throw new Problem(400, 'invalid_body', `${problems.join('; ')}.`);
      const id = body.id ?? (key === undefined ? randomUUID() : digestId(['console-silence', actor, key]));
      const silence = { id, matchers, author: actor, comment, startsAtMs, endsAtMs };
      const wish = { kind: 'silence', reason: comment, silence } as const;
      const done = await commander.give(wish, { actor, key }, { waitMs: wait, signal });
      return { status: done.status === 'done' ? 200 : 202, body: { ...done, silenceId: id } };
    },
  });
}

function expireRoute({ commander }: SilenceRouteParts): Route {
  return route({
    method: 'DELETE',
    path: '/api/v1/silences/{id}',
    name: 'expireSilence',
    summary: 'Ends a silence now',
    scope: 'operate',
    query: z.strictObject(waitShape),
    answers: { 200: wished, 202: wished, 409: problem },
    handle: async ({ params: { id = '' }, query: { wait }, asker: { actor }, idempotencyKey: key, signal }) => {
      const wish = { kind: 'expire_silence', reason: '', silenceId: id } as const;
      const done = await commander.give(wish, { actor, key }, { waitMs: wait, signal });
      return { status: done.status === 'done' ? 200 : 202, body: done };
    },
  });
}

/** The live stream. */
export function streamRoute(stream: Stream): Route {
  return route({
    method: 'GET',
    path: '/api/v1/stream',
    name: 'stream',
    summary: 'Tells every action from now on, as server-sent events',
    scope: 'read',
    query: z.strictObject({
      incident: z.string().max(200).optional().meta({ description: 'Only of this incident.' }),
      host: z.string().max(300).optional().meta({ description: 'Only of this host.' }),
      type: z
        .string()
        .max(500)
        .transform((text) => text.split(','))
        .optional()
        .meta({ type: 'string', description: 'Only of these types, separated by commas, e.g. opened,resolved.' }),
    }),
    answers: { 200: 'text/event-stream', 429: problem },
    handle: async ({ asker: { actor }, request, response, query, signal }) => {
      const reader =
        actor === LOCAL_ACTOR ? `local from ${networkOf(request.socket.remoteAddress ?? 'nowhere')}` : actor;
      stream(response, { reader, filter: query }, signal);
      return await Promise.resolve(undefined);
    },
  });
}

/** What the route for Slack works with. */
export interface SlackRouteParts {
  readonly commander: Commander;
  readonly signingSecret: string;
  /** The workspace whose people may press; empty for any. */
  readonly slackTeamId?: string;
  readonly maxBodyBytes: number;
  readonly now: () => number;
}

/** Presses of the buttons in Slack; Slack's signature is what lets them in. */
export function slackRoute({ commander, signingSecret, slackTeamId, maxBodyBytes, now }: SlackRouteParts): Route {
  return route({
    method: 'POST',
    path: '/slack/interactions',
    name: 'slackInteractions',
    summary: "Takes presses of Foghorn's buttons from Slack: the app's Interactivity Request URL",
    scope: 'none',
    answers: { 200: z.object({}), 400: problem, 401: problem, 403: problem },
    handle: async ({ request, signal }) => {
      if (signingSecret === '')
        throw new Problem(404, 'no_slack', 'Buttons in Slack are not served: set console.slackSigningSecret.');
      const rawBody = await readBytes(request, maxBodyBytes);
      const header = (name: string): string | undefined => [request.headers[name]].flat()[0];
      const [timestamp, signature] = [header('x-slack-request-timestamp'), header('x-slack-signature')];
      const problem = signatureProblem({ timestamp, signature, rawBody }, signingSecret, now());
      if (problem !== undefined) throw new Problem(401, 'not_from_slack', `Not done: ${problem}.`);
      for (const { actor, key, wish } of pressesOf(rawBody, now(), slackTeamId))
        await commander.give(wish, { actor, key }, { waitMs: 0, signal });
      return { status: 200, body: {} };
    },
  });
}
