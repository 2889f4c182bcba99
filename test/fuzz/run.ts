// `npm run fuzz -- SECONDS [SEED]`: mutants for so long, from a seed number that is printed. The first fault ends it, with the input as base64.
import { randomInt } from 'node:crypto';
import { faultOf } from './check.ts';
import { SEEDS } from './corpus.ts';
import { mutant, randomOf } from './mutate.ts';

const PROGRESS_MS = 10_000;
const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? randomInt(2 ** 32));

process.stdout.write(`fuzzing for ${seconds} s from seed ${seed}\n`);
const random = randomOf(seed);
const started = Date.now();
let told = started;
let inputs = 0;
while (Date.now() - started < seconds * 1000) {
  const bytes = mutant(SEEDS, random);
  const fault = faultOf(bytes);
  inputs += 1;
  if (fault !== undefined) {
    process.stdout.write(`input ${inputs}: ${fault}\n${bytes.toString('base64')}\n`);
    process.exitCode = 1;
    break;
  }
  if (Date.now() - told < PROGRESS_MS) continue;
  told = Date.now();
  process.stdout.write(`${inputs} inputs, ${Math.round(process.memoryUsage.rss() / 1_048_576)} MB\n`);
}
process.stdout.write(`${inputs} inputs, ${process.exitCode === 1 ? 'one' : 'no'} fault\n`);
