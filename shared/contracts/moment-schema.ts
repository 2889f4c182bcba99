// The schemas of what is known of an event's time.
import { z } from 'zod';
import type { EventMoment, HostClock } from './moment.ts';
import { epochMs, name, schemaOf } from './schema.ts';

/** The fields of an `EventMoment`. */
export const momentFields = {
  atMs: epochMs,
  receivedAtMs: epochMs,
  correctedMs: epochMs,
  sender: name.exactOptional(),
  channel: name.exactOptional(),
  recordId: name.exactOptional(),
};

/** The schema of an `EventMoment`. */
export const moment = schemaOf<EventMoment>()(z.object(momentFields));

/** The schema of a `HostClock`. */
export const hostClock = schemaOf<HostClock>()(z.object({ skewMs: z.int(), isSettled: z.boolean() }));
