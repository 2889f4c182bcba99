// The operations that look around: the context of an incident, a host, and incidents as a file.
import { z } from '@hono/zod-openapi';
import { Refusal } from '../../../shared/http/refusal.ts';
import { wholeNumber } from '../fields.ts';
import { eventView } from '../read/entry-views.ts';
import { COLUMN_NAMES, DEFAULT_COLUMNS, exported } from '../read/export.ts';
import { incidentContextView } from '../read/incident-context.ts';
import { incidentFilterShape } from '../read/incident-filter.ts';
import type { Reader } from '../read/reader.ts';
import { incidentView, silenceView } from '../read/views.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { problem } from './shapes.ts';
import { askerOf } from './submit.ts';

const incidentContext = operation({
  method: 'get',
  path: '/api/v1/incidents/{id}/context',
  operationId: 'incidentContext',
  summary:
    'Shows what there is to know around an incident: its host, what changed before, what ended it earlier and elsewhere',
  scope: 'read',
  query: z.strictObject({
    minutes: wholeNumber({ min: 0, max: 1440, byDefault: 10 }, 'How far around the last event, in minutes'),
    before: wholeNumber(
      { min: 0, max: 10_080, byDefault: 60 },
      'How far before the first event to look for changes, in minutes',
    ),
    events: wholeNumber({ min: 0, max: 500, byDefault: 100 }, 'The most events of each kind'),
  }),
  answers: { 200: incidentContextView, 404: problem },
});

const showHost = operation({
  method: 'get',
  path: '/api/v1/hosts/{id}',
  operationId: 'showHost',
  summary: 'Shows a host by its name: its incidents of all time, its last event, the silences that name it',
  scope: 'read',
  query: z.strictObject({
    limit: wholeNumber({ min: 1, max: 500, byDefault: 100 }, 'The most incidents, the latest first'),
  }),
  answers: {
    200: z.object({
      host: z.string(),
      total: z.int().meta({ description: 'The number of its incidents, listed or not.' }),
      incidents: z.array(incidentView),
      lastEvent: eventView.optional(),
      eventsLastHour: z.int(),
      silences: z
        .array(silenceView)
        .meta({ description: 'Current ones that name the host, whatever else they ask for.' }),
    }),
    400: problem,
  },
});

const exportIncidents = operation({
  method: 'get',
  path: '/api/v1/incidents/export',
  operationId: 'exportIncidents',
  summary: 'Gives all incidents that match as a file, in the order of their ids',
  scope: 'read',
  query: z.strictObject({
    ...incidentFilterShape,
    format: z.enum(['csv', 'ndjson']).default('csv').meta({
      description:
        'csv: a table (RFC 4180); a text that a table program takes for a formula has an apostrophe before it. ndjson: one JSON object a line, with all that lists show.',
    }),
    columns: z
      .string()
      .max(1000)
      .default(DEFAULT_COLUMNS.join(','))
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(COLUMN_NAMES)).min(1))
      .meta({
        type: 'string',
        description: `Of a table, separated by commas: ${COLUMN_NAMES.join(', ')}. Default: all but notes and message.`,
      }),
  }),
  answers: { 200: 'text/csv', 400: problem },
});

/** What the operations use. */
export interface ContextParts {
  readonly reader: Reader;
  /** Empty: no links to it. */
  readonly kibanaUrl: string;
}

/** Adds the operations. */
export function addContextOperations(api: Api, { reader, kibanaUrl }: ContextParts): void {
  api.openapi(exportIncidents, async (c) => {
    const { format, columns, ...filter } = c.req.valid('query');
    const texts = exported(reader.views(filter, askerOf(c)), { format, columns });
    // What cannot be read is refused before the file begins.
    const first = await texts.next();
    const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8';
    const headers = { 'content-type': type, 'content-disposition': `attachment; filename="incidents.${format}"` };
    return c.body(bodyOf(first, texts), 200, headers);
  });
  api.openapi(incidentContext, async (c) => {
    const { id } = c.req.valid('param');
    const { minutes, before, events } = c.req.valid('query');
    const request = { minutes, minutesBefore: before, limit: events, kibanaUrl };
    const context = await reader.context(id, request, c.env.signal);
    if (context === undefined)
      throw new Refusal(404, 'no_incident', `There is no incident ${id}; a very new one may come in a moment.`);
    return c.json(context);
  });
  api.openapi(showHost, async (c) => {
    const { id: host } = c.req.valid('param');
    const { limit } = c.req.valid('query');
    return c.json(await reader.host(host, limit, askerOf(c)));
  });
}

function bodyOf(first: IteratorResult<string, unknown>, rest: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: IteratorResult<string, unknown> | undefined = first;
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = next ?? (await rest.next());
      next = undefined;
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => void (await rest.return(undefined)),
  });
}
