// `npm run attack [RECORDS [SEED]]`: attacks on a whole stack of its own, on loopback, bounded in
// count and time. Ends with 0 only if everything held.
import { randomInt } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Tools } from '../../deploy/local/servers.ts';
import { onOwnServers } from '../support/own-stack.ts';
import { requiredEnv } from '../support/servers.ts';
import { attackAll } from './attack.ts';
import type { AttackRow } from './row.ts';
import { startStack } from './stack.ts';

const DEFAULT_RECORDS = 300;
const MAX_RECORDS = 20_000;
const MAX_SEED = 2 ** 31;
const LIMIT_MS = 30 * 60_000;

/** Runs all attacks and prints the table. Gives the exit code. */
export async function main({ args, ...tools }: { readonly args: readonly string[] } & Tools): Promise<number> {
  const perTopic = Number(args[0] ?? DEFAULT_RECORDS);
  const seed = Number(args[1] ?? randomInt(MAX_SEED));
  if (!isWhole(perTopic, MAX_RECORDS) || !isWhole(seed, MAX_SEED)) {
    say(`Say how many records a topic (1 to ${MAX_RECORDS}) and a seed: npm run attack -- ${DEFAULT_RECORDS} 7`);
    return 1;
  }
  return await onOwnServers({ tools, name: 'attack', limitMs: LIMIT_MS, say }, async (ending) => {
    say(`${perTopic} spoilt records a topic, seed ${seed} …`);
    const rows = await attackAll(await startStack(ending), {
      perTopic,
      seed,
      nowMs: Date.now(),
      flush: async () => await flushAll(requiredEnv('REDIS_URL')),
      say: ({ attack, held }) => say(`${held ? 'held' : 'NOT HELD'}: ${attack}`),
    });
    process.stdout.write(tableOf(rows));
    say(`seed ${seed}: ${rows.filter(({ held }) => held).length} of ${rows.length} held`);
    return rows.every(({ held }) => held) ? 0 : 1;
  });
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
