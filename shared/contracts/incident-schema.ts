// The schema of `foghorn.incidents`.
import { z } from 'zod';
import type { Tombstone, Incident, Silence } from './incident.ts';
import { hostClock, moment, momentFields } from './moment-schema.ts';
import type { Decoded, InRecord } from './record.ts';
import { probe } from './probe.ts';
import { remediation, severity } from './remediation-schema.ts';
import { stepName } from './repair-steps.ts';
import {
  MAX_PURGED_REVISION,
  count,
  decodeBySchema,
  digest,
  durationMs,
  epochMs,
  isDigest,
  listOf,
  name,
  ownId,
  params,
  revision,
  schemaOf,
  text,
} from './schema.ts';

/** The kinds of transitions. */
export const TRANSITION_KINDS = [
  'opened',
  'reopened',
  'repeated',
  'acknowledged',
  'unacknowledged',
  'recovering',
  'resolved',
  'assigned',
  'note_added',
  'step_done',
  'step_undone',
  'snoozed',
  'snooze_ended',
  'escalated',
  'stale',
] as const;
const entity = z.object({
  ruleId: name,
  ruleName: text,
  ruleVersion: count,
  reference: text,
  faultClass: name,
  host: name,
  provider: name,
  eventId: count,
  channel: name.exactOptional(),
  addresses: listOf(name).exactOptional(),
  params,
});

const clearedBy = z.object({ ...momentFields, evidence: text, clock: z.literal('foghorn').exactOptional() });

/** The schema of an `Incident`. */
const incident = schemaOf<Incident>()(
  z.object({
    id: digest,
    episode: count,
    revision,
    state: z.enum(['open', 'acknowledged', 'resolved']),
    severity,
    entity,
    remediation,
    probe: probe.exactOptional(),
    episodeCount: count,
    totalCount: count,
    firstSeenMs: epochMs,
    lastSeenMs: epochMs,
    latest: moment.exactOptional(),
    lastReceivedMs: epochMs.exactOptional(),
    clock: hostClock.exactOptional(),
    senders: listOf(z.object({ name, agent: name.exactOptional() })).exactOptional(),
    lastMessage: text,
    lastEventId: digest,
    recentEventIds: listOf(ownId),
    openedAtMs: epochMs,
    updatedAtMs: epochMs,
    acknowledgedAtMs: epochMs.exactOptional(),
    resolvedAtMs: epochMs.exactOptional(),
    timeToAcknowledgeMs: count.exactOptional(),
    timeToResolveMs: count.exactOptional(),
    acknowledgedBy: name.exactOptional(),
    resolvedBy: name.exactOptional(),
    clearedAtMs: epochMs.exactOptional(),
    clearedBy: clearedBy.exactOptional(),
    recovering: z
      .object({ sinceMs: epochMs, dueAtMs: epochMs, reason: text, by: clearedBy.exactOptional() })
      .exactOptional(),
    resolution: text.exactOptional(),
    stepsDone: listOf(z.object({ step: stepName, text, by: name, atMs: epochMs })).exactOptional(),
    assignee: name.exactOptional(),
    snoozedUntilMs: epochMs.exactOptional(),
    notes: listOf(z.object({ id: ownId, atMs: epochMs, author: name, text })).exactOptional(),
    escalationStep: count.exactOptional(),
    escalatedAtMs: epochMs.exactOptional(),
    isInStorm: z.literal(true).exactOptional(),
    staleSinceMs: epochMs.exactOptional(),
    beginningsMs: listOf(epochMs).exactOptional(),
    flapping: z
      .object({ sinceMs: epochMs, episode: count, remindedMs: epochMs.exactOptional(), count, quietForMs: durationMs })
      .exactOptional(),
    suspectedCause: text.exactOptional(),
  }),
);

/** The schema of a `Silence`. */
export const silence = schemaOf<Silence>()(
  z.object({
    id: ownId,
    matchers: listOf(text),
    author: name,
    comment: text,
    startsAtMs: epochMs,
    endsAtMs: epochMs,
    revision,
  }),
);

/**
 * Reads a record of `foghorn.incidents`. Compaction keeps the last record of a key, so that a
 * snapshot under another key than its own would never go.
 */
export function decodeSnapshot(record: InRecord): Decoded<Incident | Tombstone> {
  const key = record.key?.toString('utf8') ?? '';
  if (!isDigest(key)) return { kind: 'bad', detail: 'the key is no id of an incident' };
  if (record.value === null) {
    const revision = Number(record.headers['revision'] ?? 0);
    if (!Number.isSafeInteger(revision) || revision < 0 || revision > MAX_PURGED_REVISION)
      return { kind: 'bad', detail: 'the header revision of a tombstone is no revision' };
    return { kind: 'value', value: { kind: 'tombstone', id: key, revision } };
  }
  const decoded = decodeBySchema(incident, record);
  if (decoded.kind !== 'value' || decoded.value.id === key) return decoded;
  return { kind: 'bad', detail: 'the key is not the id of the snapshot' };
}
