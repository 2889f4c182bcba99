// `npm run attack [RECORDS [SEED]]`: attacks on a whole stack of its own, on loopback, bounded in count and time. Ends with 0 only if everything held.
import { randomBytes, randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createLifetime, EXIT_INTERRUPTED, stopped } from '../../deploy/local/lifetime.ts';
import { createChildren } from '../../deploy/local/process.ts';
import { startServers, type Tools } from '../../deploy/local/servers.ts';
import { markRun, STATE_FOLDER } from '../../deploy/local/state.ts';
import { createEnding } from '../support/ending.ts';
import { attackAll } from './attack.ts';
import type { AttackRow } from './row.ts';
import { startStack } from './stack.ts';

const DEFAULT_RECORDS = 300;
const MAX_RECORDS = 20_000;
const MAX_SEED = 2 ** 31;
const LIMIT_MS = 30 * 60_000;
/** Attacks go to servers of their own, whatever clusters are named. */
const NAMES_OF_CLUSTERS =
  /^(?:KAFKA_BROKERS|ELASTICSEARCH_URL|REDIS_URL|FOGHORN_KAFKA_BROKERS|FOGHORN_ELASTICSEARCH_NODES|FOGHORN_REDIS_URL)$/u;

/** Runs all attacks and prints the table. Gives the exit code. */
export async function main({ args, ...tools }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const perTopic = Number(args[0] ?? DEFAULT_RECORDS);
  const seed = Number(args[1] ?? randomInt(MAX_SEED));
  if (!isWhole(perTopic, MAX_RECORDS) || !isWhole(seed, MAX_SEED)) {
    say(`Say how many records a topic (1 to ${MAX_RECORDS}) and a seed: npm run attack -- ${DEFAULT_RECORDS} 7`);
    return 1;
  }
  const lifetime = createLifetime(tools.parents);
  const children = createChildren();
  const ending = createEnding();
  const dataFolder = join(STATE_FOLDER, `attack-${randomBytes(4).toString('hex')}`);
  markRun(dataFolder);
  const signal = AbortSignal.any([lifetime.signal, AbortSignal.timeout(LIMIT_MS)]);
  try {
    const addresses = await startServers({
      ...tools,
      stateFolder: STATE_FOLDER,
      dataFolder,
      ports: 'free',
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !NAMES_OF_CLUSTERS.test(name))),
      children,
      signal,
      progress: say,
    });
    Object.assign(process.env, addresses);
    say(`${perTopic} spoilt records a topic, seed ${seed} …`);
    const attacks = async (): Promise<readonly AttackRow[]> =>
      await attackAll(await startStack(ending), {
        perTopic,
        seed,
        nowMs: Date.now(),
        flush: async () => await flushAll(addresses.REDIS_URL),
        say: ({ attack, held }) => say(`${held ? 'held' : 'NOT HELD'}: ${attack}`),
      });
    const rows = await Promise.race([attacks(), stopped(signal)]);
    process.stdout.write(tableOf(rows));
    say(`seed ${seed}: ${rows.filter(({ held }) => held).length} of ${rows.length} held`);
    return rows.every(({ held }) => held) ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    say(lifetime.signal.aborted ? 'stopped' : `stopped after ${LIMIT_MS / 60_000} minutes`);
    return lifetime.signal.aborted ? EXIT_INTERRUPTED : 1;
  } finally {
    await ending.end().catch((error: unknown) => say(`at the end: ${String(error)}`));
    await children.stopAll();
    rmSync(dataFolder, { recursive: true, force: true });
    lifetime.release();
    // What was under way would go on waiting for a stack that is gone.
    if (signal.aborted) process.exit(lifetime.signal.aborted ? EXIT_INTERRUPTED : 1);
  }
}

function isWhole(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= max;
}

async function flushAll(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}

/** One line a row, in columns. */
function tableOf(rows: readonly AttackRow[]): string {
  const cells = rows.map(({ attack, detail, cpuMsPerRequest, held }) => [
    attack,
    cpuMsPerRequest === undefined ? '' : String(Math.round(cpuMsPerRequest)),
    held ? 'yes' : 'NO',
    detail,
  ]);
  const all = [['attack', 'CPU ms per request', 'held', 'detail'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`).join('');
}

function say(line: string): void {
  process.stdout.write(`foghorn  ${line}\n`);
}
