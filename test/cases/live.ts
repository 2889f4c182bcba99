// Posts cases to a running Foghorn and finds what became of each: by the sender's name, which
// differs from case to case, in Kafka and in Elasticsearch.
import { randomBytes } from 'node:crypto';
import { alertsTopic, eventsTopic } from '../../shared/contracts/enriched-event.ts';
import { deadLettersTopic } from '../../shared/contracts/dead-letter.ts';
import type { Topic, TopicKey } from '../../shared/contracts/record.ts';
import { topicName } from '../../shared/contracts/topics.ts';
import { type KafkaClient, type KafkaSettings, withAdmin } from '../../shared/kafka/client.ts';
import { readTopic } from '../../shared/kafka/read-topic.ts';
import { until } from '../support/until.ts';
import { deviationsOf, type Outcome } from './expectations.ts';
import type { Case } from './read-cases.ts';

/** A running Foghorn and what lies behind it. */
export interface Target {
  readonly eventsUrl: string;
  readonly token?: string;
  readonly kafka: { readonly kafka: KafkaClient; readonly settings: KafkaSettings };
  /** The documents of the event stream with these ids. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
}

/** What became of a case. */
export interface CaseRow {
  readonly name: string;
  readonly given: Case;
  readonly outcomes: readonly Outcome[];
  /** Undefined where no expectation is there that a machine can read. */
  readonly faults: readonly string[] | undefined;
}

interface Answer {
  readonly agent: string;
  readonly status: number;
  /**
   * Refused events of a request of which others were taken become dead letters; of others the
   * answer is all there is.
   */
  readonly refused: readonly Outcome[];
}

/**
 * Posts the cases one after the other and gives a row for each; one says nothing of another. Throws
 * where what became of them does not show in time.
 */
export async function runCases(target: Target, cases: readonly Case[]): Promise<readonly CaseRow[]> {
  const run = randomBytes(4).toString('hex');
  const answers: Answer[] = [];
  for (const [index, given] of cases.entries()) answers.push(await post(target, given, `case-${run}-${index}`));
  for (const [stage, topic] of STAGES) await isRead(target, stage, topic);
  const found = await outcomesOf(target, answers);
  return cases.map((given, index) => {
    const { agent, refused } = answers[index] as Answer;
    const outcomes = [...(found.get(agent) ?? []), ...refused];
    return {
      name: given.name,
      given,
      outcomes,
      faults: given.expected === undefined ? undefined : deviationsOf(given.expected, outcomes),
    };
  });
}

/** What every event passes, in this order, and what each of them reads. */
const STAGES: readonly (readonly [string, TopicKey])[] = [
  ['enricher', 'raw'],
  ['indexer', 'events'],
];
const LIMIT_MS = 180_000;

/** Resolves when a stage has taken and committed all that lies in its topic. */
async function isRead({ kafka: { kafka, settings } }: Target, stage: string, key: TopicKey): Promise<void> {
  const topic = topicName(settings.topicPrefix, key);
  const groupId = `${settings.topicPrefix}.${stage}`;
  await withAdmin(kafka, async (admin) => {
    const look = async (): Promise<boolean> => {
      const [read] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const offsets = new Map(read?.partitions.map(({ partition, offset }) => [partition, offset]));
      const ends = await admin.fetchTopicOffsets(topic);
      return ends.every(({ partition, low, high }) => low === high || offsets.get(partition) === high);
    };
    await until(`${stage} has read all of ${topic}`, look, LIMIT_MS);
  });
}

async function post({ eventsUrl, token }: Target, { body, contentType }: Case, agent: string): Promise<Answer> {
  const response = await fetch(eventsUrl, {
    method: 'POST',
    headers: {
      'content-type': contentType,
      'user-agent': agent,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: new Uint8Array(body),
  });
  const text = await response.text();
  if (response.ok) return { agent, status: response.status, refused: [] };
  return { agent, status: response.status, refused: refusalsOf(text, response.status) };
}

function refusalsOf(text: string, status: number): readonly Outcome[] {
  const answer = JSON.parse(text) as { readonly errors?: readonly { reason: string; detail: string }[] };
  const errors = answer.errors ?? [];
  if (errors.length === 0) return [{ kind: 'dead letter', reason: `answer ${status}`, detail: text }];
  return errors.map(({ reason, detail }) => ({ kind: 'dead letter', reason, detail }));
}

/** By the sender's name: documents as Elasticsearch has them, and dead letters. */
async function outcomesOf(
  target: Target,
  answers: readonly Answer[],
): Promise<ReadonlyMap<string, readonly Outcome[]>> {
  const agents = new Set(answers.map(({ agent }) => agent));
  const [events, letters, alerts] = [
    await valuesOf(target, eventsTopic),
    await valuesOf(target, deadLettersTopic),
    await valuesOf(target, alertsTopic),
  ];
  const alerted = new Set(
    alerts.flatMap((alert) => ('eventId' in alert && 'match' in alert ? [`${alert.agent} ${alert.eventId}`] : [])),
  );
  const own = events
    .map(({ id, json }) => ({ id, document: JSON.parse(json.toString('utf8')) as Readonly<Record<string, unknown>> }))
    .map((event) => ({ ...event, agent: agentOf(event.document) }))
    .filter(({ agent }) => agents.has(agent));
  const stored = await target.find([...new Set(own.map(({ id }) => id))]);
  const outcomes = new Map<string, Outcome[]>([...agents].map((agent) => [agent, []]));
  for (const { id, document, agent } of own) {
    const isAlerted = alerted.has(`${agent} ${id}`);
    outcomes.get(agent)?.push(asStored({ id, document, agent, isAlerted, stored: stored.get(id) }));
  }
  for (const { original, reason, detail } of letters) {
    const agent = original.headers['agent'] ?? agentIn(original.value);
    // Cases of several people may be of one event and state different things of it: that is not
    // what they are about.
    if (reason === 'conflict' && own.some((event) => event.id === original.headers['id'] && event.agent !== agent))
      continue;
    outcomes.get(agent)?.push({ kind: 'dead letter', reason, detail });
  }
  return outcomes;
}

async function valuesOf<T>({ kafka: { kafka, settings } }: Target, topic: Topic<T>): Promise<readonly T[]> {
  const all: T[] = [];
  await readTopic(kafka, settings, topic, async (values) => {
    all.push(...values);
    await Promise.resolve();
  });
  return all;
}

interface Sent {
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly agent: string;
  readonly isAlerted: boolean;
  readonly stored: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The stored document; where another case's event is the same one, the document that was sent: what
 * is stored is of the first.
 */
function asStored({ id, document, agent, isAlerted, stored }: Sent): Outcome {
  if (stored === undefined) return { kind: 'dead letter', reason: 'not in Elasticsearch', detail: id };
  return { kind: 'document', id, document: agentOf(stored) === agent ? stored : document, isAlerted };
}

function agentOf(document: Readonly<Record<string, unknown>>): string {
  const { agent } = (document['foghorn'] ?? {}) as { readonly agent?: unknown };
  return typeof agent === 'string' ? agent : '';
}

/** Of a dead letter of the indexer's, whose original is a document. */
function agentIn(value: Buffer | null): string {
  try {
    return agentOf(JSON.parse(value?.toString('utf8') ?? '') as Readonly<Record<string, unknown>>);
  } catch {
    // The original is no document: it is of nobody here.
    return '';
  }
}
