// The operations that count the events of the last hour.
import { z } from '@hono/zod-openapi';
import { incidentEventsView, recentEventsView } from '../read/recent-events.ts';
import type { Reader } from '../read/reader.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { problem } from './shapes.ts';

const MAX_IDS = 200;

const countEvents = operation({
  method: 'get',
  path: '/api/v1/events/recent',
  operationId: 'recentEvents',
  summary: 'Counts the events that were received in the last hour, and says when the last one was',
  scope: 'read',
  answers: { 200: recentEventsView },
});

const countIncidentEvents = operation({
  method: 'get',
  path: '/api/v1/incidents/events',
  operationId: 'incidentEvents',
  summary: 'Counts the events of incidents that were received in each 5 minutes of the last hour',
  scope: 'read',
  query: z.strictObject({
    id: z
      .string()
      .min(1)
      .max(MAX_IDS * 30)
      .transform((text) => text.split(','))
      .pipe(z.array(z.string().min(1)).max(MAX_IDS))
      .meta({ type: 'string', description: `Ids of at most ${MAX_IDS} incidents, separated by commas.` }),
  }),
  answers: { 200: incidentEventsView, 400: problem },
});

/** Adds them. */
export function addEventOperations(
  api: Api,
  { reader }: { readonly reader: Pick<Reader, 'recentEvents' | 'incidentEvents'> },
): void {
  api.openapi(countEvents, async (c) => c.json(await reader.recentEvents()));
  api.openapi(countIncidentEvents, async (c) => c.json(await reader.incidentEvents(c.req.valid('query').id)));
}
