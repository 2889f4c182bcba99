// `npm run cluster [-- RATE [ROUNDS [WORD…]]]`: three brokers, three nodes of Elasticsearch and two
// of each service under a steady load, while everything fails in turn, or what has one of the words
// in its name. Ends with 0 only if nothing was lost and nothing came twice.
import type { Tools } from '../../deploy/local/servers.ts';
import type { ServersEnding } from '../support/own-servers.ts';
import { runToEnd } from '../support/own-stack.ts';
import { whyNoDisks } from './disk.ts';
import { type Fault, LONG } from './faults.ts';
import { type FaultRow, type Round, type RoundOptions, runRound } from './rounds.ts';
import { startClusterServers } from './servers.ts';

const DEFAULT_RATE = 150;
const MAX_RATE = 1000;
const MAX_ROUNDS = 1000;

/** Runs the rounds and prints a table of each. Gives the exit code. */
export async function main({ args, parents = [] }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const eventsPerSecond = Number(args[0] ?? DEFAULT_RATE);
  const rounds = Number(args[1] ?? 1);
  const words = args.slice(2);
  const faults = LONG.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (!isWhole(eventsPerSecond, MAX_RATE) || !isWhole(rounds, MAX_ROUNDS) || faults.length === 0) {
    say(`Say how many events a second (1 to ${MAX_RATE}) and how many rounds: npm run cluster -- ${DEFAULT_RATE} 3`);
    say(`These are the faults: ${LONG.map(({ name }) => name).join('; ')}`);
    return 1;
  }
  const reason = faults.some(needsDisks) ? whyNoDisks() : undefined;
  const runnable = faults.filter((fault) => reason === undefined || !needsDisks(fault));
  for (const { name } of faults.filter((fault) => !runnable.includes(fault))) say(`NOT RUN: ${name}: ${reason}`);
  if (runnable.length === 0) return 1;
  const options = { eventsPerSecond, faults: runnable, say };
  return await runToEnd({ parents, say }, async (t) => await runAll(t, rounds, options));
}

async function runAll(t: ServersEnding, rounds: number, options: Omit<RoundOptions, 'fleet'>): Promise<number> {
  say('three brokers, three nodes of Elasticsearch and a Redis are starting …');
  const servers = await startClusterServers(t, options.faults.some(needsDisks));
  if (typeof servers === 'string') throw new Error(servers);
  let isRight = true;
  for (let round = 1; round <= rounds; round += 1) {
    const came = await runRound(t, servers, { ...options, fleet: `round${round}` });
    process.stdout.write(`${tableOf(came.rows)}${verdictOf(came)}`);
    isRight &&= came.verdict.faults.length === 0;
  }
  return isRight ? 0 : 1;
}

/** The rows in Markdown, times in seconds. */
export function tableOf(rows: readonly FaultRow[]): string {
  const head = ['fault', 'took', 'events', 'first accepted', 'first notified', 'longest accepted', 'longest notified'];
  const lines = rows.map((row) => [
    row.name,
    seconds(row.tookMs),
    row.events,
    seconds(row.firstAcceptedMs),
    seconds(row.firstNotifiedMs),
    seconds(row.longestAcceptedMs),
    seconds(row.longestNotifiedMs),
  ]);
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |\n`).join('');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function verdictOf({ verdict: { sent, incidents, faults }, outcomes }: Round): string {
  const answers = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  const right =
    'every event once in Elasticsearch, every incident notified once by each receiver, counts right, no dead letters';
  return [
    `${sent} events sent and accepted, ${incidents} incidents; answers to senders: ${answers}`,
    ...(faults.length === 0 ? [right] : faults.map((fault) => `WRONG: ${fault}`)),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function needsDisks(fault: Fault): boolean {
  return fault.needsDisks === true;
}

function isWhole(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= max;
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
