// Follows the sample 309 through the pipeline, stage by stage, by looking where each stage leaves its trace.
import { Client, errors } from '@elastic/elasticsearch';
import { setTimeout as delay } from 'node:timers/promises';
import { getPath } from '../../shared/runtime/settings.ts';
import type { Sample } from './samples.ts';

/** Where to look. */
export interface Places {
  readonly eventsUrl: string;
  readonly elasticsearchUrl: string;
  /** Marks the events of this start. */
  readonly recordId: number;
}

/** A stage that did not come to its end. */
export class StageFailed extends Error {
  override readonly name = 'StageFailed';
}

const LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;
const EVENTS = 'logs-windows.forwarded.foghorn-default';
const INCIDENTS = 'foghorn-incidents';
const ACTIONS = 'logs-foghorn.actions-default';

type Say = (stage: string, text: string) => void;
type Find = (stage: string, index: string, terms: Readonly<Record<string, unknown>>) => Promise<FoundDocument>;

/** A document by dotted field names; what is not there is an empty text. */
type FoundDocument = (field: string) => string;

/** Ships the samples and reports each stage by `say`. Throws StageFailed with the stage that failed. */
export async function followSamples(samples: readonly Sample[], places: Places, say: Say): Promise<void> {
  for (const sample of samples) say('accepted', await ship(sample, places.eventsUrl));
  const client = new Client({ node: places.elasticsearchUrl });
  const find: Find = async (stage, index, terms) => await findOne(client, { stage, index, terms });
  try {
    const event = await find('document in Elasticsearch', EVENTS, {
      'winlog.record_id': places.recordId,
      'winlog.provider_name': 'WMServer',
    });
    followEvent(event, say);
    await followIncident(event, find, say);
  } finally {
    await client.close();
  }
}

function followEvent(event: FoundDocument, say: Say): void {
  if (event('rule.id') === '')
    throw new StageFailed('matched entry: the document is there but no catalogue entry matched it');
  say('matched entry', `${event('rule.id')}, version ${event('rule.version')}: ${event('foghorn.remediation.title')}`);
  say(
    'tagged',
    `server.port ${event('server.port')}, host.name ${event('host.name')}, event.reference ${event('event.reference')}`,
  );
  say('in Elasticsearch', `${EVENTS}, _id ${event('event.id')}`);
}

async function followIncident(event: FoundDocument, find: Find, say: Say): Promise<void> {
  const incident = await find('incident', INCIDENTS, { 'foghorn.incident.last_event_id': event('event.id') });
  const [id, episode, count] = [
    incident('foghorn.incident.id'),
    incident('foghorn.incident.episode'),
    incident('foghorn.incident.total_count'),
  ];
  say('incident', `${id}: ${incident('foghorn.incident.state')}, episode ${episode}, event number ${count} of it`);
  const delivery = await find('delivery', ACTIONS, {
    'foghorn.incident.id': id,
    'foghorn.incident.episode': episode,
    'event.action': 'notified',
  });
  const took = `by ${delivery('foghorn.action.channel')}, ${delivery('foghorn.action.time_to_alert_ms')} ms after acceptance`;
  say(
    'delivered',
    count === '1'
      ? took
      : `${took}, at ${delivery('@timestamp')}: the incident was open already, so nobody is told again`,
  );
}

async function ship(sample: Sample, url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': sample.contentType },
    body: sample.body,
  });
  const text = await response.text();
  if (response.status !== 200)
    throw new StageFailed(`accepted: the collector answered ${response.status} to ${sample.name}: ${text}`);
  const { offsets } = JSON.parse(text) as { offsets?: readonly { partition: number; first: string; last: string }[] };
  const places = (offsets ?? []).map(
    ({ partition, first, last }) =>
      `foghorn.raw partition ${partition} offset ${first}${first === last ? '' : `–${last}`}`,
  );
  return `${sample.name}: ${places.join(', ')}`;
}

interface Wanted {
  readonly stage: string;
  readonly index: string;
  readonly terms: Readonly<Record<string, unknown>>;
}

async function findOne(client: Client, { stage, index, terms }: Wanted): Promise<FoundDocument> {
  const filter = Object.entries(terms).map(([field, value]) => ({ term: { [field]: value } }));
  const end = Date.now() + LIMIT_MS;
  while (Date.now() < end) {
    const answer = await client
      .search({
        index,
        size: 1,
        ignore_unavailable: true,
        query: { bool: { filter: filter as object[] } },
        sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }],
      })
      .catch(notYet);
    const source = answer?.hits.hits[0]?._source;
    if (source !== undefined) return (field) => textAt(source, field);
    await delay(LOOK_EVERY_MS);
  }
  throw new StageFailed(`${stage}: nothing found in ${index} within ${LIMIT_MS / 1000} s`);
}

function textAt(source: unknown, field: string): string {
  const value = getPath(source, field.split('.'));
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** An index that was made a moment ago has no shard to search yet: Elasticsearch answers 503. */
function notYet(error: unknown): undefined {
  if (error instanceof errors.ResponseError && error.statusCode === 503) return undefined;
  throw error;
}
