// Open incidents and their activity in Kafka, as notifiers leave them: made by the enricher's, the
// reducer's and the contracts' own functions.
import { createEnrich } from '../../services/enricher/enrich.ts';
import { settledEntries } from '../../services/notifier/delivery/activity-entries.ts';
import { deliveryOf } from '../../services/notifier/delivery/plan.ts';
import { type ActivityEntry, encodeActivityEntry, transitionEntry } from '../../shared/contracts/activity.ts';
import { type Alert, alertsTopic } from '../../shared/contracts/enriched-event.ts';
import { digestId } from '../../shared/contracts/ids.ts';
import { encodeIncident, type Incident } from '../../shared/contracts/incident.ts';
import { resolve } from '../../shared/contracts/incident-operations.ts';
import { applyAlerts, type Reduced } from '../../shared/contracts/incident-reducer.ts';
import { encodeEntry } from '../../shared/catalog/entry-record.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { makeFault } from '../support/events.ts';
import type { Bench } from './corner.ts';

const BATCH = 500;
const MINUTE_MS = 60_000;
/** Events of an incident: two of its first episode, which was resolved, and four of the second. */
const EVENTS = 6;
const FIRST_EPISODE = 2;

/** Entries that each incident leaves: 7 transitions and 3 notifications. */
export const ENTRIES_EACH = 10;

/**
 * Fills Kafka with `count` open incidents, of which `receiver` was notified, and ten times as many
 * activity entries.
 */
export async function fillIncidents({ producer }: Bench, receiver: string, count: number): Promise<void> {
  const { entries } = await loadCatalogFolders([]);
  await producer.send(entries.map(encodeEntry));
  const alert = await anAlert();
  for (let from = 0; from < count; from += BATCH) {
    const made = Array.from({ length: Math.min(BATCH, count - from) }, (_, place) =>
      historyOf(alert, receiver, from + place),
    );
    await producer.send([
      ...made.map(({ incident }) => encodeIncident(incident)),
      ...made.flatMap(({ entries }) => entries.map(encodeActivityEntry)),
    ]);
  }
}

/** An alert as the enricher writes it, with the catalogue's remedy. */
async function anAlert(): Promise<Alert> {
  const catalog = await loadCatalogFolders([]);
  const enrich = createEnrich({ catalog, now: Date.now, keepOriginal: false, maxDocumentBytes: 1_000_000 });
  const { text } = makeFault('rebuild', 1);
  const raw = { encoding: 'utf-8', format: 'json', input: 'http', sender: '127.0.0.1' } as const;
  const verdict = enrich({ ...raw, bytes: Buffer.from(text), receivedAtMs: Date.now() });
  const record = verdict.kind === 'emit' ? verdict.records.find(({ topic }) => topic === 'alerts') : undefined;
  const value = Buffer.from(record?.value ?? '');
  const decoded = alertsTopic.decode({ key: null, value, headers: {}, timestampMs: 0 });
  if (decoded.kind !== 'value' || !('match' in decoded.value)) throw new Error('The fault made no alert.');
  return decoded.value;
}

interface History {
  readonly incident: Incident;
  readonly entries: readonly ActivityEntry[];
}

/** Incident number so and so: opened, resolved, reopened and repeated within the last hour. */
function historyOf(alert: Alert, receiver: string, index: number): History {
  const fromMs = Date.now() - 60 * MINUTE_MS;
  const alerts = Array.from({ length: EVENTS }, (_, number) => alertOf(alert, index, fromMs + number * MINUTE_MS));
  const entries: ActivityEntry[] = [];
  let incident: Incident | undefined;
  const note = (reduced: Reduced | undefined): void => {
    incident = reduced?.incident;
    for (const transition of reduced?.transitions ?? []) {
      if (incident === undefined) continue;
      entries.push(transitionEntry(transition, incident));
      if (transition.kind === 'opened' || transition.kind === 'resolved' || transition.kind === 'reopened')
        entries.push(...notified(incident, receiver, transition.kind));
    }
  };
  for (const [number, one] of alerts.entries()) {
    if (number === FIRST_EPISODE && incident !== undefined)
      note(resolve(incident, { actor: 'kim', reason: '', nowMs: one.receivedAtMs - 1 }));
    note(applyAlerts(incident, [one], { nowMs: one.receivedAtMs, reopenWithinMs: 60 * MINUTE_MS }));
  }
  if (incident === undefined || entries.length !== ENTRIES_EACH)
    throw new Error(`Incident ${index} has ${entries.length} entries, not ${ENTRIES_EACH}.`);
  return { incident, entries };
}

function alertOf(alert: Alert, index: number, atMs: number): Alert {
  const host = { ...(alert.document['host'] as object), name: `rebuild-${index}.example.org` };
  return {
    ...alert,
    incidentId: digestId(['rebuild', String(index)]),
    eventId: digestId(['rebuild', String(index), String(atMs)]),
    receivedAtMs: atMs,
    document: { ...alert.document, '@timestamp': new Date(atMs).toISOString(), host },
  };
}

function notified(
  incident: Incident,
  receiver: string,
  reason: 'opened' | 'resolved' | 'reopened',
): readonly ActivityEntry[] {
  const { id: subjectId, episode, revision, updatedAtMs: atMs } = incident;
  const delivery = deliveryOf({ subjectId, episode, revision, receiver, reason, receivedAtMs: atMs });
  return settledEntries(delivery, [incident], { kind: 'sent', reference: 'ok', atMs, isOver: true });
}
