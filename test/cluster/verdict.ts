// What became of everything that was sent: every event once in Elasticsearch, every fault notified
// once by each receiver, counts right, no dead letters.
import type { TestElasticsearch } from '../support/elasticsearch.ts';
import { notifiedToSlack, notifiedToWebhook, wrongIn } from '../support/notified.ts';
import { until } from '../support/until.ts';
import type { Crowd } from './crowd.ts';
import type { Load, SentEvent } from './load.ts';

/** Numbers of what is as it must be, and of what is not, with examples. */
export interface Verdict {
  readonly sent: number;
  readonly incidents: number;
  /** What is wrong, in words; empty when all is as it must be. */
  readonly faults: readonly string[];
}

/** How long the services may take to get through what waits. */
const CATCH_UP_MS = 300_000;
const EXAMPLES = 5;
const PAGE = 5000;

/** Waits until everything came through, or long enough, and looks. The load must be stopped. */
export async function verdictOf({ sent }: Load, crowd: Crowd, fleet: string): Promise<Verdict> {
  const counts = countsOf(sent);
  const hosts = [...counts.keys()];
  const host = new RegExp(`${fleet}-\\d+\\.example\\.org`, 'u');
  const late = await lateIn(crowd, sent.length, counts);
  const webhook = wrongIn(notifiedToWebhook(crowd.webhook), hosts);
  const slack = wrongIn(notifiedToSlack(crowd.slack, host), hosts);
  const found = await identitiesIn(crowd.elasticsearch);
  const documents = await crowd.elasticsearch.count({ match_all: {} });
  const deadLetters = await crowd.kafka.readAll('deadLetters');
  const incidents = await incidentsIn(crowd.elasticsearch);
  const wrong: Readonly<Record<string, readonly string[]>> = {
    'not within the limit': late,
    'events not in Elasticsearch': sent.flatMap(({ identity }) => (found.has(identity) ? [] : [identity])),
    'events in Elasticsearch more than once': [...found].flatMap(([identity, count]) => (count > 1 ? [identity] : [])),
    'documents that are not one of each event': documents === sent.length ? [] : [`${documents} of ${sent.length}`],
    'incidents with a wrong count': wrongCounts(counts, incidents),
    'incidents never notified by webhook': webhook.never,
    'incidents notified by more than one Idempotency-Key': webhook.twice,
    'webhooks about others': webhook.others,
    'incidents never notified by Slack': slack.never,
    'incidents in more than one post of Slack': slack.twice,
    'posts about others': slack.others,
    'dead letters': deadLetters.map(({ headers }) => `${headers['dead-reason']} ${headers['dead-detail']}`),
    'errors in logs': crowd.errors(),
  };
  return { sent: sent.length, incidents: hosts.length, faults: Object.entries(wrong).flatMap(inWords) };
}

function inWords([what, those]: readonly [string, readonly string[]]): readonly string[] {
  return those.length === 0 ? [] : [`${those.length} ${what}: ${those.slice(0, EXAMPLES).join('; ').slice(0, 1500)}`];
}

/** How many events each faulty host sent. */
function countsOf(sent: readonly SentEvent[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { host, isFault } of sent) if (isFault) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}

/** Waits for each; gives what did not come. */
async function lateIn(crowd: Crowd, sent: number, counts: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const { elasticsearch, webhook, slack, kafka } = crowd;
  const waits: readonly (readonly [string, () => Promise<boolean> | boolean])[] = [
    ['every event is indexed', async () => (await elasticsearch.count({ match_all: {} })) >= sent],
    ['the webhook knows every incident', () => notifiedToWebhook(webhook).size >= counts.size],
    ['Slack too', () => slack.parents().length >= counts.size],
    ['every event is counted', async () => wrongCounts(counts, await incidentsIn(elasticsearch)).length === 0],
    ['every delivery is settled', async () => (await settledIn(kafka)) >= counts.size * RECEIVERS],
  ];
  const late: string[] = [];
  for (const [what, look] of waits)
    await until(what, look, CATCH_UP_MS).catch((error: unknown) => late.push(String(error)));
  return late;
}

const RECEIVERS = 2;

/** How many incidents' deliveries are in the activity log, of each receiver. */
async function settledIn(kafka: Crowd['kafka']): Promise<number> {
  const settled = new Set<string>();
  for (const { value } of await kafka.readAll('actions')) {
    const { type, incidentId, receiver } = JSON.parse(String(value)) as Readonly<Record<string, string>>;
    if (type === 'notified') settled.add(`${incidentId} ${receiver}`);
  }
  return settled.size;
}

function wrongCounts(counts: ReadonlyMap<string, number>, found: ReadonlyMap<string, readonly number[]>) {
  return [...counts].flatMap(([host, count]) => {
    const those = found.get(host) ?? [];
    return those.length === 1 && those[0] === count ? [] : [`${host}: ${those.join(' and ')} of ${count}`];
  });
}

/** The counts of the incidents of each host. */
async function incidentsIn(elasticsearch: TestElasticsearch): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  for await (const source of everything(elasticsearch, elasticsearch.names.incidents, 'foghorn.incident.id')) {
    const { host, foghorn } = source;
    found.set(host.name, [...(found.get(host.name) ?? []), Number(foghorn?.incident.total_count)]);
  }
  return found;
}

/** How often each event is there. */
async function identitiesIn(elasticsearch: TestElasticsearch): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for await (const source of everything(elasticsearch, elasticsearch.names.events, '@timestamp')) {
    const { host, winlog } = source;
    const identity = `${host.name} ${winlog?.record_id}`;
    found.set(identity, (found.get(identity) ?? 0) + 1);
  }
  return found;
}

/** Every document of an index, by a field that differs in each of them. */
async function* everything(
  { elasticsearch }: TestElasticsearch,
  index: string,
  field: string,
): AsyncGenerator<FoundSource> {
  await elasticsearch.request({ method: 'POST', path: `/${index}/_refresh` });
  let after: readonly unknown[] | undefined;
  for (;;) {
    const place = after === undefined ? {} : { search_after: after };
    const { body } = await elasticsearch.request({
      method: 'POST',
      path: `/${index}/_search`,
      query: { allow_partial_search_results: 'false' },
      body: { size: PAGE, sort: [{ [field]: 'asc' }], _source: SOURCE, track_total_hits: false, ...place },
    });
    const { hits } = (body as { readonly hits: { readonly hits: readonly Hit[] } }).hits;
    for (const { _source: source } of hits) yield source;
    after = hits.at(-1)?.sort;
    if (after === undefined || hits.length < PAGE) return;
  }
}

/** Of an event or of an incident. */
interface FoundSource {
  readonly host: { readonly name: string };
  readonly winlog?: { readonly record_id: string | number };
  readonly foghorn?: { readonly incident: { readonly total_count: number } };
}

const SOURCE = ['host.name', 'winlog.record_id', 'foghorn.incident.total_count'];

interface Hit {
  readonly _source: FoundSource;
  readonly sort: readonly unknown[];
}
