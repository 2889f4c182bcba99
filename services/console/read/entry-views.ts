// What the API shows of activity entries and events, made of the documents in Elasticsearch. Pure.
import { z } from '@hono/zod-openapi';
import { presentFields } from '../../../shared/contracts/present-fields.ts';
import { type Hit, partOf } from './views.ts';

const text = z.string();
const time = z.iso.datetime().meta({ description: 'UTC' });

/** One entry of the timeline: a transition, a delivery, a refused command. */
export const activityEntryView = z
  .object({
    id: text,
    at: time,
    type: text,
    actor: text,
    reason: text,
    episode: z.int(),
    revision: z.int(),
    receiver: text.optional(),
    deliveryId: text.optional(),
    providerReference: text.optional(),
    timeToAlertMs: z.number().optional(),
    error: text.optional(),
    commandId: text.optional(),
    audience: z
      .object({
        receivers: z.array(z.object({ receiver: text, reason: text, repeatMs: z.int().optional() })),
        escalations: z.array(z.object({ afterMs: z.int(), receivers: z.array(text) })),
        passed: z.array(text),
      })
      .optional()
      .meta({
        description: 'Of opened and reopened: who is notified of the episode by the routes, and who is not and why.',
      }),
  })
  .openapi('Action');

/** See `activityEntryView`. */
export type ActivityEntryView = z.infer<typeof activityEntryView>;

/** One event near an incident. */
export const eventView = z
  .object({
    id: text,
    at: time,
    provider: text.optional(),
    eventId: text.optional(),
    level: text.optional(),
    channel: text.optional(),
    message: text.optional(),
    rule: text.optional(),
  })
  .openapi('Event');

/** See `eventView`. */
export type EventView = z.infer<typeof eventView>;

const MAX_MESSAGE_CHARACTERS = 1000;

/** An entry of the activity stream. */
export function toActivityEntryView({ _source: doc }: Pick<Hit, '_source'>): ActivityEntryView {
  const event = partOf(doc, 'event');
  const incident = partOf(doc, 'foghorn', 'incident');
  const action = partOf(doc, 'foghorn', 'action');
  return presentFields({
    id: event['id'],
    at: doc['@timestamp'],
    type: event['action'],
    actor: action['actor'],
    reason: event['reason'],
    episode: incident['episode'],
    revision: incident['revision'],
    receiver: action['receiver'],
    deliveryId: action['delivery_id'],
    providerReference: action['provider_reference'],
    timeToAlertMs: action['time_to_alert_ms'],
    error: partOf(doc, 'error')['message'],
    commandId: action['command_id'],
    audience: action['audience'],
  }) as ActivityEntryView;
}

/** A document of the event stream, its message shortened. */
export function toEventView({ _id, _source: doc }: Hit): EventView {
  const { message } = doc;
  return presentFields({
    id: _id,
    at: doc['@timestamp'],
    provider: partOf(doc, 'event')['provider'],
    eventId: partOf(doc, 'event')['code'],
    level: partOf(doc, 'log')['level'],
    channel: partOf(doc, 'winlog')['channel'],
    message: typeof message === 'string' ? shortened(message) : undefined,
    rule: partOf(doc, 'rule')['id'],
  }) as EventView;
}

/** A mark shows that the text was shortened. */
function shortened(message: string): string {
  return message.length <= MAX_MESSAGE_CHARACTERS ? message : `${message.slice(0, MAX_MESSAGE_CHARACTERS - 1)}…`;
}
