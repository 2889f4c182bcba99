// One round: a steady load, one fault after the other, and what became of everything.
import { loadavg } from 'node:os';
import { errorText } from '../../shared/runtime/errors.ts';
import { createEnding, type Ending } from '../support/ending.ts';
import { until } from '../support/until.ts';
import { type Crowd, startCrowd } from './crowd.ts';
import { type Fault, type Scene, untilAllIsWhole } from './faults.ts';
import { type Load, startLoad } from './load.ts';
import { untilReached } from './progress.ts';
import type { ClusterServers } from './servers.ts';
import { LIMIT_MS } from './state.ts';
import { firstNotified, tableOf, type FaultTimes } from './table.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** How a round is made. */
export interface RoundOptions {
  /** What hosts are called; no other round's. */
  readonly fleet: string;
  readonly eventsPerSecond: number;
  readonly faults: readonly Fault[];
  /** Takes what is known, as soon as it is: an interrupted round has figures, too. */
  say(line: string): void;
}

const SAY_EVERY_MS = 60_000;

/**
 * Runs it on servers that are whole, with services of its own, which end with it. The verdict
 * includes faults that did not end.
 */
export async function runRound(t: Ending, servers: ClusterServers, options: RoundOptions): Promise<Verdict> {
  const ending = createEnding();
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => await (ended ??= ending.end());
  t.after(end);
  try {
    return await runWith({ servers, crowd: await startCrowd(ending, servers) }, options);
  } finally {
    await end();
  }
}

async function runWith(scene: Scene, options: RoundOptions): Promise<Verdict> {
  const { fleet, eventsPerSecond, say } = options;
  const { crowd } = scene;
  const urls = (): readonly string[] =>
    crowd.instances.collector.filter((one) => one.pid() !== 0).map(({ eventsUrl }) => eventsUrl);
  const load = startLoad({ fleet, eventsPerSecond, urls });
  const beat = setInterval(() => say(standOf(load, crowd)), SAY_EVERY_MS);
  const troubles: string[] = [];
  const times: FaultTimes[] = [];
  try {
    await untilServed(load, crowd, Date.now());
    for (const fault of options.faults) {
      const trouble = await runFault(fault, { scene, load, times, say });
      if (trouble === undefined) continue;
      troubles.push(trouble);
      say(`WRONG: ${trouble}`);
      if (!(await isWholeAgain(scene))) break;
    }
    await load.stop().catch((error: unknown) => troubles.push(errorText(error)));
    const { sent, accepted } = load;
    const late = await untilReached({ what: 'events accepted', wanted: sent.length, look: accepted, say });
    if (late !== undefined) troubles.push(late);
  } finally {
    clearInterval(beat);
    load.abandon();
  }
  say(standOf(load, crowd));
  for (const line of tableOf(times, load.sent, crowd)) say(line);
  say('waiting until everything has come through …');
  return await verdictOf(load, crowd, { fleet, troubles, say });
}

/** Gives why it did not end, if it did not. */
async function runFault(
  { name, run }: Fault,
  {
    scene,
    load,
    times,
    say,
  }: { readonly scene: Scene; readonly load: Load; readonly times: FaultTimes[]; say(line: string): void },
): Promise<string | undefined> {
  say(`${name} …`);
  const fromMs = Date.now();
  try {
    await run(scene);
    const toMs = Date.now();
    times.push({ name, fromMs, toMs });
    say(`whole again after ${Math.round((toMs - fromMs) / 1000)} s; ${standOf(load, scene.crowd)}`);
    await untilServed(load, scene.crowd, toMs);
    return undefined;
  } catch (error) {
    const { cause } = error as Error;
    return `${name}: ${errorText(error)}${cause === undefined ? '' : `; ${errorText(cause)}`}`;
  }
}

/** Whether there is a point in the next fault. */
async function isWholeAgain(scene: Scene): Promise<boolean> {
  return await untilAllIsWhole(scene).then(
    () => true,
    () => false,
  );
}

/** Resolves when somebody was notified of a fault that was sent after this moment. */
async function untilServed({ sent }: Load, crowd: Crowd, sinceMs: number): Promise<void> {
  await until(
    'an alert goes out',
    () => {
      const notified = firstNotified(crowd);
      return sent.some(({ isNews, host, sentMs }) => isNews && sentMs >= sinceMs && notified.has(host));
    },
    LIMIT_MS,
  );
}

function standOf({ sent, accepted }: Load, crowd: Crowd): string {
  const incidents = sent.filter(({ isNews }) => isNews).length;
  return (
    `${sent.length} events sent, ${accepted()} accepted; ${incidents} incidents, the webhook was notified of ` +
    `${firstNotified(crowd).size}, Slack of ${crowd.slack.parents().length}; load average ${loadavg()[0]?.toFixed(1)}`
  );
}
