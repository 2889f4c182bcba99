// What became of everything that was sent: every event once in Elasticsearch, every fault notified
// once by each receiver, counts right, no dead letters.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ActivityEntry, activityTopic } from '../../shared/contracts/activity.ts';
import { deadLettersTopic } from '../../shared/contracts/dead-letter.ts';
import { followed, followTopics } from '../../shared/kafka/follow-topics.ts';
import { readTopic } from '../../shared/kafka/read-topic.ts';
import { errorText } from '../../shared/runtime/errors.ts';
import type { TestElasticsearch } from '../support/elasticsearch.ts';
import type { TestKafka } from '../support/kafka.ts';
import { quietLog } from '../support/log.ts';
import { notifiedToSlack, notifiedToWebhook, wrongIn } from '../support/notified.ts';
import { until } from '../support/until.ts';
import type { Crowd } from './crowd.ts';
import type { Load, SentEvent } from './load.ts';
import { untilReached } from './progress.ts';
import { LIMIT_MS } from './state.ts';

/** Numbers of what is as it must be, and of what is not, with examples. */
export interface Verdict {
  readonly sent: number;
  readonly incidents: number;
  /** What is wrong, in words; empty when all is as it must be. */
  readonly faults: readonly string[];
}

/** Whose verdict, and what is wrong already. */
interface VerdictOptions {
  readonly fleet: string;
  readonly troubles: readonly string[];
  say(line: string): void;
}

/** What must not be, and each of it. */
type Figures = Readonly<Record<string, readonly string[]>>;

const EXAMPLES = 5;
const PAGE = 5000;
const RECEIVERS = 2;

/**
 * Waits until everything came through, or nothing comes any more, and looks; says each figure when
 * it is known. The load must be stopped. When something is wrong the logs stay, and beside them
 * what is wrong and the activity log.
 */
export async function verdictOf(load: Load, crowd: Crowd, { fleet, troubles, say }: VerdictOptions): Promise<Verdict> {
  const counts = countsOf(load.sent);
  const activity: ActivityEntry[] = [];
  const stopFollowing = await follow(crowd.kafka, activity);
  const late = await lateIn(crowd, { sent: load.sent.length, counts, activity, say });
  await stopFollowing();
  const figures: Record<string, readonly string[]> = { 'steps that did not end': [...troubles, ...late] };
  for (const look of looksAt(load.sent, { crowd, counts, fleet }))
    for (const [what, those] of Object.entries(await figuresOf(look))) {
      say(`${those.length} ${what}`);
      figures[what] = [...(figures[what] ?? []), ...those];
    }
  const incidents = counts.size;
  say(
    `${load.sent.length} events sent, ${load.accepted()} accepted, ${incidents} incidents, ` +
      `${repeatsIn(crowd)} webhook requests repeated with the same Idempotency-Key; answers to senders: ` +
      [...load.outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', '),
  );
  const faults = Object.entries(figures).flatMap(inWords);
  for (const fault of faults) say(`WRONG: ${fault}`);
  if (faults.length === 0)
    say(
      'every event once in Elasticsearch, every incident notified once by each receiver, counts right, no dead letters',
    );
  else say(`logs and all that is wrong: ${keep(crowd, figures, activity)}`);
  return { sent: load.sent.length, incidents, faults };
}

/** Groups of figures that are found together. */
function looksAt(
  sent: readonly SentEvent[],
  { crowd, counts, fleet }: { readonly crowd: Crowd; readonly counts: Counts; readonly fleet: string },
): readonly (() => Promise<Figures> | Figures)[] {
  const hosts = [...counts.keys()];
  return [
    async () => {
      const found = await identitiesIn(crowd.elasticsearch);
      const documents = await crowd.elasticsearch.count({ match_all: {} });
      return {
        'events not accepted': sent.flatMap(({ identity, acceptedMs }) => (acceptedMs === undefined ? [identity] : [])),
        'events not in Elasticsearch': sent.flatMap(({ identity }) => (found.has(identity) ? [] : [identity])),
        'events in Elasticsearch more than once': [...found].flatMap(([one, count]) => (count > 1 ? [one] : [])),
        'documents that are not one of each event':
          documents === sent.length ? [] : [`${documents} of ${sent.length} documents`],
      };
    },
    async () => ({ 'incidents with a wrong count': wrongCounts(counts, await incidentsIn(crowd.elasticsearch)) }),
    () => {
      const webhook = wrongIn(notifiedToWebhook(crowd.webhook), hosts);
      return {
        'incidents never notified by webhook': webhook.never,
        'incidents notified by more than one Idempotency-Key': webhook.twice,
        'webhooks about others': webhook.others,
      };
    },
    () => {
      const slack = wrongIn(notifiedToSlack(crowd.slack, new RegExp(`${fleet}-\\d+\\.example\\.org`, 'u')), hosts);
      return {
        'incidents never notified by Slack': slack.never,
        'incidents in more than one post of Slack': slack.twice,
        'posts about others': slack.others,
      };
    },
    async () => ({ 'dead letters': await deadLettersIn(crowd.kafka) }),
    () => ({ 'errors in logs': crowd.errors() }),
  ];
}

/** A look that fails is repeated, and in the end a figure of its own: the others count. */
async function figuresOf(look: () => Promise<Figures> | Figures): Promise<Figures> {
  return await until('figures are found', look, LIMIT_MS).catch((error: unknown) => ({
    'looks that failed': [`${errorText(error)}; ${errorText((error as Error).cause)}`],
  }));
}

