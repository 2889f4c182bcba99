// The operations on failed deliveries: listing and redriving them.
import { z } from '@hono/zod-openapi';
import type { CommandSender } from '../change/command-sender.ts';
import { reason, wholeNumber } from '../fields.ts';
import { failedDeliveryView } from '../read/failed-deliveries.ts';
import type { Reader } from '../read/reader.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { changeAnswer, problem, waitQuery } from './shapes.ts';
import { changed, submit } from './submit.ts';

/** What the operations use. */
interface DeliveryParts {
  readonly reader: Reader;
  readonly sender: CommandSender;
}

const listDeliveries = operation({
  method: 'get',
  path: '/api/v1/deliveries',
  operationId: 'listDeliveries',
  summary: 'Lists deliveries that failed for good and were not made since, of the last 30 days, the latest first',
  scope: 'read',
  query: z.strictObject({
    state: z.enum(['failed']).default('failed').meta({ description: 'failed is the only one so far.' }),
    receiver: z.string().max(200).optional().meta({ description: 'Only those to this receiver.' }),
    limit: wholeNumber({ min: 1, max: 1000, byDefault: 100 }, 'The most deliveries, the latest first'),
  }),
  answers: {
    200: z.object({
      total: z.int().meta({ description: 'How many there are, listed or not.' }),
      deliveries: z.array(failedDeliveryView),
    }),
    400: problem,
  },
});

const redriveDeliveries = operation({
  method: 'post',
  path: '/api/v1/deliveries/redrive',
  operationId: 'redriveDeliveries',
  summary: 'Tries failed deliveries of a receiver once more: one, or all of them',
  scope: 'operate',
  query: waitQuery,
  body: z.strictObject({
    receiver: z.string().min(1).max(200).meta({ description: 'The receiver, by its name in the configuration.' }),
    deliveryId: z.string().min(1).max(200).optional().meta({ description: 'Only this one; default: all that failed.' }),
    reason,
  }),
  answers: { 200: changeAnswer, 202: changeAnswer, 400: problem, 409: problem },
});

/** Adds the operations. */
export function addDeliveryOperations(api: Api, { reader, sender }: DeliveryParts): void {
  api.openapi(listDeliveries, async (c) => {
    const { receiver, limit } = c.req.valid('query');
    const { total, items } = await reader.failedDeliveries(receiver, limit, c.env.signal);
    return c.json({ total, deliveries: items });
  });
  api.openapi(redriveDeliveries, async (c) => {
    const { receiver, deliveryId, reason: why } = c.req.valid('json');
    const one = deliveryId === undefined ? {} : { deliveryId };
    const draft = { kind: 'redrive', receiver, reason: why, ...one } as const;
    return changed(c, await submit(c, sender, { draft, waitMs: c.req.valid('query').wait }));
  });
}
