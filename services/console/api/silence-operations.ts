// The operations on silences.
import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { digestId } from '../../../shared/contracts/ids.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import { problemsInMatchers } from '../../../shared/matchers/breadth.ts';
import type { CommandSender } from '../change/command-sender.ts';
import { dateTime, wholeNumber } from '../fields.ts';
import type { Reader } from '../read/reader.ts';
import { silenceView } from '../read/views.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { changeAnswer, problem, waitQuery } from './shapes.ts';
import { changed, requesterOf, submit } from './submit.ts';

/** What the operations use. `now` gives epoch milliseconds. */
interface SilenceParts {
  readonly reader: Reader;
  readonly sender: CommandSender;
  readonly now: () => number;
}

const listSilences = operation({
  method: 'get',
  path: '/api/v1/silences',
  operationId: 'listSilences',
  summary: 'Lists silences',
  scope: 'read',
  query: z.strictObject({
    state: z
      .enum(['current', 'active', 'pending', 'expired', 'all'])
      .default('current')
      .meta({ description: 'current means active or pending.' }),
    limit: wholeNumber({ min: 1, max: 1000, byDefault: 1000 }, 'The most silences, those that end last first'),
    counts: z.enum(['true', 'false']).default('false').meta({
      description: 'true: with the number of unresolved incidents that each matches now.',
    }),
  }),
  answers: {
    200: z.object({
      total: z.int().meta({ description: 'How many there are in that state, listed or not.' }),
      silences: z.array(silenceView),
    }),
    400: problem,
  },
});

const matchers = z.array(z.string().trim().min(1).max(2000)).min(1).max(50);
const MATCHERS = 'As in Alertmanager, e.g. host="media01" or severity=~"info|warning"; all have to be true.';

const previewSilence = operation({
  method: 'post',
  path: '/api/v1/silences/preview',
  operationId: 'previewSilence',
  summary: 'Counts the unresolved incidents that a silence with these matchers would match now; changes nothing',
  scope: 'operate',
  body: z.strictObject({ matchers: matchers.meta({ description: MATCHERS }) }),
  answers: { 200: z.object({ matches: z.int() }), 400: problem },
});

const addSilence = operation({
  method: 'post',
  path: '/api/v1/silences',
  operationId: 'addSilence',
  summary: 'Silences the incidents that match, for a while; with the id of a silence, changes that one',
  scope: 'operate',
  query: waitQuery,
  body: z.strictObject({
    id: z.string().min(1).max(200).optional().meta({ description: 'Of a silence that is there, to change it.' }),
    matchers: matchers.meta({ description: MATCHERS }),
    comment: z.string().trim().min(1).max(1000).meta({ description: 'Why, for everybody who asks.' }),
    startsAt: dateTime('When it begins. Default: now.').optional(),
    endsAt: dateTime('When it ends.'),
  }),
  answers: { 200: changeAnswer, 202: changeAnswer, 400: problem, 409: problem },
});

const expireSilence = operation({
  method: 'delete',
  path: '/api/v1/silences/{id}',
  operationId: 'expireSilence',
  summary: 'Ends a silence now',
  scope: 'operate',
  query: waitQuery,
  answers: { 200: changeAnswer, 202: changeAnswer, 409: problem },
});

/** Adds the operations. */
export function addSilenceOperations(api: Api, { reader, sender, now }: SilenceParts): void {
  api.openapi(listSilences, async (c) => {
    const { state, limit, counts } = c.req.valid('query');
    const all = await reader.silences(now(), c.env.signal);
    const isWanted = (own: string): boolean =>
      state === 'all' || (state === 'current' ? own !== 'expired' : own === state);
    const wanted = all.filter((silence) => isWanted(silence.state));
    const listed = wanted.slice(0, limit);
    const matches = counts === 'true' ? await reader.matchesOf(listed, c.env.signal) : new Map<string, number>();
    const silences = listed.map((silence) => ({ ...silence, ...matchesField(matches.get(silence.id)) }));
    return c.json({ total: wanted.length, silences });
  });
  api.openapi(previewSilence, async (c) => {
    const { matchers: given } = c.req.valid('json');
    refuseBad(given);
    const found = await reader.matchesOf([{ id: '', matchers: given }], c.env.signal);
    return c.json({ matches: found.get('') ?? 0 });
  });
  api.openapi(addSilence, async (c) => {
    const { id: given, matchers: texts, comment, startsAt, endsAt } = c.req.valid('json');
    const startsAtMs = startsAt === undefined ? now() : Date.parse(startsAt);
    const endsAtMs = Date.parse(endsAt);
    if (endsAtMs <= Math.max(startsAtMs, now()))
      throw new Refusal(400, 'invalid_body', 'endsAt has to be in the future and after startsAt.');
    refuseBad(texts);
    const { actor, key } = requesterOf(c);
    const id = given ?? (key === undefined ? randomUUID() : digestId(['console-silence', actor, key]));
    const silence = { id, matchers: texts, author: actor, comment, startsAtMs, endsAtMs };
    const draft = { kind: 'silence', reason: comment, silence } as const;
    const result = await submit(c, sender, { draft, waitMs: c.req.valid('query').wait });
    return changed(c, { ...result, silenceId: id });
  });
  api.openapi(expireSilence, async (c) => {
    const draft = { kind: 'expire_silence', reason: '', silenceId: c.req.valid('param').id } as const;
    return changed(c, await submit(c, sender, { draft, waitMs: c.req.valid('query').wait }));
  });
}

function refuseBad(matchersGiven: readonly string[]): void {
  const problems = problemsInMatchers(matchersGiven);
  if (problems.length > 0) throw new Refusal(400, 'invalid_body', `${problems.join('; ')}.`);
}

function matchesField(matches: number | undefined): { readonly matches?: number } {
  return matches === undefined ? {} : { matches };
}
