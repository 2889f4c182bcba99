// Where a preview takes a real incident from: a file with its snapshot, a notification or its document, or Elasticsearch by its id.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Incident } from '../../../shared/contracts/incident.ts';
import type { Notification } from '../../../shared/contracts/notification.ts';
import type { Remediation, Severity } from '../../../shared/contracts/remediation.ts';
import { createElasticsearch, elasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../shared/elasticsearch/names.ts';
import { loadConfig, readConfigSource } from '../../../shared/runtime/config.ts';
import { UsageError } from '../command.ts';
import { notificationOf } from './samples.ts';

const schema = z.strictObject({ elasticsearch: elasticsearchSettings });

/** A notification from a JSON file. Throws UsageError when the file holds nothing that can be told. */
export async function notificationInFile(file: string, receiver: string): Promise<Notification> {
  const text = await readFile(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} holds no JSON.`);
  }
  const found = toNotification(value, receiver);
  if (found === undefined)
    throw new UsageError(`${file} holds no incident: a snapshot, a notification, or a document of the incident index.`);
  return found;
}

/** The notification of an incident in Elasticsearch. Throws UsageError when there is none, Unavailable when Elasticsearch is. */
export async function notificationById(
  id: string,
  configFile: string | undefined,
  receiver: string,
): Promise<Notification> {
  const { elasticsearch: settings } = loadConfig(schema, readConfigSource(configFile));
  const elasticsearch = createElasticsearch(settings);
  try {
    const path = `/${indexNames(settings).incidents}/_doc/${encodeURIComponent(id)}`;
    const { status, body } = await elasticsearch.request({ method: 'GET', path });
    const found =
      status === 200 ? toNotification((body as { readonly _source?: unknown })._source, receiver) : undefined;
    if (found === undefined) throw new UsageError(`There is no incident ${id} in ${indexNames(settings).incidents}.`);
    return found;
  } finally {
    await elasticsearch.close();
  }
}

function toNotification(value: unknown, receiver: string): Notification | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('incident' in value && 'reason' in value) return value as Notification;
  if ('entity' in value && 'remediation' in value) return notificationOf(value as Incident, receiver);
  const { foghorn } = value as Partial<IncidentDocument>;
  if (foghorn?.incident?.id === undefined || foghorn.remediation === undefined) return undefined;
  return notificationOf(incidentOf(value as IncidentDocument), receiver);
}

/** The parts of an incident's document that messages need, as the indexer writes them; times are RFC 3339. */
interface IncidentDocument {
  readonly message?: string;
  readonly event: { readonly code?: string; readonly provider?: string; readonly reference?: string };
  readonly rule: { readonly id?: string; readonly name?: string; readonly version?: string };
  readonly host: { readonly name?: string };
  readonly foghorn: {
    readonly incident: {
      readonly id: string;
      readonly episode: number;
      readonly revision: number;
      readonly state: Incident['state'];
      readonly severity: Severity;
      readonly episode_count: number;
      readonly total_count: number;
      readonly first_seen: string;
      readonly last_seen: string;
      readonly clock?: 'ahead' | 'behind' | 'late_or_behind';
      readonly clock_skew_ms?: number;
      readonly senders?: readonly string[];
      readonly opened: string;
      readonly updated: string;
      readonly acknowledged?: string;
      readonly resolved?: string;
      readonly flapping?: { readonly since: string; readonly count: number; readonly quiet_for_ms: number };
      readonly params?: Incident['entity']['params'];
    };
    readonly remediation: Omit<Remediation, 'ruleId' | 'ruleVersion' | 'faultClass'> & {
      readonly id: string;
      readonly version: string;
      readonly class: string;
    };
  };
}

function incidentOf({ message = '', event, rule, host, foghorn }: IncidentDocument): Incident {
  const { incident, remediation } = foghorn;
  return {
    id: incident.id,
    episode: incident.episode,
    revision: incident.revision,
    state: incident.state,
    severity: incident.severity,
    entity: {
      ruleId: rule.id ?? '',
      ruleName: rule.name ?? '',
      ruleVersion: Number(rule.version ?? 1),
      reference: event.reference ?? '',
      faultClass: remediation.class,
      host: host.name ?? '',
      provider: event.provider ?? '',
      eventId: Number(event.code ?? 0),
      params: incident.params ?? {},
    },
    remediation: {
      ...remediation,
      ruleId: remediation.id,
      ruleVersion: Number(remediation.version),
      faultClass: remediation.class,
    },
    episodeCount: incident.episode_count,
    totalCount: incident.total_count,
    firstSeenMs: Date.parse(incident.first_seen),
    lastSeenMs: Date.parse(incident.last_seen),
    ...originOf(incident),
    lastMessage: message,
    lastEventId: '',
    recentEventIds: [],
    openedAtMs: Date.parse(incident.opened),
    updatedAtMs: Date.parse(incident.updated),
    ...(incident.acknowledged === undefined ? {} : { acknowledgedAtMs: Date.parse(incident.acknowledged) }),
    ...(incident.resolved === undefined ? {} : { resolvedAtMs: Date.parse(incident.resolved) }),
  };
}

function originOf({
  clock,
  clock_skew_ms: skewMs,
  senders,
  flapping,
  episode,
}: IncidentDocument['foghorn']['incident']): Pick<Incident, 'clock' | 'senders' | 'flapping'> {
  return {
    ...(flapping === undefined
      ? {}
      : {
          flapping: {
            sinceMs: Date.parse(flapping.since),
            count: flapping.count,
            episode,
            quietForMs: flapping.quiet_for_ms,
          },
        }),
    ...(skewMs === undefined ? {} : { clock: { skewMs, isSettled: clock !== 'late_or_behind' } }),
    ...(senders === undefined ? {} : { senders: senders.map((name) => ({ name })) }),
  };
}
