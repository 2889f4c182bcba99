// The operations on incidents.
import { z } from '@hono/zod-openapi';
import { isDigest } from '../../../shared/contracts/schema.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { CommandSender } from '../change/command-sender.ts';
import {
  type IncidentCommandKind,
  INCIDENT_COMMANDS,
  incidentCommandBodies,
  incidentCommandOf,
} from '../change/incident-commands.ts';
import { wholeNumber } from '../fields.ts';
import { incidentFilterShape } from '../read/incident-filter.ts';
import { notificationsOf, notificationsView } from '../read/notifications.ts';
import { pageShape } from '../read/page.ts';
import { GROUP_KEYS } from '../read/incident-groups.ts';
import { incidentSummaryView } from '../read/incident-summary.ts';
import type { Reader } from '../read/reader.ts';
import { activityEntryView, eventView } from '../read/entry-views.ts';
import { incidentView } from '../read/views.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { changeAnswer, problem, waitQuery } from './shapes.ts';
import { askerOf, changed, submit } from './submit.ts';

/** What the operations use. */
export interface IncidentParts {
  readonly reader: Reader;
  readonly sender: CommandSender;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
const MAX_TIMELINE = 500;

const listIncidents = operation({
  method: 'get',
  path: '/api/v1/incidents',
  operationId: 'listIncidents',
  summary: 'Lists and searches incidents',
  scope: 'read',
  query: z.strictObject({ ...incidentFilterShape, ...pageShape }),
  answers: {
    200: z.object({
      total: z.int(),
      incidents: z.array(incidentView),
      nextCursor: z.string().optional(),
      unreadable: z
        .array(z.string())
        .optional()
        .describe('Documents of this page that are not as the indexer writes them'),
    }),
    400: problem,
    410: problem,
  },
});

const summarizeIncidents = operation({
  method: 'get',
  path: '/api/v1/incidents/summary',
  operationId: 'summarizeIncidents',
  summary: 'Counts the incidents that a filter matches, by facet and by group: all of them, not a page',
  scope: 'read',
  query: z.strictObject({
    ...incidentFilterShape,
    by: z
      .string()
      .max(200)
      .default('')
      .transform((text) => text.split(',').filter((key) => key !== ''))
      .pipe(z.array(z.enum(GROUP_KEYS)).max(5))
      .meta({
        type: 'string',
        description: `What to group by, one or more of ${GROUP_KEYS.join(', ')}, separated by commas. Default: no groups.`,
      }),
    groups: wholeNumber({ min: 1, max: 5000, byDefault: 200 }, 'The most groups in the answer'),
  }),
  answers: { 200: incidentSummaryView, 400: problem },
});

const showIncident = operation({
  method: 'get',
  path: '/api/v1/incidents/{id}',
  operationId: 'showIncident',
  summary: 'Shows one incident with its time line, its remedy and what the host reported around its last event',
  scope: 'read',
  query: z.strictObject({
    minutes: wholeNumber({ min: 0, max: 1440, byDefault: 10 }, 'How far around, in minutes'),
    events: wholeNumber({ min: 0, max: 500, byDefault: 50 }, 'The most related events, half of them before'),
  }),
  answers: {
    200: z.object({
      incident: incidentView,
      remediation: z.record(z.string(), z.unknown()),
      timeline: z.array(activityEntryView).meta({ description: `The latest ${MAX_TIMELINE} entries, oldest first.` }),
      notifications: notificationsView,
      timelineTotal: z.int().meta({ description: 'The number of entries.' }),
      related: z.array(eventView),
      relatedTotal: z.int().meta({ description: 'How many events there are within the minutes.' }),
      now: z.iso.datetime().meta({ description: "The console's clock, UTC; ages count from it." }),
    }),
    404: problem,
  },
});

function commandOperation(kind: IncidentCommandKind) {
  const body: z.ZodObject = incidentCommandBodies[kind];
  return operation({
    method: 'post',
    path: `/api/v1/incidents/{id}/${kind}`,
    operationId: `${kind}Incident`,
    summary: INCIDENT_COMMANDS[kind],
    scope: 'operate',
    query: waitQuery,
    body,
    answers: { 200: changeAnswer, 202: changeAnswer, 400: problem, 404: problem, 409: problem },
  });
}

/** Adds the operations. */
export function addIncidentOperations(api: Api, parts: IncidentParts): void {
  const { reader, sender } = parts;
  api.openapi(listIncidents, async (c) => {
    const { sort, limit, cursor, ...filter } = c.req.valid('query');
    return c.json(await reader.list(filter, { sort, limit, cursor }, askerOf(c)));
  });
  api.openapi(summarizeIncidents, async (c) => {
    const { by, groups, ...filter } = c.req.valid('query');
    return c.json(await reader.summary(filter, { by, groups }, askerOf(c)));
  });
  addShowOperation(api, parts);
  for (const kind of Object.keys(INCIDENT_COMMANDS) as IncidentCommandKind[])
    api.openapi(commandOperation(kind), async (c) => {
      const { id } = c.req.valid('param');
      if (!isDigest(id))
        throw new Refusal(
          404,
          'no_incident',
          `${id.slice(0, 100)} is no id of an incident; incidents list shows them.`,
        );
      const body = c.req.valid('json');
      const draft = incidentCommandOf(kind, { id, episode: body['episode'] as number | undefined }, body);
      return changed(c, await submit(c, sender, { draft, waitMs: c.req.valid('query').wait }));
    });
}

function addShowOperation(api: Api, { reader, now }: IncidentParts): void {
  api.openapi(showIncident, async (c) => {
    const { id } = c.req.valid('param');
    const { minutes, events } = c.req.valid('query');
    const { signal } = c.env;
    const found = await reader.find(id, signal);
    if (found === undefined)
      throw new Refusal(404, 'no_incident', `There is no incident ${id}; a very new one may come in a moment.`);
    const { host, lastSeen } = found.incident;
    const near = { host, at: lastSeen, withinMs: minutes * MINUTE_MS, limit: Math.ceil(events / 2) };
    const [timeline, related] = await Promise.all([
      reader.timeline(id, MAX_TIMELINE, signal),
      reader.around(near, signal),
    ]);
    return c.json({
      ...found,
      timeline: timeline.items,
      notifications: notificationsOf(found.incident, timeline.items),
      timelineTotal: timeline.total,
      related: related.items,
      relatedTotal: related.total,
      now: new Date(now()).toISOString(),
    });
  });
}
