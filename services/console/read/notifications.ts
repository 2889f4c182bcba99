// Who was notified of an incident, who will be and when, and who is not and why: made of its
// activity entries. Pure.
import { z } from '@hono/zod-openapi';
import type { ActivityEntryView } from './entry-views.ts';
import type { IncidentView } from './views.ts';

const text = z.string();
const time = z.iso.datetime().meta({ description: 'UTC' });

/** The notifications of the episode that an incident is in. */
export const notificationsView = z
  .object({
    receivers: z.array(
      z.object({
        receiver: text,
        route: text
          .optional()
          .meta({ description: 'The route that leads there, with its matchers; missing for an escalation.' }),
        outcome: z
          .enum(['notified', 'suppressed', 'superseded', 'delivery_unknown', 'delivery_failed', 'waiting'])
          .meta({
            description: 'Of the latest message; waiting: none was due yet, or it is on its way.',
          }),
        at: time.optional().meta({ description: 'When that was.' }),
        reason: text.optional(),
        error: text.optional(),
        lastNotified: time.optional(),
        nextReminder: time.optional().meta({
          description: 'When it is notified again, while the incident is unresolved and nothing suppresses it.',
        }),
      }),
    ),
    escalations: z
      .array(z.object({ step: z.int(), at: time, receivers: z.array(text), isDone: z.boolean() }))
      .meta({ description: 'Steps for as long as nobody acknowledges the incident.' }),
    nextEscalation: time.optional(),
    passed: z.array(text).meta({ description: 'Why other receivers are not notified.' }),
  })
  .openapi('Notifications');

/** See `notificationsView`. */
export type Notifications = z.infer<typeof notificationsView>;

type Audience = NonNullable<ActivityEntryView['audience']>;

const OUTCOMES = ['notified', 'suppressed', 'superseded', 'delivery_unknown', 'delivery_failed'] as const;
type Outcome = (typeof OUTCOMES)[number];

/**
 * By the entries of the time line, oldest first. Nothing is known of episodes before this version.
 */
export function notificationsOf(
  incident: Pick<IncidentView, 'episode' | 'state' | 'opened' | 'snoozedUntil' | 'escalationStep'>,
  timeline: readonly ActivityEntryView[],
): Notifications {
  const entries = timeline.filter(({ episode }) => episode === incident.episode);
  const audience = entries.findLast((entry) => entry.audience !== undefined)?.audience;
  const { receivers = [], escalations = [], passed = [] } = audience ?? {};
  const known = new Set(receivers.map(({ receiver }) => receiver));
  const others = new Set(
    entries.flatMap(({ receiver }) => (receiver === undefined || known.has(receiver) ? [] : [receiver])),
  );
  const steps = stepsOf(incident, escalations);
  const next = incident.state === 'open' ? steps.find(({ isDone }) => !isDone) : undefined;
  return {
    receivers: [
      ...receivers.map(({ receiver, reason, repeatMs }) => ({
        receiver,
        route: reason,
        ...outcomeOf(entries, receiver),
        ...reminderOf(incident, entries, { receiver, repeatMs }),
      })),
      ...[...others].map((receiver) => ({ receiver, ...outcomeOf(entries, receiver) })),
    ],
    escalations: steps,
    ...(next === undefined ? {} : { nextEscalation: later(next.at, incident.snoozedUntil) }),
    passed: [...passed],
  };
}

function stepsOf(
  { opened, escalationStep = 0 }: Pick<IncidentView, 'opened' | 'escalationStep'>,
  escalations: Audience['escalations'],
): Notifications['escalations'] {
  return escalations.map(({ afterMs, receivers }, index) => ({
    step: index + 1,
    at: new Date(Date.parse(opened) + afterMs).toISOString(),
    receivers: [...receivers],
    isDone: index < escalationStep,
  }));
}

function later(one: string, other = one): string {
  return one > other ? one : other;
}

function ofReceiver(entries: readonly ActivityEntryView[], receiver: string): readonly ActivityEntryView[] {
  return entries.filter((entry) => entry.receiver === receiver && (OUTCOMES as readonly string[]).includes(entry.type));
}

function outcomeOf(entries: readonly ActivityEntryView[], receiver: string) {
  const own = ofReceiver(entries, receiver);
  const latest = own.at(-1);
  if (latest === undefined) return { outcome: 'waiting' as const };
  const notified = own.findLast(({ type }) => type === 'notified');
  return {
    outcome: latest.type as Outcome,
    at: latest.at,
    reason: latest.reason,
    ...(latest.error === undefined ? {} : { error: latest.error }),
    ...(notified === undefined ? {} : { lastNotified: notified.at }),
  };
}

/** An acknowledgement ends reminders, a snooze delays them. */
function reminderOf(
  { state, snoozedUntil }: Pick<IncidentView, 'state' | 'snoozedUntil'>,
  entries: readonly ActivityEntryView[],
  { receiver, repeatMs }: { readonly receiver: string; readonly repeatMs: number | undefined },
) {
  const notified = ofReceiver(entries, receiver).findLast(({ type }) => type === 'notified');
  if (state !== 'open' || notified === undefined || repeatMs === undefined) return {};
  return { nextReminder: later(new Date(Date.parse(notified.at) + repeatMs).toISOString(), snoozedUntil) };
}
