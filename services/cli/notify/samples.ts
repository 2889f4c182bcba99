// Sample notifications for previews and tests: WMServer's 309 on port 80, with the catalogue's own
// text.
import { renderRemediation } from '../../../shared/catalog/render.ts';
import { deliveryIdOf } from '../../../shared/contracts/ids.ts';
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Digest, Notification, NotificationReason } from '../../../shared/contracts/notification.ts';
import { loadCatalogFolders } from '../../../shared/runtime/catalog-files.ts';
import { pageOf } from '../../notifier/delivery/links.ts';

/** The kinds of samples: every reason, and a storm. */
export const SAMPLES = [
  'opened',
  'reopened',
  'repeated',
  'escalated',
  'acknowledged',
  'resolved',
  'test',
  'digest',
] as const;
/** See `SAMPLES`. */
export type Sample = (typeof SAMPLES)[number];

/** Who gets a sample, and where its links lead. */
export interface MessageReader {
  readonly receiver: string;
  /** Without a slash at its end. */
  readonly consoleUrl: string;
}

const ENTRY = 'wmserver-309-port-in-use';
const HOST = 'media01';
const PORT = 80;
const MINUTE_MS = 60_000;

/**
 * A sample as `receiver` would get it at `nowMs` (epoch milliseconds). `id` distinguishes test
 * incidents.
 */
export async function sampleNotification(
  sample: Sample,
  { receiver, id, nowMs, consoleUrl }: MessageReader & { readonly id: string; readonly nowMs: number },
): Promise<Notification> {
  const incident = inState(sample, await sampleIncident(id, nowMs));
  const digest = sample === 'digest' ? { digest: sampleDigest(incident) } : {};
  return {
    id: deliveryIdOf(incident.id, incident.episode, incident.revision, receiver),
    receiver,
    reason: sample === 'digest' ? 'updated' : sample,
    incident,
    ...digest,
    ...(sample === 'escalated' ? { escalation: { step: 1, unanswered: [receiver] } } : {}),
    nowMs,
    page: sample === 'test' ? consoleUrl : pageOf(consoleUrl, { incident, ...digest }),
    links: [],
  };
}

/**
 * The notification of an incident that was read from elsewhere, with the reason that fits its
 * state.
 */
export function notificationOf(incident: Incident, { receiver, consoleUrl }: MessageReader): Notification {
  const reasons = { open: 'opened', acknowledged: 'acknowledged', resolved: 'resolved' } as const;
  const reason: NotificationReason =
    incident.state === 'open' && incident.episode > 1 ? 'reopened' : reasons[incident.state];
  return {
    id: deliveryIdOf(incident.id, incident.episode, incident.revision, receiver),
    receiver,
    reason,
    incident,
    page: pageOf(consoleUrl, { incident }),
    links: [],
  };
}

async function sampleIncident(id: string, nowMs: number): Promise<Incident> {
  const { entries } = await loadCatalogFolders([]);
  const entry = entries.find((one) => one.id === ENTRY);
  if (entry === undefined) throw new TypeError(`The built-in catalogue has no entry ${ENTRY}.`);
  const params = { port: PORT };
  const remediation = renderRemediation(entry, params, HOST);
  const startMs = nowMs - 40 * MINUTE_MS;
  return {
    id,
    episode: 1,
    revision: 1,
    state: 'open',
    severity: entry.severity,
    entity: {
      ruleId: entry.id,
      ruleName: entry.name,
      ruleVersion: entry.version,
      reference: remediation.references.find(({ url }) => url !== undefined)?.url ?? '',
      faultClass: entry.class,
      host: HOST,
      provider: entry.provider.name,
      eventId: 309,
      channel: 'Application',
      params,
    },
    remediation,
    episodeCount: 1,
    totalCount: 1,
    firstSeenMs: startMs,
    lastSeenMs: startMs,
    lastMessage: (entry.message ?? '').replace('%1', String(PORT)),
    lastEventId: '',
    recentEventIds: [],
    openedAtMs: startMs,
    updatedAtMs: nowMs,
  };
}

function inState(sample: Sample, incident: Incident): Incident {
  const { openedAtMs, updatedAtMs } = incident;
  const seenOften = { episodeCount: 12, lastSeenMs: updatedAtMs - MINUTE_MS, revision: 3 };
  const acknowledged = { acknowledgedAtMs: openedAtMs + 3 * MINUTE_MS, acknowledgedBy: 'anna' };
  switch (sample) {
    case 'reopened':
      return { ...incident, episode: 2, revision: 5 };
    case 'repeated':
      return { ...incident, ...seenOften };
    case 'escalated':
      return { ...incident, ...seenOften, escalationStep: 1, escalatedAtMs: openedAtMs + 15 * MINUTE_MS };
    case 'acknowledged':
      return { ...incident, ...seenOften, ...acknowledged, state: 'acknowledged' };
    case 'resolved':
      return {
        ...incident,
        ...seenOften,
        ...acknowledged,
        state: 'resolved',
        resolvedAtMs: updatedAtMs,
        resolvedBy: 'anna',
        resolution: 'IIS moved to port 8080.',
      };
    default:
      return incident;
  }
}

function sampleDigest(incident: Incident): Digest {
  const hosts = Array.from({ length: 10 }, (_, index) => ({
    value: `media${String(index + 1).padStart(2, '0')}`,
    count: 2,
  }));
  return {
    id: 'sample',
    episode: 1,
    revision: 3,
    groupLabels: { alertname: ENTRY },
    count: { open: 1988, acknowledged: 2, resolved: 10 },
    newCount: 214,
    suppressedCount: 0,
    eventCount: 5120,
    hostCount: 1000,
    sinceMs: incident.openedAtMs,
    byPort: [
      { value: '80', count: 1400, hostCount: 1000, holder: 'IIS or another program of HTTP.sys' },
      { value: '554', count: 600, hostCount: 600, holder: 'another RTSP server' },
    ],
    byRule: [{ value: ENTRY, count: 2000 }],
    bySeverity: [{ value: incident.severity, count: 2000 }],
    topHosts: hosts,
    byHostGroup: [
      { value: 'media*.example.org', count: 812 },
      { value: 'edge*.example.org', count: 188 },
    ],
    incidentIds: [incident.id],
  };
}
