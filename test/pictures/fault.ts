// One made-up fault of the pictures' fleet: its events, its incident with the catalogue's remedy,
// and what was done about it.
import type { Catalog } from '../../shared/catalog/schema.ts';
import { renderRemediation } from '../../shared/catalog/render.ts';
import type { CatalogEntry } from '../../shared/catalog/schema.ts';
import type { EntryFields } from '../../shared/contracts/activity.ts';
import type { FilledIncident } from '../../shared/contracts/incident.ts';
import type { Remediation } from '../../shared/contracts/remediation.ts';
import { activityDocument } from '../../services/indexer/activity-document.ts';
import type { Random } from '../fuzz/mutate.ts';
import { anIncident } from '../support/incidents.ts';

const MINUTE_MS = 60_000;
const PORTS = [80, 80, 80, 554, 554, 1755, 8080];
const PEOPLE = ['kim', 'lee', 'ada'];

type Document = Readonly<Record<string, unknown>>;

/** Documents of events and actions, and the incident as it is in the end. */
export interface Fault {
  readonly events: readonly Document[];
  readonly incident: FilledIncident;
  readonly actions: readonly Document[];
}

/** What a fault is made of. Times are epoch milliseconds. */
export interface FaultParts {
  readonly host: string;
  readonly atMs: number;
  readonly endMs: number;
  readonly catalog: Catalog;
  readonly random: Random;
}

/** A 309 or its counterpart of HTTP.sys. */
export function faultOf(parts: FaultParts): Fault {
  const { host, atMs, catalog, random } = parts;
  const port = PORTS[random(PORTS.length)] ?? 80;
  const isHttpSys = port === 80 && random(4) === 0;
  const id = isHttpSys ? 'httpsys-15005-endpoint-failed' : 'wmserver-309-port-in-use';
  const entry = catalog.entries.find((each) => each.id === id);
  if (entry === undefined) throw new Error(`The catalogue has no ${id}.`);
  const params = { port, ...(isHttpSys ? { endpoint: `[::]:${port}` } : {}) };
  const incident = incidentOf(parts, entry, params);
  const events = Array.from({ length: incident.episodeCount }, (_, repeat) => ({
    '@timestamp': new Date(atMs + repeat * 4 * MINUTE_MS).toISOString(),
    host: { name: host },
    event: {
      provider: incident.entity.provider,
      code: String(incident.entity.eventId),
      reference: incident.entity.reference,
    },
    rule: { id, name: entry.name, ruleset: 'foghorn' },
    server: { port },
    message: incident.lastMessage,
    log: { level: 'error' },
    foghorn: { lag_ms: 400 + random(2000), remediation: { id, class: entry.class } },
  }));
  return { events, incident, actions: actionsOf(incident, parts).map(activityDocument) };
}

function incidentOf(
  { host, atMs, endMs, random }: FaultParts,
  entry: CatalogEntry,
  params: FilledIncident['entity']['params'],
): FilledIncident {
  const remediation = renderRemediation(entry, params, host);
  const count = 1 + random(5);
  const lastMs = atMs + (count - 1) * 4 * MINUTE_MS;
  const episode = random(6) === 0 ? 2 + random(3) : 1;
  return {
    ...anIncident(`${entry.id}-${host}-${params['port'] ?? ''}`, count + 1),
    episode,
    severity: random(5) === 0 ? 'critical' : 'error',
    entity: entityOf(entry, { host, params, reference: remediation.references[0]?.url ?? '' }),
    remediation,
    episodeCount: count,
    totalCount: count * episode,
    firstSeenMs: atMs,
    lastSeenMs: lastMs,
    lastMessage: (entry.message ?? '').replace(/%[12]/u, String(params['endpoint'] ?? params['port'])),
    updatedAtMs: Math.min(lastMs, endMs - 1),
    ...fateOf(atMs, lastMs, random),
    ...signOf(remediation, random),
  };
}

