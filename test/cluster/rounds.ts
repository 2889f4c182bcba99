// One round: a steady load, one fault after the other, and what became of everything.
import { until } from '../support/until.ts';
import { type Crowd, startCrowd } from './crowd.ts';
import { createEnding, type Ending } from '../support/ending.ts';
import type { Fault } from './faults.ts';
import { type Load, type SentEvent, startLoad } from './load.ts';
import type { ClusterServers } from './servers.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** How a round is made. */
export interface RoundOptions {
  /** What hosts are called; no other round's. */
  readonly fleet: string;
  readonly eventsPerSecond: number;
  readonly faults: readonly Fault[];
  say(line: string): void;
}

/** A fault as senders and receivers saw it; times are milliseconds. */
export interface FaultRow {
  readonly name: string;
  /** Until the cluster was whole again. */
  readonly tookMs: number;
  readonly events: number;
  /** From the fault to the first event, and the first alert, sent after it. */
  readonly firstAcceptedMs: number;
  readonly firstNotifiedMs: number;
  /** The longest time of an event and of an alert that were sent meanwhile. */
  readonly longestAcceptedMs: number;
  readonly longestNotifiedMs: number;
}

/** What a round came to. */
export interface Round {
  readonly rows: readonly FaultRow[];
  readonly verdict: Verdict;
  /** Of requests to the collectors. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** A fault has passed when alerts go out again. */
const LIMIT_MS = 240_000;

/** Runs it on servers that are whole, with services of its own, which end with it. */
export async function runRound(t: Ending, servers: ClusterServers, options: RoundOptions): Promise<Round> {
  const ending = createEnding();
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => await (ended ??= ending.end());
  t.after(end);
  try {
    return await runWith(await startCrowd(ending, servers), servers, options);
  } finally {
    await end();
  }
}

async function runWith(crowd: Crowd, servers: ClusterServers, options: RoundOptions): Promise<Round> {
  const { fleet, eventsPerSecond, faults, say } = options;
  const urls = (): readonly string[] =>
    crowd.instances.collector.filter((one) => one.pid() !== 0).map(({ eventsUrl }) => eventsUrl);
  const load = startLoad({ fleet, eventsPerSecond, urls });
  const times: { readonly name: string; readonly fromMs: number; readonly toMs: number }[] = [];
  try {
    await untilServed(load, crowd, Date.now());
    for (const { name, run } of faults) {
      say(`${name} …`);
      const fromMs = Date.now();
      await run({ servers, crowd });
      const toMs = Date.now();
      times.push({ name, fromMs, toMs });
      say(`whole again after ${Math.round((toMs - fromMs) / 1000)} s`);
      await untilServed(load, crowd, toMs);
    }
    await load.stop();
  } finally {
    load.abandon();
  }
  say(`${load.sent.length} events accepted; waiting until everything has come through …`);
  const verdict = await verdictOf(load, crowd, fleet);
  const notified = firstNotified(crowd);
  return { rows: times.map((time) => rowOf(time, load.sent, notified)), verdict, outcomes: load.outcomes };
}

/** Resolves when somebody was notified of a fault that was sent after this moment. */
async function untilServed({ sent }: Load, crowd: Crowd, sinceMs: number): Promise<void> {
  await until(
    'an alert goes out',
    () => {
      const notified = firstNotified(crowd);
      return firstFaults(sent).some(({ host, sentMs }) => sentMs >= sinceMs && notified.has(host));
    },
    LIMIT_MS,
  );
}

/** By host, when the webhook had the first message about it. */
function firstNotified({ webhook }: Crowd): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { body, atMs } of webhook.deliveries())
    for (const { labels } of body.alerts) {
      const host = labels['host'] ?? '';
      first.set(host, Math.min(first.get(host) ?? atMs, atMs));
    }
  return first;
}

/** The first fault of each host: the one that somebody is notified of. */
function firstFaults(sent: readonly SentEvent[]): readonly SentEvent[] {
  const first = new Map<string, SentEvent>();
  for (const event of sent) if (event.isFault && !first.has(event.host)) first.set(event.host, event);
  return [...first.values()];
}

function rowOf(
  { name, fromMs, toMs }: { readonly name: string; readonly fromMs: number; readonly toMs: number },
  sent: readonly SentEvent[],
  notified: ReadonlyMap<string, number>,
): FaultRow {
  const isMeanwhile = ({ sentMs }: SentEvent): boolean => sentMs >= fromMs && sentMs <= toMs;
  const accepted = sent
    .filter(isMeanwhile)
    .map(({ sentMs, acceptedMs = Infinity }) => ({ sentMs, doneMs: acceptedMs }));
  const alerts = firstFaults(sent)
    .filter(isMeanwhile)
    .map(({ host, sentMs }) => ({ sentMs, doneMs: notified.get(host) ?? Infinity }));
  return {
    name,
    tookMs: toMs - fromMs,
    events: accepted.length,
    firstAcceptedMs: Math.min(...accepted.map(({ doneMs }) => doneMs)) - fromMs,
    firstNotifiedMs: Math.min(...alerts.map(({ doneMs }) => doneMs)) - fromMs,
    longestAcceptedMs: Math.max(0, ...accepted.map(({ doneMs, sentMs }) => doneMs - sentMs)),
    longestNotifiedMs: Math.max(0, ...alerts.map(({ doneMs, sentMs }) => doneMs - sentMs)),
  };
}
