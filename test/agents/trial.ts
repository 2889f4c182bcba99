// Every agent ships the same events while the collectors are killed and started again, and while
// Kafka is away: what arrived, counted by what the enricher made of it.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, createChildren } from '../../deploy/local/process.ts';
import { deadLettersTopic } from '../../shared/contracts/dead-letter.ts';
import { eventsTopic } from '../../shared/contracts/enriched-event.ts';
import { followed, followTopics } from '../../shared/kafka/follow-topics.ts';
import { testKafka } from '../support/kafka.ts';
import { quietLog } from '../support/log.ts';
import type { OwnServer } from '../support/own-servers.ts';
import { until } from '../support/until.ts';
import type { Ending } from '../support/ending.ts';
import type { Agent, Loses } from './agent.ts';
import { eventLines, recordIdsIn } from './events.ts';
import { type Receivers, startReceivers } from './receivers.ts';

/** What became of the events of one agent. */
export interface Outcome {
  readonly agent: Agent;
  readonly sent: number;
  /** Distinct ids of events. */
  readonly arrived: number;
  /** How often an event came again, all repeats together. */
  readonly repeats: number;
  /** Events that it gave up and wrote into a file; they are none of `lost`. */
  readonly givenUp: number;
  /** The record ids that did not arrive, by when they were given to the agent. */
  readonly lost: Readonly<Record<Phase, readonly number[]>>;
  /** UDP: what the collector counted as dropped after its second start. */
  readonly dropped: number;
}

/**
 * When an agent gets its events: while all is well; just before the collectors are killed; while
 * they are gone; just before Kafka hangs; while it hangs.
 */
const PHASES = ['well', 'killed', 'gone', 'hung', 'away'] as const;
type Phase = (typeof PHASES)[number];

/** How a trial goes. */
export interface TrialOptions {
  readonly agents: readonly Agent[];
  /** For each agent; a multiple of five. */
  readonly events: number;
  readonly awayMs: number;
  readonly kafka: OwnServer;
  /** An empty folder for logs, files and states of the agents. */
  readonly folder: string;
  say(line: string): void;
}

const LOG = 'agent.log';
const LIMIT_MS = 480_000;
/** Nothing further is expected when nothing came for so long. */
const QUIET_MS = 15_000;

/**
 * Runs it. Rejects when agents that lose nothing by their protocol are not through within some
 * minutes.
 */
export async function runTrial(t: Ending, options: TrialOptions): Promise<readonly Outcome[]> {
  const { agents, events, folder, kafka: server } = options;
  const kafka = await testKafka(t, { brokers: [server.address] });
  const env = { KAFKA_BROKERS: server.address, FOGHORN_KAFKA_TOPIC_PREFIX: kafka.settings.topicPrefix };
  const receivers = await startReceivers(t, { folder, kafka: kafka.kafka, env });
  const arrivals = new Arrivals();
  const topics = [
    followed(eventsTopic, ({ id, json }) => arrivals.take(id, json)),
    followed(deadLettersTopic, ({ reason, detail }) => options.say(`a dead letter: ${reason}: ${detail}`)),
  ];
  const follower = await followTopics(kafka.kafka, kafka.settings, { topics, log: quietLog });
  const children = createChildren();
  t.after(async () => {
    await follower.stop(AbortSignal.timeout(10_000));
    await children.stopAll();
  });
  const hosts = agents.map((agent): Host => {
    const own = join(folder, agent.name);
    const file = join(own, 'events.json');
    mkdirSync(own);
    writeFileSync(file, '');
    const { checkArgs: _check, givenUp, ...command } = agent.configure({ folder: own, file, fill: receivers.fill });
    const child = children.start({ name: agent.name, ...command, cwd: own, logFile: join(own, LOG) });
    return { agent, file, child, givenUp };
  });
  const feed = (phase: Phase): void => {
    const first = 1 + (PHASES.indexOf(phase) * events) / PHASES.length;
    for (const { agent, file } of hosts)
      appendFileSync(file, `${eventLines(hostOf(agent), first, events / PHASES.length).join('\n')}\n`);
  };
  const ended = Promise.race(hosts.map(whenEnded));
  await goThrough(options, { receivers, arrivals, hosts, feed, wait: waitingUnless(ended) });
  const dropped = await receivers.dropped();
  return hosts.map((host) => ({
    agent: host.agent,
    sent: events,
    dropped,
    ...arrivals.outcomeOf(hostOf(host.agent), events, keptBy(host)),
  }));
}

/** Resolves when an agent ends by itself. */
async function whenEnded({ agent, child }: Host): Promise<Error> {
  return new Error(`${agent.name} ended with exit code ${await child.exited}`);
}

/** Waits as `until` does, but no longer than until an agent ends. */
function waitingUnless(ended: Promise<Error>): Parts['wait'] {
  let end: Error | undefined;
  void ended.then((error) => (end = error));
  return async (what, look, limitMs) => {
    await until(what, async () => end !== undefined || (await look()), limitMs);
    if (end !== undefined) throw end;
  };
}

