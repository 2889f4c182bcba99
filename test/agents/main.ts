// `npm run agents [-- NAME…]`: fetches and builds the agents whose names contain one of the words,
// or all of them, tries them, and prints a table. Ends with 0 if nothing was lost that need not be.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Tools } from '../../deploy/local/servers.ts';
import { STATE_FOLDER } from '../../deploy/local/state.ts';
import { type ServersEnding, startOwnServers } from '../support/own-servers.ts';
import { runToEnd } from '../support/own-stack.ts';
import type { Agent } from './agent.ts';
import { AGENTS, faultsOf, lostIn } from './agents.ts';
import { type Outcome, runTrial } from './trial.ts';

const EVENTS = 10_000;
const AWAY_MS = 30_000;
/** What the last run left. */
const FOLDER = join(STATE_FOLDER, 'agents', 'run');

/** Tries the agents and prints the table. Gives the exit code. */
export async function main({ args, parents = [] }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const agents = AGENTS.filter(({ name }) => args.length === 0 || args.some((word) => name.includes(word)));
  if (agents.length === 0) {
    say(`There is no such agent: ${AGENTS.map(({ name }) => name).join(', ')}.`);
    return 1;
  }
  return await runToEnd({ parents, say }, async (t) => await tryAll(t, agents));
}

async function tryAll(t: ServersEnding, agents: readonly Agent[]): Promise<number> {
  for (const { name, build } of agents) {
    if (build === undefined) continue;
    say(`${name}: fetching and building what is not there yet …`);
    build();
  }
  const servers = await startOwnServers(t, ['kafka']);
  if (typeof servers === 'string') throw new Error(servers);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  say(`logs and configurations: ${FOLDER}`);
  const options = { events: EVENTS, awayMs: AWAY_MS, kafka: servers.kafka, folder: FOLDER, say };
  const outcomes = await runTrial(t, { agents, ...options });
  process.stdout.write(tableOf(outcomes));
  return outcomes.every((outcome) => faultsOf(outcome).length === 0) ? 0 : 1;
}

function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { agent, arrived, repeats, givenUp, lost } = outcome;
    const found = agent.find();
    const version = 'version' in found ? found.version : '';
    const faults = faultsOf(outcome).join('; ');
    return [agent.name, version, arrived, lostIn(lost), givenUp, repeats, faults === '' ? 'as it has to be' : faults];
  });
  const head = ['agent', 'version', 'arrived', 'lost', 'given up into a file', 'came again', 'outcome'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