function entityOf(
  { id, name, version, class: faultClass, provider, eventIds }: CatalogEntry,
  own: Pick<FilledIncident['entity'], 'host' | 'params' | 'reference'>,
): FilledIncident['entity'] {
  const rule = { ruleId: id, ruleName: name, ruleVersion: version, faultClass };
  return { ...rule, provider: provider.name, eventId: eventIds[0] ?? 0, ...own };
}

/** What became of it. Some of the unresolved ones are older than the day. */
function fateOf(
  atMs: number,
  lastMs: number,
  random: Random,
): Partial<FilledIncident> & Pick<FilledIncident, 'openedAtMs'> {
  const fate = random(10);
  const takenMs = (2 + random(40)) * MINUTE_MS;
  const taken = { timeToAcknowledgeMs: takenMs, assignee: PEOPLE[random(PEOPLE.length)] ?? '' };
  const timeToResolveMs = takenMs + (15 + random(230)) * MINUTE_MS;
  if (fate < 5) return { ...taken, state: 'resolved', openedAtMs: atMs, timeToResolveMs };
  const openedAtMs = random(3) > 0 ? atMs : atMs - (1 + random(8)) * 24 * 60 * MINUTE_MS;
  if (fate < 7) return { ...taken, state: 'acknowledged', openedAtMs };
  return { state: 'open', openedAtMs, ...(random(4) === 0 ? { staleSinceMs: lastMs } : {}) };
}

/** Half of those that have a sign were named by it. */
function signOf({ related = [] }: Remediation, random: Random): Pick<FilledIncident, 'suspectedCause'> {
  const sign = related.find(({ relation }) => relation === 'names-cause');
  return sign !== undefined && random(2) === 0 ? { suspectedCause: sign.text } : {};
}

/** What was done about it, before the day ends. */
function actionsOf(incident: FilledIncident, { atMs, endMs, random }: FaultParts): readonly EntryFields[] {
  const { id, episode, revision, entity, severity } = incident;
  const { host, ruleId, ruleName, faultClass } = entity;
  const what = { incidentId: id, episode, revision, severity, host, ruleId, ruleName, faultClass };
  const common = { ...what, id: '', actor: 'system', reason: 'opened' };
  const row = (type: EntryFields['type'], afterMs: number, own: Partial<EntryFields> = {}): EntryFields => ({
    subject: 'receiver' in own ? 'delivery' : 'incident',
    ...common,
    type,
    atMs: atMs + afterMs,
    ...own,
  });
  const { timeToAcknowledgeMs, timeToResolveMs } = incident;
  const rows = [
    row(episode > 1 ? 'reopened' : 'opened', 0),
    ...deliveriesOf(row, random),
    ...(timeToAcknowledgeMs === undefined ? [] : [row('acknowledged', timeToAcknowledgeMs, { timeToAcknowledgeMs })]),
    ...(timeToResolveMs === undefined ? [] : [row('resolved', timeToResolveMs, { timeToResolveMs })]),
  ];
  return rows.filter(({ atMs }) => atMs < endMs);
}

function deliveriesOf(
  row: (type: EntryFields['type'], afterMs: number, own: Partial<EntryFields>) => EntryFields,
  random: Random,
): readonly EntryFields[] {
  const chance = random(20);
  if (chance === 0) return [row('unrouted', 1000, { reason: 'no route takes severity info' })];
  const receiver = 'media-team';
  if (chance === 1) return [row('suppressed', 1000, { receiver, reason: 'silenced by alice: planned work' })];
  const notified = row('notified', 1000, { receiver, timeToAlertMs: 40 + random(180) });
  if (chance < 5) return [notified, row('delivery_failed', 1000, { receiver: 'slack', error: 'refused with 404' })];
  return [notified, row('notified', 1000, { receiver: 'slack', timeToAlertMs: 90 + random(400) })];
}
