// Sample notifications for previews, tests and pictures: WMServer's 309 on port 80 and what Foghorn
// reports of sources, with the catalogue's own text.
import { renderRemediation } from '../../../shared/catalog/render.ts';
import { deliveryIdOf } from '../../../shared/contracts/ids.ts';
import type { FilledIncident } from '../../../shared/contracts/incident.ts';
import type { Digest, Notification, NotificationReason } from '../../../shared/contracts/notification.ts';
import { loadCatalogFolders } from '../../../shared/runtime/catalog-files.ts';
import { timeText } from '../../notifier/channels/message/text-format.ts';
import { acknowledgeUrlOf, pageOf } from '../../notifier/delivery/links.ts';

/** Of each sample the reason and, where it is no 309, the entry. */
const KINDS = {
  opened: { reason: 'opened' },
  reopened: { reason: 'reopened' },
  updated: { reason: 'updated' },
  repeated: { reason: 'repeated' },
  escalated: { reason: 'escalated' },
  acknowledged: { reason: 'acknowledged' },
  resolved: { reason: 'resolved' },
  cleared: { reason: 'resolved' },
  test: { reason: 'test' },
  digest: { reason: 'updated' },
  'digest-escalated': { reason: 'escalated' },
  'digest-resolved': { reason: 'resolved' },
  'source-silent': { reason: 'opened', entry: 'source-silent' },
  'records-missing': { reason: 'opened', entry: 'records-missing' },
} as const satisfies Record<string, { readonly reason: NotificationReason; readonly entry?: string }>;

/** See `SAMPLES`. */
export type Sample = keyof typeof KINDS;

/** The kinds of samples: every reason, a storm from its beginning to its end, and sources. */
export const SAMPLES = Object.keys(KINDS) as readonly Sample[];

/** Who gets a sample, and where its links lead. */
export interface MessageReader {
  readonly receiver: string;
  /** Without a slash at its end. */
  readonly consoleUrl: string;
}

/** What a sample needs beside its reader. Times are epoch milliseconds. */
interface SampleParts extends MessageReader {
  /** Distinguishes the incidents of tests. */
  readonly id: string;
  readonly nowMs: number;
  /** See `console.linkKeys`; without one no sample has a link that acknowledges. */
  readonly linkKeys?: readonly string[];
}

const CONFLICT = 'wmserver-309-port-in-use';
const HOST = 'media01';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What the messages of entries without a template say. */
const SOURCE = { channel: 'Application', agent: 'winlogbeat', sender: '10.1.2.3', input: 'lumberjack' };
const RECORDS = { ids: '10417 to 10429', missing: 13, first: 10_417, last: 10_429, known_by: 'all came before' };
const MESSAGES: Readonly<Record<string, string>> = {
  'source-silent': 'No event of Application came from media01 for 40 min.',
  'records-missing': '13 records of Application on media01 are missing: 10417 to 10429.',
};

/**
 * A sample as `receiver` would get it at `nowMs` (epoch milliseconds). `id` distinguishes test
 * incidents.
 */
export async function sampleNotification(
  sample: Sample,
  { receiver, id, nowMs, consoleUrl, linkKeys = [] }: SampleParts,
): Promise<Notification> {
  const kind = KINDS[sample];
  const incident = inState(sample, await sampleIncident('entry' in kind ? kind.entry : CONFLICT, id, nowMs));
  const subject = { incident, ...(sample.startsWith('digest') ? { digest: sampleDigest(sample, incident) } : {}) };
  const deliveryId = deliveryIdOf(incident.id, incident.episode, incident.revision, receiver);
  const delivery = { id: deliveryId, receiver };
  return {
    ...delivery,
    reason: kind.reason,
    ...subject,
    ...(kind.reason === 'escalated' ? { escalation: { step: 1, unanswered: [receiver] } } : {}),
    nowMs,
    ...(sample === 'test'
      ? { page: consoleUrl }
      : {
          page: pageOf(consoleUrl, subject),
          ...acknowledgeUrlOf({ consoleUrl, linkKeys }, subject, { delivery, nowMs }),
        }),
    links: [],
  };
}

/**
 * The notification of an incident that was read from elsewhere, with the reason that fits its
 * state.
 */
