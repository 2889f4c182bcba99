// A probe: the port to connect to, and the answers that prove that the fault of an incident is
// gone. It travels from the catalogue entry in the alert and the incident.
import { z } from 'zod';
import { listOf, name, schemaOf } from './schema.ts';

/**
 * An answer by RTSP or HTTP whose first product in the header `Server` is `server` (RFC 9110
 * section 10.2.4), or the report of a server of MMS.
 */
export type ProbeAnswer =
  | { readonly protocol: 'http' | 'rtsp'; readonly server: string }
  | { readonly protocol: 'mms' };

/** What to ask, of the host of the incident. Any of the answers is evidence. */
export interface Probe {
  readonly port: number;
  readonly answers: readonly ProbeAnswer[];
}

/** The schema of a `Probe`. */
export const probe = schemaOf<Probe>()(
  z.object({
    port: z.int().min(1).max(65_535),
    answers: listOf(
      z.discriminatedUnion('protocol', [
        z.object({ protocol: z.enum(['http', 'rtsp']), server: name }),
        z.object({ protocol: z.literal('mms') }),
      ]),
    ),
  }),
);
