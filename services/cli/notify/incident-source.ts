// The incident of a preview: from a file with its snapshot, a notification or its document, or from
// Elasticsearch by its id.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { decodeIncidentDocument } from '../../../shared/contracts/incident-document.ts';
import { incidentInDocument } from '../../../shared/contracts/incident-from-document.ts';
import { entryIdOf } from '../../../shared/catalog/entry-record.ts';
import { fillIncident } from '../../../shared/catalog/remediation-text.ts';
import type { FilledIncident, Incident } from '../../../shared/contracts/incident.ts';
import type { Notification } from '../../../shared/contracts/notification.ts';
import { createElasticsearch, elasticsearchSettings } from '../../../shared/elasticsearch/client.ts';
import { indexNames } from '../../../shared/elasticsearch/names.ts';
import { loadCatalogFolders } from '../../../shared/runtime/catalog-files.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { UsageError } from '../command.ts';
import { type MessageReader, notificationOf } from './samples.ts';
import { cliConfigSource } from '../running-start.ts';

const schema = z.strictObject({ elasticsearch: elasticsearchSettings });

/** A notification from a JSON file. Throws UsageError when the file holds no incident. */
export async function notificationInFile(file: string, reader: MessageReader): Promise<Notification> {
  const text = await readFile(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} holds no JSON.`);
  }
  const found = await toNotification(value, reader, file);
  if (found === undefined)
    throw new UsageError(`${file} holds no incident: a snapshot, a notification, or a document of the incident index.`);
  return found;
}

/**
 * The notification of an incident in Elasticsearch. Throws UsageError when there is none,
 * Unavailable when Elasticsearch is.
 */
export async function notificationById(
  id: string,
  configFile: string | undefined,
  reader: MessageReader,
): Promise<Notification> {
  const { elasticsearch: settings } = loadConfig(schema, cliConfigSource(configFile));
  const elasticsearch = createElasticsearch(settings);
  try {
    const path = `/${indexNames(settings).incidents}/_doc/${encodeURIComponent(id)}`;
    const { status, body } = await elasticsearch.request({ method: 'GET', path });
    const found =
      status === 200
        ? await toNotification((body as { readonly _source?: unknown })._source, reader, `incident ${id}`)
        : undefined;
    if (found === undefined) throw new UsageError(`There is no incident ${id} in ${indexNames(settings).incidents}.`);
    return found;
  } finally {
    await elasticsearch.close();
  }
}

/** A file of an earlier version has none. */
function withPage({ page = '', ...notification }: Partial<Notification>, { consoleUrl }: MessageReader): Notification {
  return { ...(notification as Notification), page: page === '' ? consoleUrl : page };
}

/**
 * Undefined for anything else. Throws UsageError for a document of the incident index with wrong
 * fields.
 */
async function toNotification(value: unknown, reader: MessageReader, from: string): Promise<Notification | undefined> {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('incident' in value && 'reason' in value) return withPage(value as Notification, reader);
  if ('entity' in value && 'remediation' in value) return notificationOf(await filledIn(value as Incident), reader);
  if (!('foghorn' in value)) return undefined;
  const decoded = decodeIncidentDocument(value);
  if (decoded.kind === 'value') return notificationOf(incidentInDocument(decoded.value), reader);
  throw new UsageError(
    `${from} is not a document of an incident as the indexer writes it: ${decoded.kind === 'bad' ? decoded.detail : 'it is empty'}.`,
  );
}

/** A snapshot names its entry; the built-in ones are at hand. */
async function filledIn(incident: Incident): Promise<FilledIncident> {
  const { entries } = await loadCatalogFolders([]);
  return fillIncident(incident, (id) => entries.find((entry) => entryIdOf(entry) === id));
}