function inWords([what, those]: readonly [string, readonly string[]]): readonly string[] {
  return those.length === 0 ? [] : [`${those.length} ${what}: ${those.slice(0, EXAMPLES).join('; ').slice(0, 1500)}`];
}

function keep(crowd: Crowd, figures: Figures, entries: readonly ActivityEntry[]): string {
  const folder = crowd.keepLogs();
  writeFileSync(join(folder, 'wrong.json'), JSON.stringify(figures, undefined, 1));
  writeFileSync(join(folder, 'activity.ndjson'), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return folder;
}

/** How many events each faulty host sent. */
type Counts = ReadonlyMap<string, number>;

function countsOf(sent: readonly SentEvent[]): Counts {
  const counts = new Map<string, number>();
  for (const { host, isFault } of sent) if (isFault) counts.set(host, (counts.get(host) ?? 0) + 1);
  return counts;
}

/** Waits for each; gives what did not come. */
async function lateIn(
  { elasticsearch, webhook, slack }: Crowd,
  {
    sent,
    counts,
    activity,
    say,
  }: {
    readonly sent: number;
    readonly counts: Counts;
    readonly activity: readonly ActivityEntry[];
    say(line: string): void;
  },
): Promise<readonly string[]> {
  const hosts = counts.size;
  const waits: readonly (readonly [what: string, wanted: number, look: () => Promise<number> | number])[] = [
    ['events indexed', sent, async () => await elasticsearch.count({ match_all: {} })],
    ['incidents notified by webhook', hosts, () => notifiedToWebhook(webhook).size],
    ['incidents notified by Slack', hosts, () => slack.parents().length],
    ['incidents counted', hosts, async () => hosts - wrongCounts(counts, await incidentsIn(elasticsearch)).length],
    ['deliveries settled', hosts * RECEIVERS, () => settledIn(activity)],
  ];
  const late: string[] = [];
  for (const [what, wanted, look] of waits) {
    const trouble = await untilReached({ what, wanted, look, say });
    say(trouble ?? `${what}: ${wanted}`);
    if (trouble !== undefined) late.push(trouble);
  }
  return late;
}

/**
 * Follows the activity log from its beginning; gives how to stop. Without it nothing is settled.
 */
async function follow({ kafka, settings }: TestKafka, entries: ActivityEntry[]): Promise<() => Promise<void>> {
  const topics = [followed(activityTopic, (entry) => void entries.push(entry))];
  const begin = async () => await followTopics(kafka, settings, { topics, log: quietLog, fromBeginning: true });
  const follower = await until('the activity log is followed', begin, LIMIT_MS).catch(() => undefined);
  return async () => await follower?.stop(AbortSignal.timeout(LIMIT_MS)).catch(() => undefined);
}

/** How many incidents' deliveries are in the activity log, of each receiver. */
function settledIn(activity: readonly ActivityEntry[]): number {
  const settled = activity.flatMap((entry) =>
    entry.type === 'notified' ? [`${entry.incidentId} ${entry.receiver}`] : [],
  );
  return new Set(settled).size;
}

async function deadLettersIn({ kafka, settings }: TestKafka): Promise<readonly string[]> {
  const letters: string[] = [];
  await readTopic(kafka, settings, deadLettersTopic, async (some) => {
    letters.push(...some.map(({ reason, detail }) => `${reason}: ${detail}`));
    await Promise.resolve();
  });
  return letters;
}

/** Requests to the webhook beyond the first of each key: its receiver takes them for one. */
function repeatsIn({ webhook }: Crowd): number {
  const deliveries = webhook.deliveries();
  return deliveries.length - new Set(deliveries.map(({ idempotencyKey }) => idempotencyKey)).size;
}

function wrongCounts(counts: Counts, found: ReadonlyMap<string, readonly number[]>) {
  return [...counts].flatMap(([host, count]) => {
    const those = found.get(host) ?? [];
    return those.length === 1 && those[0] === count ? [] : [`${host}: ${those.join(' and ')} of ${count}`];
  });
}

/** The counts of the incidents of each host. */
async function incidentsIn(elasticsearch: TestElasticsearch): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  for await (const source of everything(elasticsearch, elasticsearch.names.incidents, ['foghorn.incident.id'])) {
    const { host, foghorn } = source;
    found.set(host.name, [...(found.get(host.name) ?? []), Number(foghorn?.incident.total_count)]);
  }
  return found;
}

/** How often each event is there. */
async function identitiesIn(elasticsearch: TestElasticsearch): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for await (const source of everything(elasticsearch, elasticsearch.names.events, ['@timestamp', 'host.name'])) {
    const { host, winlog } = source;
    const identity = `${host.name} ${winlog?.record_id}`;
    found.set(identity, (found.get(identity) ?? 0) + 1);
  }
  return found;
}

/** Every document of an index, by fields that together differ in each of them. */
async function* everything(
  { elasticsearch }: TestElasticsearch,
  index: string,
  fields: readonly string[],
): AsyncGenerator<FoundSource> {
  await elasticsearch.request({ method: 'POST', path: `/${index}/_refresh` });
  let after: readonly unknown[] | undefined;
  for (;;) {
    const place = after === undefined ? {} : { search_after: after };
    const { body } = await elasticsearch.request({
      method: 'POST',
      path: `/${index}/_search`,
      query: { allow_partial_search_results: 'false' },
      body: {
        size: PAGE,
        sort: fields.map((field) => ({ [field]: 'asc' })),
        _source: SOURCE,
        track_total_hits: false,
        ...place,
      },
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
