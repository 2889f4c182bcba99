// `npm run cluster [-- [--without-disks] RATE [ROUNDS [WORD…]]]`: three brokers, three nodes of
// Elasticsearch and two of each service under a steady load, while everything fails in turn, or
// what has one of the words in its name. Ends with 0 only if nothing was lost and nothing came
// twice.
import { parseArgs } from 'node:util';
import type { Tools } from '../../deploy/local/servers.ts';
import { errorText } from '../../shared/runtime/errors.ts';
import type { ServersEnding } from '../support/own-servers.ts';
import { runToEnd } from '../support/own-stack.ts';
import { whyNoDisks } from './disk.ts';
import { type Fault, LONG } from './faults.ts';
import { type RoundOptions, runRound } from './rounds.ts';
import { startClusterServers } from './servers.ts';

const DEFAULT_RATE = 150;
const MAX_RATE = 1000;
const MAX_ROUNDS = 1000;

interface Plan {
  readonly eventsPerSecond: number;
  readonly rounds: number;
  readonly faults: readonly Fault[];
  readonly leftOut: readonly Fault[];
}

/** Runs the rounds and prints what each came to. Gives the exit code. */
export async function main({ args, parents = [] }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const plan = planOf(args);
  if (typeof plan === 'string') {
    for (const line of [plan, USAGE, `These are the faults: ${namesOf(LONG)}`]) say(line);
    return 1;
  }
  const reason = plan.faults.some(needsDisks) ? whyNoDisks() : undefined;
  if (reason !== undefined) {
    say(`Disks cannot be filled here: ${reason}.`);
    say(`Or leave out what fills them with --without-disks: ${namesOf(plan.faults.filter(needsDisks))}`);
    return 1;
  }
  return await runToEnd({ parents, say }, async (t) => await runAll(t, plan));
}

const USAGE = `Say how many events a second (1 to ${MAX_RATE}) and how many rounds: npm run cluster -- [--without-disks] ${DEFAULT_RATE} 3`;

/** What is asked for; what is wrong with it instead. */
function planOf(args: readonly string[]): Plan | string {
  try {
    const options = { 'without-disks': { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [rate = DEFAULT_RATE, count = 1, ...words] = positionals;
    const eventsPerSecond = Number(rate);
    const rounds = Number(count);
    const named = LONG.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
    const leftOut = values['without-disks'] ? named.filter(needsDisks) : [];
    const faults = named.filter((fault) => !leftOut.includes(fault));
    if (!isWhole(eventsPerSecond, MAX_RATE)) return `${rate} events a second cannot be sent.`;
    if (!isWhole(rounds, MAX_ROUNDS)) return `${count} is no number of rounds.`;
    return faults.length === 0 ? 'No fault is left.' : { eventsPerSecond, rounds, faults, leftOut };
  } catch (error) {
    return errorText(error);
  }
}

async function runAll(t: ServersEnding, { rounds, leftOut, ...options }: Plan): Promise<number> {
  say('three brokers, three nodes of Elasticsearch and a Redis are starting …');
  const servers = await startClusterServers(t, options.faults.some(needsDisks));
  if (typeof servers === 'string') throw new Error(servers);
  let isRight = true;
  for (let round = 1; round <= rounds; round += 1) {
    const roundOptions: RoundOptions = { ...options, fleet: `round${round}`, say };
    isRight = (await runRound(t, servers, roundOptions)).faults.length === 0 && isRight;
  }
  if (leftOut.length > 0) say(`LEFT OUT, as asked: ${namesOf(leftOut)}`);
  return isRight ? 0 : 1;
}

function needsDisks(fault: Fault): boolean {
  return fault.needsDisks === true;
}

function namesOf(faults: readonly Fault[]): string {
  return faults.map(({ name }) => name).join('; ');
}

function isWhole(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= max;
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
