// The routes about incidents.
import { z } from 'zod';
import { isDigest } from '../../../shared/contracts/schema.ts';
import type { Commander } from '../change/commander.ts';
import { anyDeed, DEED_KINDS, DEED_SUMMARIES, deedBodies, type DeedKind, wishOf } from '../change/deeds.ts';
import { incidentFilter, incidentFilterShape } from '../read/incident-filter.ts';
import { pageShape } from '../read/page.ts';
import type { Reader } from '../read/reader.ts';
import { actionView, eventView, incidentView } from '../read/views.ts';
import { Problem } from './problem.ts';
import { type Route, route } from './route.ts';
import { problem, waitShape, wished } from './shapes.ts';

/** What the routes work with. */
export interface IncidentRouteParts {
  readonly reader: Reader;
  readonly commander: Commander;
  /** The most incidents that one bulk request changes. */
  readonly maxBulk: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
const MAX_TIMELINE = 500;

/** The routes. */
export function incidentRoutes(parts: IncidentRouteParts): readonly Route[] {
  return [listRoute(parts), bulkRoute(parts), showRoute(parts), ...DEED_KINDS.map((kind) => deedRoute(parts, kind))];
}

function listRoute({ reader }: IncidentRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/v1/incidents',
    name: 'listIncidents',
    summary: 'Lists and searches incidents',
    scope: 'read',
    query: z.strictObject({ ...incidentFilterShape, ...pageShape }),
    answers: {
      200: z.object({ total: z.int(), incidents: z.array(incidentView), nextCursor: z.string().optional() }),
      400: problem,
      410: problem,
    },
    handle: async ({ query: { sort, limit, cursor, ...filter }, signal }) => ({
      status: 200,
      body: await reader.list(filter, { sort, limit, cursor }, signal),
    }),
  });
}

const incidentAnswer = z.object({
  incident: incidentView,
  remediation: z.record(z.string(), z.unknown()),
  timeline: z.array(actionView).meta({ description: `The latest ${MAX_TIMELINE} rows, oldest first.` }),
  timelineTotal: z.int().meta({ description: 'How many rows there are.' }),
  related: z.array(eventView),
  relatedTotal: z.int().meta({ description: 'How many events there are within the minutes.' }),
  now: z.iso.datetime().meta({ description: "The console's clock, UTC; ages count from it." }),
});

function showRoute({ reader, now }: IncidentRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/v1/incidents/{id}',
    name: 'showIncident',
    summary: 'Shows one incident with its time line, its remedy and what the host reported around its last event',
    scope: 'read',
    query: z.strictObject({
      minutes: z.coerce.number().int().min(0).max(1440).default(10).meta({ description: 'How far around; 0 to 1440.' }),
      events: z.coerce
        .number()
        .int()
        .min(0)
        .max(500)
        .default(50)
        .meta({ description: 'The most related events, half of them before; 0 to 500.' }),
    }),
    answers: {
      200: incidentAnswer,
      404: problem,
    },
    handle: async ({ params: { id = '' }, query: { minutes, events }, signal }) => {
      const found = await reader.find(id, signal);
      if (found === undefined)
        throw new Problem(404, 'no_incident', `There is no incident ${id}; a very new one may come in a moment.`);
      const { host, lastSeen } = found.incident;
      const near = { host, at: lastSeen, withinMs: minutes * MINUTE_MS, limit: Math.ceil(events / 2) };
      const [timeline, related] = await Promise.all([
        reader.timeline(id, MAX_TIMELINE, signal),
        reader.around(near, signal),
      ]);
      const body = {
        ...found,
        timeline: timeline.rows,
        timelineTotal: timeline.total,
        related: related.rows,
        relatedTotal: related.total,
        now: new Date(now()).toISOString(),
      };
      return { status: 200, body };
    },
  });
}

function deedRoute({ commander }: IncidentRouteParts, kind: DeedKind): Route {
  const body: z.ZodObject = deedBodies[kind];
  return route({
    method: 'POST',
    path: `/api/v1/incidents/{id}/${kind}`,
    name: `${kind}Incident`,
    summary: DEED_SUMMARIES[kind],
    scope: 'operate',
    query: z.strictObject(waitShape),
    body,
    answers: { 200: wished, 202: wished, 400: problem, 404: problem, 409: problem },
    handle: async ({ params: { id = '' }, query: { wait }, body: asked, asker, idempotencyKey, signal }) => {
      if (!isDigest(id))
        throw new Problem(
          404,
          'no_incident',
          `${id.slice(0, 100)} is no id of an incident; incidents list shows them.`,
        );
      const wish = wishOf(kind, { id, episode: asked['episode'] as number | undefined }, asked);
      const done = await commander.give(wish, { actor: asker.actor, key: idempotencyKey }, { waitMs: wait, signal });
      return { status: done.status === 'done' ? 200 : 202, body: done };
    },
  });
}

const bulkAnswer = z.object({
  matched: z.int(),
  dryRun: z.boolean(),
  commands: z.array(z.object({ incidentId: z.string(), commandId: z.string() })),
});

function bulkRoute({ reader, commander, maxBulk }: IncidentRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/incidents/bulk',
    name: 'bulkIncidents',
    summary: 'Does one thing to all incidents that match a filter; each in the episode it is in now',
    scope: 'operate',
    body: z.strictObject({
      filter: incidentFilter.refine((filter) => Object.values(filter).some((value) => value !== undefined), {
        error: 'ask for something: an empty filter would take everything',
      }),
      action: anyDeed,
      dryRun: z.boolean().default(true).meta({ description: 'Only counts. Say false to do it.' }),
      expect: z
        .int()
        .min(0)
        .optional()
        .meta({ description: 'How many the dry run told; when it is another number now, nothing is done.' }),
    }),
    answers: { 200: bulkAnswer, 202: bulkAnswer, 400: problem, 409: problem, 422: problem },
    handle: async ({ body: { filter, action, dryRun, expect }, asker, idempotencyKey, signal }) => {
      const { total, refs } = await reader.refs(filter, maxBulk, signal);
      if (dryRun) return { status: 200, body: { matched: total, dryRun, commands: [] } };
      if (expect !== undefined && expect !== total)
        throw new Problem(409, 'other_count', `${total} incidents match, not ${expect}; nothing was done.`);
      if (total > maxBulk)
        throw new Problem(
          422,
          'too_many',
          `${total} incidents match, more than ${maxBulk} (console.maxBulk); narrow the filter.`,
        );
      const wishes = refs.map((ref) => wishOf(action.kind, ref, action));
      const ids = await commander.giveAll(wishes, { actor: asker.actor, key: idempotencyKey });
      const commands = refs.map(({ id }, index) => ({ incidentId: id, commandId: ids[index] }));
      return { status: 202, body: { matched: total, dryRun, commands } };
    },
  });
}
