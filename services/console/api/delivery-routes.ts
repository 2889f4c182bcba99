// The routes about deliveries that failed: which there are, and trying them once more.
import { z } from 'zod';
import type { Commander } from '../change/commander.ts';
import { failedDeliveryView } from '../read/failed-deliveries.ts';
import type { Reader } from '../read/reader.ts';
import { type Route, route } from './route.ts';
import { problem, waitShape, wished } from './shapes.ts';

/** What the routes work with. */
export interface DeliveryRouteParts {
  readonly reader: Reader;
  readonly commander: Commander;
}

/** The routes. */
export function deliveryRoutes(parts: DeliveryRouteParts): readonly Route[] {
  return [listRoute(parts), redriveRoute(parts)];
}

function listRoute({ reader }: DeliveryRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/v1/deliveries',
    name: 'listDeliveries',
    summary: 'Lists deliveries that failed for good and were not made since, of the last 30 days, the latest first',
    scope: 'read',
    query: z.strictObject({
      state: z.enum(['failed']).default('failed').meta({ description: 'failed is the only one so far.' }),
      receiver: z.string().max(200).optional().meta({ description: 'Only those to this receiver.' }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(1000)
        .default(100)
        .meta({ description: 'At most, 1 to 1000. Default: 100.' }),
    }),
    answers: {
      200: z.object({
        total: z.int().meta({ description: 'How many there are, listed or not.' }),
        deliveries: z.array(failedDeliveryView),
      }),
      400: problem,
    },
    handle: async ({ query: { receiver, limit }, signal }) => {
      const { total, rows } = await reader.failedDeliveries(receiver, limit, signal);
      return { status: 200, body: { total, deliveries: rows } };
    },
  });
}

function redriveRoute({ commander }: DeliveryRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/v1/deliveries/redrive',
    name: 'redriveDeliveries',
    summary: 'Tries failed deliveries of a receiver once more: one, or all of them',
    scope: 'operate',
    query: z.strictObject(waitShape),
    body: z.strictObject({
      receiver: z.string().min(1).max(200).meta({ description: 'The receiver, by its name in the configuration.' }),
      deliveryId: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .meta({ description: 'Only this one; default: all that failed.' }),
      reason: z.string().trim().max(2000).default('').meta({ description: 'Why; kept with the change.' }),
    }),
    answers: { 200: wished, 202: wished, 400: problem, 409: problem },
    handle: async ({ body, query: { wait }, asker: { actor }, idempotencyKey: key, signal }) => {
      const { receiver, deliveryId, reason } = body;
      const wish = { kind: 'redrive', receiver, reason, ...(deliveryId === undefined ? {} : { deliveryId }) } as const;
      const done = await commander.give(wish, { actor, key }, { waitMs: wait, signal });
      return { status: done.status === 'done' ? 200 : 202, body: done };
    },
  });
}