export function notificationOf(incident: FilledIncident, { receiver, consoleUrl }: MessageReader): Notification {
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

async function sampleIncident(entryId: string, id: string, nowMs: number): Promise<FilledIncident> {
  const { entries } = await loadCatalogFolders([]);
  const entry = entries.find((one) => one.id === entryId);
  if (entry === undefined) throw new TypeError(`The built-in catalogue has no entry ${entryId}.`);
  const startMs = nowMs - 40 * MINUTE_MS;
  const params = paramsOf(entryId, startMs);
  const remediation = renderRemediation(entry, params, HOST);
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
      eventId: entry.eventIds[0] ?? 0,
      channel: 'Application',
      params,
    },
    remediation,
    episodeCount: 1,
    totalCount: 1,
    firstSeenMs: startMs,
    lastSeenMs: startMs,
    lastMessage: MESSAGES[entryId] ?? (entry.message ?? '').replace('%1', String(params['port'])),
    lastEventId: '',
    recentEventIds: [],
    openedAtMs: startMs,
    updatedAtMs: nowMs,
  };
}

function paramsOf(entryId: string, startMs: number): FilledIncident['entity']['params'] {
  switch (entryId) {
    case 'source-silent':
      return { ...SOURCE, last_seen: timeText(startMs) };
    case 'records-missing':
      return { ...SOURCE, ...RECORDS };
    default:
      return { port: 80 };
  }
}

function inState(sample: Sample, incident: FilledIncident): FilledIncident {
  const { openedAtMs, updatedAtMs } = incident;
  const seenOften = { episodeCount: 12, lastSeenMs: updatedAtMs - MINUTE_MS, revision: 3 };
  const timeToAcknowledgeMs = 3 * MINUTE_MS;
  const acknowledged = {
    ...seenOften,
    acknowledgedAtMs: openedAtMs + timeToAcknowledgeMs,
    timeToAcknowledgeMs,
    acknowledgedBy: 'anna',
  };
  const resolved = { ...acknowledged, state: 'resolved', resolvedAtMs: updatedAtMs } as const;
  const note = { id: 'n-1', atMs: updatedAtMs, author: 'anna', text: 'IIS was installed today.' };
  switch (sample) {
    case 'reopened':
      return { ...incident, episode: 2, revision: 5 };
    case 'updated':
      return { ...incident, ...seenOften, assignee: 'anna', notes: [note], snoozedUntilMs: updatedAtMs + HOUR_MS };
    case 'repeated':
      return { ...incident, ...seenOften };
    case 'escalated':
      return { ...incident, ...seenOften, escalationStep: 1, escalatedAtMs: updatedAtMs };
    case 'acknowledged':
      return { ...incident, ...acknowledged, state: 'acknowledged' };
    case 'resolved':
      return {
        ...incident,
        ...resolved,
        notes: [{ ...note, atMs: openedAtMs + 5 * MINUTE_MS }],
        resolvedBy: 'anna',
        resolution: 'IIS moved to port 8080.',
      };
    case 'cleared': {
      const moment = { atMs: updatedAtMs, receivedAtMs: updatedAtMs, correctedMs: updatedAtMs };
      const evidence = 'a probe: HTTP on 10.1.2.3 port 80: Server: Cougar/9.5.6001';
      return { ...incident, ...resolved, resolvedBy: 'system', clearedBy: { ...moment, evidence } };
    }
    case 'digest-resolved':
      return { ...incident, ...resolved };
    default:
      return incident;
  }
}

function sampleDigest(sample: Sample, incident: FilledIncident): Digest {
  const isOver = sample === 'digest-resolved';
  const heldBy = (holder: string): Partial<Digest['byPort'][number]> => (isOver ? {} : { holder });
  const byResolver = [
    { value: 'evidence', count: 1990 },
    { value: 'anna', count: 10 },
  ];
  const hosts = Array.from({ length: 10 }, (_, index) => ({
    value: `media${String(index + 1).padStart(2, '0')}`,
    count: 2,
  }));
  return {
    id: 'sample',
    episode: 1,
    revision: 3,
    groupLabels: { alertname: CONFLICT },
    count: isOver ? { open: 0, acknowledged: 0, resolved: 2000 } : { open: 1988, acknowledged: 2, resolved: 10 },
    newCount: isOver ? 0 : 214,
    suppressedCount: 0,
    eventCount: 5120,
    hostCount: 1000,
    sinceMs: incident.openedAtMs,
    byPort: [
      { value: '80', count: 1400, hostCount: 1000, ...heldBy('IIS or another program of HTTP.sys') },
      { value: '554', count: 600, hostCount: 600, ...heldBy('another RTSP server') },
    ],
    byRule: [{ value: CONFLICT, count: 2000 }],
    bySeverity: [{ value: incident.severity, count: 2000 }],
    topHosts: hosts,
    byHostGroup: [
      { value: 'media*.example.org', count: 812 },
      { value: 'edge*.example.org', count: 188 },
    ],
    ...(isOver ? { end: { atMs: incident.updatedAtMs, byResolver } } : {}),
    incidentIds: [incident.id],
  };
}
