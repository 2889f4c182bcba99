// `npm run bench [EVENTS]`: each stage and the whole way beside the bare ceilings of the same
// servers, in one run. Reports; asserts nothing.
import { createLifetime, stopped } from '../../deploy/local/lifetime.ts';
import type { Tools } from '../../deploy/local/servers.ts';
import { withServers } from '../support/own-stack.ts';
import { COPY_CEILING, copyCeiling, produceCeiling } from './ceilings.ts';
import { benchConsole } from './console.ts';
import { type Addresses, createBench } from './corner.ts';
import { benchDeliveries } from './deliveries.ts';
import { benchIndexModes } from './index-modes.ts';
import { benchIdle, benchKafkaAway } from './input-memory.ts';
import { benchInputs } from './inputs.ts';
import { benchBusyLatency, benchLatency, latencyCeiling } from './latency.ts';
import { benchOutage } from './outage.ts';
import { benchRebuild } from './rebuild.ts';
import { printReport, type Result } from './report.ts';
import { benchCollector, benchEnricher, benchWholeWay, bentoCollector, bentoEnricher } from './stages.ts';
import { benchTurns, benchTurnsApart } from './turns.ts';

const DEFAULT_EVENTS = 100_000;

const BENCHMARKS = [
  { name: 'Kafka, produce only', run: produceCeiling },
  { name: 'collector', run: benchCollector },
  { name: 'collector, its peer', run: bentoCollector },
  { name: 'inputs', run: benchInputs },
  { name: 'memory, idle connections', run: benchIdle },
  { name: 'memory, Kafka away', run: benchKafkaAway },
  { name: COPY_CEILING, run: copyCeiling },
  { name: 'enricher', run: benchEnricher },
  { name: 'enricher, its peer', run: bentoEnricher },
  { name: 'indexer and Elasticsearch, bulk only, in turns', run: benchTurns },
  { name: 'indexer and Elasticsearch, bulk only, in turns, apart', run: benchTurnsApart },
  { name: 'index modes', run: benchIndexModes },
  { name: 'the whole way', run: benchWholeWay },
  { name: 'alert latency, bare chain', run: latencyCeiling },
  { name: 'alert latency', run: benchLatency },
  { name: 'time to alert, 80 % of the highest rate', run: benchBusyLatency },
  { name: 'deliveries', run: benchDeliveries },
  { name: 'console', run: benchConsole },
  { name: 'rebuild', run: benchRebuild },
  { name: 'Elasticsearch away', run: benchOutage },
] as const;

/**
 * Runs the benchmarks with as many events as the first argument says; a second one chooses those
 * whose name contains it, or one of its parts between commas. Gives the exit code.
 */
export async function main({ args, ...tools }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const events = args[0] === undefined ? DEFAULT_EVENTS : Number(args[0]);
  if (!Number.isSafeInteger(events) || events < 1) {
    say(`${args[0]} is no number of events: npm run bench -- 100000`);
    return 1;
  }
  const lifetime = createLifetime(tools.parents);
  try {
    const { signal } = lifetime;
    return await withServers({ tools, name: 'bench', env: process.env, signal, say }, async (addresses, folder) => {
      const results = await runAll(addresses, { folder, events, wanted: args[1] ?? '' }, signal);
      process.stdout.write(printReport(results, events));
      return 0;
    });
  } finally {
    lifetime.release();
  }
}

async function runAll(
  addresses: Addresses,
  options: { readonly folder: string; readonly events: number; readonly wanted: string },
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const wanted = options.wanted.split(',');
  for (const { name, run } of BENCHMARKS.filter((benchmark) => wanted.some((part) => benchmark.name.includes(part)))) {
    say(`${name} …`);
    const bench = await createBench(addresses, options);
    try {
      results.push(...[await Promise.race([run(bench), stopped(signal)])].flat());
    } finally {
      await bench.close();
    }
  }
  return results;
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
