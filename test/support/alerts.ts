// Made-up alerts as the enricher writes them: 309s of WMServer on a fleet's hosts.
import { toMatch } from '../../shared/catalog/render.ts';
import type { CatalogEntry } from '../../shared/catalog/schema.ts';
import type { Alert, EnrichedEvent } from '../../shared/contracts/enriched-event.ts';
import { encodeAlert } from '../../shared/contracts/enriched-event.ts';
import { incidentIdOf } from '../../shared/contracts/ids.ts';
import type { Probe } from '../../shared/contracts/probe.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { anId } from './ids.ts';
import { anIncident } from './incidents.ts';

const START_MS = Date.UTC(2026, 2, 1, 10, 0, 0);

/** What the entry of event 309 declares. */
const ANSWERS: Probe['answers'] = [
  { protocol: 'http', server: 'Cougar' },
  { protocol: 'rtsp', server: 'WMServer' },
  { protocol: 'mms' },
];

/** Which fault, and which of its events. */
export interface AlertParts {
  readonly host: string;
  readonly port?: number;
  /** Distinguishes the events of one incident; also its second. */
  readonly number?: number;
  /** When the event was made, epoch milliseconds; else a day of the past. */
  readonly atMs?: number;
  readonly message?: string;
  /** When it was received, epoch milliseconds; else now. */
  readonly receivedAtMs?: number;
  readonly recordId?: number;
  readonly sender?: string;
  /** The entry that it names, in place of a text of its own. */
  readonly entry?: CatalogEntry;
}

/** The names of so many hosts, the first with this number. */
export function hosts(count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => `media${String(from + index).padStart(4, '0')}.example.org`);
}

/** An alert. */
export function anAlert(parts: AlertParts): Alert {
  const { host, port = 80, number = 0, atMs = START_MS + number * 1000, message, recordId, sender, entry } = parts;
  const { remediation } = anIncident('', 1);
  const whole = { ...remediation, title: `Port ${port} is taken on ${host}` };
  const identity = { ruleId: remediation.ruleId, host, provider: 'WMServer', eventId: 309 };
  return {
    incidentId: incidentIdOf({ ...identity, discriminators: [String(port)] }),
    eventId: anId(`${host}-${port}-${number}`),
    receivedAtMs: parts.receivedAtMs ?? Date.now(),
    ...(sender === undefined ? {} : { sender }),
    match: {
      ruleId: remediation.ruleId,
      ruleVersion: 1,
      reference: 'https://example.org/309',
      params: { port },
      discriminators: [String(port)],
      remediation: entry === undefined ? whole : toMatch({ entry, params: { port } }, host).remediation,
      probe: { port, answers: ANSWERS },
    },
    document: {
      '@timestamp': new Date(atMs).toISOString(),
      message: message ?? `Windows Media Services cannot bind to TCP port ${port}.`,
      event: { code: '309', provider: 'WMServer' },
      host: { name: host },
      rule: { name: 'A port that Windows Media Services needs is in use' },
      winlog: { channel: 'Application', ...(recordId === undefined ? {} : { record_id: recordId }) },
    },
  };
}

/** The alert as it lies in `foghorn.alerts`. */
export function anAlertRecord(parts: AlertParts): OutRecord {
  const { incidentId, eventId, match, document, ...arrival } = anAlert(parts);
  const event: EnrichedEvent = { id: eventId, host: parts.host, document, match, incidentId };
  return encodeAlert(event, JSON.stringify(document), arrival);
}
