// The events that Foghorn itself reports of sources: by them the catalogue finds the entry, its
// remedy and what clears it, as by any event of Windows.
import { createMatcher } from '../../../shared/catalog/match.ts';
import { matchFields, toMatch } from '../../../shared/catalog/render.ts';
import type { Catalog } from '../../../shared/catalog/schema.ts';
import { encodeAlert } from '../../../shared/contracts/enriched-event.ts';
import { digestId, incidentIdOf } from '../../../shared/contracts/ids.ts';
import { encodeClearing } from '../../../shared/contracts/incident.ts';
import type { OutRecord } from '../../../shared/contracts/record.ts';
import type { WindowsEvent } from '../../../shared/contracts/windows-event.ts';
import { createFindClearings } from '../clearing.ts';

/** The provider of Foghorn's own events. */
export const OWN_PROVIDER = 'Foghorn';

/** The ids of Foghorn's own events; the entries of the catalogue name them. */
export const OWN_EVENT_IDS = {
  sourceSilent: 1,
  sourceSends: 2,
  sourceLate: 3,
  sourceOnTime: 4,
  clockOff: 5,
  clockRight: 6,
  inputSilent: 7,
  inputReceives: 8,
  recordsMissing: 9,
  recordsArrived: 10,
} as const;

/** The host of what concerns no host. */
export const OWN_HOST = 'foghorn';

/** An event to report. */
export interface OwnEvent {
  readonly kind: keyof typeof OWN_EVENT_IDS;
  readonly host: string;
  readonly channel?: string;
  readonly message: string;
  /** What the entries take their parameters from. */
  readonly data: Readonly<Record<string, string>>;
  /** By which the event is known again, beside kind, host and channel. */
  readonly since: number;
  /** When it is reported, epoch milliseconds. */
  readonly nowMs: number;
}

/** The records of an event for `foghorn.alerts`: an alert, or evidence that a fault is gone. */
export type ReportOwnEvent = (event: OwnEvent) => readonly OutRecord[];

/** Prepares a catalogue. */
export function createReport(catalog: Catalog): ReportOwnEvent {
  const match = createMatcher(catalog);
  const findClearings = createFindClearings(catalog);
  return (own) => {
    const { kind, host, channel, nowMs } = own;
    const event = windowsEventOf(own);
    const found = match(event);
    const id = digestId(['own-event', kind, host.toLowerCase(), channel ?? '', String(own.since)]);
    const facts = { id, host, params: found?.params ?? {}, atMs: nowMs, arrival: { receivedAtMs: nowMs } };
    const clearings = findClearings(event, () => facts).map((clearing) =>
      // Its time is by our clock, whatever that of the host says.
      encodeClearing({ ...clearing, clock: 'foghorn' }),
    );
    if (found === undefined || found.entry.kind !== 'fault') return clearings;
    const alerting = toMatch(found, host);
    const { event: eventFields, ...fields } = matchFields(found, alerting);
    const document = {
      '@timestamp': new Date(nowMs).toISOString(),
      message: own.message,
      event: { ...(eventFields as object | undefined), code: String(event.eventId), provider: OWN_PROVIDER },
      host: { name: host },
      ...(channel === undefined ? {} : { winlog: { channel } }),
      ...fields,
    };
    const incidentId = incidentIdOf({
      ruleId: alerting.ruleId,
      host,
      provider: found.entry.provider.name,
      eventId: event.eventId,
      discriminators: alerting.discriminators,
    });
    const alert = encodeAlert({ id, host, document, match: alerting, incidentId }, JSON.stringify(document), {
      receivedAtMs: nowMs,
    });
    return [alert, ...clearings];
  };
}

function windowsEventOf({ kind, host, channel, message, data }: OwnEvent): WindowsEvent {
  return {
    form: 'event-xml',
    providerName: OWN_PROVIDER,
    eventId: OWN_EVENT_IDS[kind],
    computer: host,
    ...(channel === undefined ? {} : { channel }),
    message,
    eventData: data,
  };
}