/** An agent under way. */
interface Host {
  readonly agent: Agent;
  readonly file: string;
  readonly child: Child;
  readonly givenUp: string | undefined;
}

interface Parts {
  readonly receivers: Receivers;
  readonly arrivals: Arrivals;
  readonly hosts: readonly Host[];
  feed(phase: Phase): void;
  readonly wait: (what: string, look: () => Promise<boolean> | boolean, limitMs?: number) => Promise<void>;
}

async function goThrough({ events, awayMs, kafka, say }: TrialOptions, parts: Parts): Promise<void> {
  const { receivers, arrivals, hosts, feed, wait } = parts;
  const arrive = async (phase: Phase, losing: readonly Loses[]): Promise<void> => {
    const count = ((PHASES.indexOf(phase) + 1) * events) / PHASES.length;
    const some = hosts.filter(({ agent }) => losing.includes(agent.loses));
    const left = (): readonly string[] => missing(some, count, arrivals);
    await wait('all events arrive', () => left().length === 0, LIMIT_MS).catch((error: unknown) => {
      throw new Error(`Of ${count} events: ${left().join('; ')}`, { cause: error });
    });
  };
  const underWay = async (): Promise<void> => {
    const before = await receivers.received();
    await wait('events are on the way', async () => (await receivers.received()) > before);
  };
  say('the agents start …');
  feed('well');
  await arrive('well', ['nothing', 'in-flight']);
  await wait('every agent is there', () => hosts.every(({ agent }) => arrivals.count(hostOf(agent)) > 0), LIMIT_MS);
  feed('killed');
  await underWay();
  say('the collectors are killed …');
  await receivers.kill();
  feed('gone');
  await receivers.start();
  await underWay();
  feed('hung');
  await underWay();
  say(`Kafka hangs for ${awayMs / 1000} s …`);
  kafka.hang();
  feed('away');
  await delay(awayMs);
  kafka.goOn();
  await arrive('away', ['nothing']);
  await arrivals.untilQuiet(QUIET_MS);
}

function missing(hosts: readonly Host[], count: number, arrivals: Arrivals): readonly string[] {
  return hosts
    .map((host) => ({ ...host, found: arrivals.count(hostOf(host.agent)) + keptBy(host).size }))
    .filter(({ found }) => found < count)
    .map(({ agent, file, found }) => `${agent.name} has ${found}, and its log ends with\n${logEnd(file)}`);
}

/** The last lines of an agent's log. */
function logEnd(file: string): string {
  const log = join(dirname(file), LOG);
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n') : 'nothing';
}

/** The record ids in the file of what an agent gave up. */
function keptBy({ givenUp }: Host): ReadonlySet<number> {
  return recordIdsIn(givenUp !== undefined && existsSync(givenUp) ? readFileSync(givenUp, 'utf8') : '');
}

/** The host whose events an agent ships. */
function hostOf({ name }: Agent): string {
  return `${name}.example.org`;
}

/** What came of `foghorn.events`, by host. */
class Arrivals {
  readonly #ids = new Map<string, Map<string, number>>();
  readonly #repeats = new Map<string, number>();
  #lastMs = Date.now();

  take(id: string, json: Buffer): void {
    const { host, winlog } = JSON.parse(String(json)) as {
      readonly host: { readonly name: string };
      readonly winlog: { readonly record_id: number };
    };
    const ids = this.#ids.get(host.name) ?? new Map<string, number>();
    this.#ids.set(host.name, ids);
    if (ids.has(id)) this.#repeats.set(host.name, (this.#repeats.get(host.name) ?? 0) + 1);
    else this.#lastMs = Date.now();
    ids.set(id, winlog.record_id);
  }

  /** Distinct events of a host. */
  count(host: string): number {
    return this.#ids.get(host)?.size ?? 0;
  }

  async untilQuiet(ms: number): Promise<void> {
    await until('nothing further comes', () => Date.now() - this.#lastMs > ms, LIMIT_MS);
  }

  outcomeOf(
    host: string,
    events: number,
    kept: ReadonlySet<number>,
  ): Pick<Outcome, 'arrived' | 'repeats' | 'givenUp' | 'lost'> {
    const recordIds = new Set(this.#ids.get(host)?.values());
    const givenUp = [...kept].filter((recordId) => !recordIds.has(recordId));
    const each = events / PHASES.length;
    const lostIn = (phase: Phase): readonly number[] => {
      const first = 1 + PHASES.indexOf(phase) * each;
      return Array.from({ length: each }, (_, index) => first + index).filter(
        (id) => !recordIds.has(id) && !kept.has(id),
      );
    };
    const lost = Object.fromEntries(PHASES.map((phase) => [phase, lostIn(phase)])) as Outcome['lost'];
    return { arrived: this.count(host), repeats: this.#repeats.get(host) ?? 0, givenUp: givenUp.length, lost };
  }
}
