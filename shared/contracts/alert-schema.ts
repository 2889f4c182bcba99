// The schemas of `foghorn.alerts`: a known fault, or evidence that one is gone.
import { z } from 'zod';
import type { Alert } from './enriched-event.ts';
import type { Clearing } from './incident.ts';
import { hostClock } from './moment-schema.ts';
import { probe } from './probe.ts';
import { remediation } from './remediation-schema.ts';
import { count, digest, durationMs, epochMs, listOf, mark, name, params, schemaOf, text } from './schema.ts';

/**
 * The schema of an `Alert`. Of its document only those fields are read that are what they should
 * be, so it is any object.
 */
export const alert = schemaOf<Alert>()(
  z.object({
    incidentId: digest,
    eventId: digest,
    receivedAtMs: epochMs,
    sender: text.exactOptional(),
    agent: text.exactOptional(),
    clock: hostClock.exactOptional(),
    content: mark.exactOptional(),
    match: z.object({
      ruleId: name,
      ruleVersion: count,
      reference: text.exactOptional(),
      params,
      discriminators: listOf(text),
      remediation,
      probe: probe.exactOptional(),
    }),
    document: z.record(z.string(), z.unknown()),
  }),
);

/** The schema of a `Clearing`. */
export const clearing = schemaOf<Clearing>()(
  z.object({
    kind: z.literal('clearing'),
    incidentId: digest.exactOptional(),
    ruleId: name,
    host: name,
    params,
    eventId: digest,
    atMs: epochMs,
    receivedAtMs: epochMs,
    clock: z.literal('foghorn').exactOptional(),
    channel: name.exactOptional(),
    recordId: name.exactOptional(),
    hostClock: hostClock.exactOptional(),
    sender: text.exactOptional(),
    agent: text.exactOptional(),
    evidence: text,
    quietForMs: durationMs.exactOptional(),
  }),
);
