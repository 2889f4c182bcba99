// The schema of `foghorn.actions`.
import { z } from 'zod';
import type {
  ActivityEntry,
  CommandEntry,
  FailedDeliveryEntry,
  IncidentEntry,
  NotifiedEntry,
  NotNotifiedEntry,
  SilenceEntry,
} from './activity.ts';
import { TRANSITION_KINDS, silence } from './incident-schema.ts';
import { severity } from './remediation-schema.ts';
import { count, digest, durationMs, epochMs, listOf, name, ownId, revision, schemaOf, text } from './schema.ts';

const INCIDENT_TYPES = [...TRANSITION_KINDS, 'unrouted', 'purged'] as const;
const NOT_NOTIFIED_TYPES = ['suppressed', 'superseded', 'delivery_unknown'] as const;
const SILENCE_TYPES = ['silence_created', 'silence_changed'] as const;
const COMMAND_TYPES = ['refused', 'redelivered', 'probed'] as const;

/** The types of entries, whatever their subject. */
export const ENTRY_TYPES = [
  ...INCIDENT_TYPES,
  'notified',
  ...NOT_NOTIFIED_TYPES,
  'delivery_failed',
  ...SILENCE_TYPES,
  ...COMMAND_TYPES,
] as const;

const base = { id: digest, atMs: epochMs, actor: name, reason: text };
const commandId = ownId.exactOptional();
const incident = { incidentId: digest, episode: count, revision, host: name, ruleId: name, severity };
/** An incident of which parts may be unknown. */
const someIncident = {
  episode: count.exactOptional(),
  revision: revision.exactOptional(),
  host: name.exactOptional(),
  ruleId: name.exactOptional(),
  severity: severity.exactOptional(),
};
const delivery = {
  subject: z.literal('delivery'),
  receiver: name,
  deliveryId: name.exactOptional(),
  group: z.object({ id: digest, episode: count, revision }).exactOptional(),
};

const audience = z.object({
  receivers: listOf(z.object({ receiver: name, reason: text, repeatMs: durationMs.exactOptional() })),
  escalations: listOf(z.object({ afterMs: durationMs, receivers: listOf(name) })),
  passed: listOf(text),
});

const incidentEntry = schemaOf<IncidentEntry>()(
  z.object({
    ...base,
    ...incident,
    commandId,
    subject: z.literal('incident'),
    type: z.enum(INCIDENT_TYPES),
    ruleName: text.exactOptional(),
    faultClass: name.exactOptional(),
    timeToAcknowledgeMs: count.exactOptional(),
    timeToResolveMs: count.exactOptional(),
    audience: audience.exactOptional(),
  }),
);

const notified = schemaOf<NotifiedEntry>()(
  z.object({
    ...base,
    ...incident,
    ...delivery,
    commandId,
    type: z.literal('notified'),
    providerReference: text.exactOptional(),
    timeToAlertMs: count.exactOptional(),
  }),
);

const notNotified = schemaOf<NotNotifiedEntry>()(
  z.object({
    ...base,
    ...incident,
    ...delivery,
    commandId,
    type: z.enum(NOT_NOTIFIED_TYPES),
    error: text.exactOptional(),
  }),
);

const failed = schemaOf<FailedDeliveryEntry>()(
  z.object({
    ...base,
    ...someIncident,
    ...delivery,
    incidentId: digest.exactOptional(),
    commandId,
    type: z.literal('delivery_failed'),
    error: text.exactOptional(),
  }),
);

const silenceEntry = schemaOf<SilenceEntry>()(
  z.object({
    ...base,
    commandId,
    subject: z.literal('silence'),
    type: z.enum(SILENCE_TYPES),
    silence,
  }),
);

const commandEntry = schemaOf<CommandEntry>()(
  z.object({
    ...base,
    ...someIncident,
    subject: z.literal('command'),
    type: z.enum(COMMAND_TYPES),
    commandId: ownId,
    incidentId: digest.exactOptional(),
    groupId: ownId.exactOptional(),
    silenceId: ownId.exactOptional(),
    receiver: name.exactOptional(),
  }),
);

const BY_SUBJECT: Readonly<Record<string, z.ZodType<ActivityEntry>>> = {
  incident: incidentEntry,
  silence: silenceEntry,
  command: commandEntry,
};
const BY_TYPE: Readonly<Record<string, z.ZodType<ActivityEntry>>> = { notified, delivery_failed: failed };

const noSubject: z.ZodType<never> = z.never({ error: 'the subject is none of incident, delivery, silence, command' });

/** Which schema an entry has. */
export function activityEntry(value: Readonly<Record<string, unknown>>): z.ZodType<ActivityEntry> {
  const subject = typeof value['subject'] === 'string' ? value['subject'] : '';
  if (subject !== 'delivery')
    return Object.hasOwn(BY_SUBJECT, subject) ? (BY_SUBJECT[subject] ?? noSubject) : noSubject;
  const type = typeof value['type'] === 'string' ? value['type'] : '';
  return Object.hasOwn(BY_TYPE, type) ? (BY_TYPE[type] ?? notNotified) : notNotified;
}
