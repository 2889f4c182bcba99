// Follows the sample 309 through the pipeline, stage by stage, by the result of each stage.
import { setTimeout as delay } from 'node:timers/promises';
import { topicName } from '../../shared/contracts/topics.ts';
import {
  createElasticsearch,
  type Elasticsearch,
  type ElasticsearchSettings,
  reasonText,
} from '../../shared/elasticsearch/client.ts';
import { indexNames } from '../../shared/elasticsearch/names.ts';
import { errorText, Unavailable } from '../../shared/runtime/errors.ts';
import { getPath } from '../../shared/runtime/settings.ts';
import type { Sample } from './samples.ts';
import { StageFailed } from './stage-failed.ts';

/** Where to ship to, where to look, and where to report. */
export interface Way {
  readonly eventsUrl: string;
  /** A bearer token of the collector, if it needs one. */
  readonly token: string | undefined;
  readonly topicPrefix: string;
  readonly elasticsearch: ElasticsearchSettings;
  /** Marks the events of this start. */
  readonly recordId: number;
  readonly signal: AbortSignal;
  say(stage: string, text: string): void;
}

const LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;

type Find = (wanted: Wanted) => Promise<FoundDocument>;

/** A document by dotted field names; what is not there is an empty text. */
type FoundDocument = (field: string) => string;

/**
 * Ships the samples and reports each stage by `say`. Throws StageFailed with the stage that failed,
 * and when `signal` aborts.
 */
export async function followSamples(samples: readonly Sample[], way: Way): Promise<void> {
  for (const sample of samples) way.say('accepted', await ship(sample, way));
  const elasticsearch = createElasticsearch(way.elasticsearch);
  const find: Find = (wanted) => findOne(elasticsearch, wanted, way.signal);
  try {
    const event = await find({
      stage: 'document in Elasticsearch',
      index: indexNames(way.elasticsearch).events,
      terms: { 'winlog.record_id': way.recordId, 'winlog.provider_name': 'WMServer' },
    });
    followEvent(event, way);
    await followIncident(event, find, way);
  } finally {
    await elasticsearch.close();
  }
}

function followEvent(event: FoundDocument, { elasticsearch, say }: Way): void {
  if (event('rule.id') === '')
    throw new StageFailed('matched entry: the document is there but no catalogue entry matched it');
  say('matched entry', `${event('rule.id')}, version ${event('rule.version')}: ${event('foghorn.remediation.title')}`);
  say(
    'tagged',
    `server.port ${event('server.port')}, host.name ${event('host.name')}, event.reference ${event('event.reference')}`,
  );
  say('in Elasticsearch', `${indexNames(elasticsearch).events}, _id ${event('event.id')}`);
}

async function followIncident(event: FoundDocument, find: Find, { elasticsearch, say }: Way): Promise<void> {
  const names = indexNames(elasticsearch);
  const terms = { 'foghorn.incident.last_event_id': event('event.id') };
  const incident = await find({ stage: 'incident', index: names.incidents, terms });
  const [id, episode, count] = [
    incident('foghorn.incident.id'),
    incident('foghorn.incident.episode'),
    incident('foghorn.incident.total_count'),
  ];
  say('incident', `${id}: ${incident('foghorn.incident.state')}, episode ${episode}, event number ${count} of it`);
  const delivery = await find({
    stage: 'delivery',
    index: names.actions,
    terms: { 'foghorn.incident.id': id, 'foghorn.incident.episode': episode, 'event.action': 'notified' },
  });
  const took = `by ${delivery('foghorn.action.receiver')}, ${delivery('foghorn.action.time_to_alert_ms')} ms after acceptance`;
  say(
    'delivered',
    count === '1'
      ? took
      : `${took}, at ${delivery('@timestamp')}: the incident was open already, so nobody is notified again`,
  );
}

async function ship(sample: Sample, { eventsUrl, token, topicPrefix, signal }: Way): Promise<string> {
  const response = await fetch(eventsUrl, {
    method: 'POST',
    headers: {
      'content-type': sample.contentType,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: sample.body,
    signal,
  }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new StageFailed(`accepted: the collector cannot be reached at ${eventsUrl}: ${errorText(cause)}`);
  });
  const text = await response.text();
  if (response.status !== 200)
    throw new StageFailed(`accepted: the collector answered ${response.status} to ${sample.name}: ${text}`);
  const { offsets } = JSON.parse(text) as { offsets?: readonly { partition: number; first: string; last: string }[] };
  const places = (offsets ?? []).map(
    ({ partition, first, last }) =>
      `${topicName(topicPrefix, 'raw')} partition ${partition} offset ${first}${first === last ? '' : `–${last}`}`,
  );
  return `${sample.name}: ${places.join(', ')}`;
}

interface Wanted {
  readonly stage: string;
  readonly index: string;
  readonly terms: Readonly<Record<string, unknown>>;
}

interface SearchAnswer {
  readonly hits?: { readonly hits: readonly { readonly _source: unknown }[] };
}

async function findOne(
  elasticsearch: Elasticsearch,
  { stage, index, terms }: Wanted,
  signal: AbortSignal,
): Promise<FoundDocument> {
  const body = {
    size: 1,
    query: { bool: { filter: Object.entries(terms).map(([field, value]) => ({ term: { [field]: value } })) } },
    sort: [{ '@timestamp': { order: 'desc', unmapped_type: 'date' } }],
  };
  const query = { ignore_unavailable: 'true' };
  const end = Date.now() + LIMIT_MS;
  let last = 'nothing found';
  while (Date.now() < end) {
    try {
      const request = { method: 'POST', path: `/${index}/_search`, query, body } as const;
      const answer = await elasticsearch.request(request, signal);
      const hit = (answer.body as SearchAnswer).hits?.hits[0];
      if (hit !== undefined) return (field) => textAt(hit._source, field);
      last = answer.status === 200 ? 'nothing found' : reasonText(answer.body);
    } catch (error) {
      signal.throwIfAborted();
      // An index that was made a moment ago has no shard to search yet; credentials that are
      // refused stay so.
      if (!(error instanceof Unavailable) || error.code === 'forbidden')
        throw new StageFailed(`${stage}: ${errorText(error)}`);
      last = errorText(error);
    }
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
  throw new StageFailed(`${stage}: not in ${index} within ${LIMIT_MS / 1000} s: ${last}`);
}

function textAt(source: unknown, field: string): string {
  const value = getPath(source, field.split('.'));
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
