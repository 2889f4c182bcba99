// The live stream.
import { z } from '@hono/zod-openapi';
import { ENTRY_TYPES } from '../../../shared/contracts/activity-schema.ts';
import { networkOf } from '../../../shared/http/network-of.ts';
import type { Streams } from '../live/stream.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { problem } from './shapes.ts';

const stream = operation({
  method: 'get',
  path: '/api/v1/stream',
  operationId: 'stream',
  summary:
    'Sends every activity entry from now on, as server-sent events (action); after Last-Event-ID first what came since, or gap where that is not known any more',
  scope: 'read',
  query: z.strictObject({
    incidents: z
      .enum(['true', 'false'])
      .default('false')
      .meta({ description: 'true: also each incident as it is after a change, as event incident, of whatever type.' }),
    incident: z.string().max(200).optional().meta({ description: 'Only of this incident.' }),
    host: z.string().max(300).optional().meta({ description: 'Only of this host.' }),
    type: z
      .string()
      .max(500)
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(ENTRY_TYPES)))
      .optional()
      .meta({ type: 'string', description: `Only of these types, separated by commas: ${ENTRY_TYPES.join(', ')}.` }),
  }),
  answers: { 200: 'text/event-stream', 400: problem, 429: problem },
});

/** Adds the operation. */
export function addStreamOperation(api: Api, { streams }: { readonly streams: Streams }): void {
  api.openapi(stream, (c) => {
    const { actor, by } = c.var.principal;
    const { address, signal, outgoing } = c.env;
    const reader = by === 'machine' ? `local from ${networkOf(address)}` : actor;
    const { incidents, ...filter } = c.req.valid('query');
    const body = streams.open({
      reader,
      filter,
      lastSeenId: c.req.header('last-event-id'),
      withIncidents: incidents === 'true',
      signal,
      cut: () => void outgoing?.destroy(),
    });
    return c.body(body, 200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  });
}
