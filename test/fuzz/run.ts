// `npm run fuzz -- SECONDS [SEED]`: mutants for so long, of the corpus, of real events where they are at hand, and of chunks of a log file, from a seed
// number that is printed. The first fault ends it, with the input as base64.
import { randomInt } from 'node:crypto';
import { createEvtxReader } from '../../services/cli/evtx/reader.ts';
import { dataFolder, NO_DATA, realWinlogbeatDocuments, realXmlEvents } from '../support/data-folder.ts';
import { faultOf } from './check.ts';
import { chunkMutant, faultOfChunk } from './chunks.ts';
import { SEEDS } from './corpus.ts';
import { mutant, randomOf } from './mutate.ts';

const PROGRESS_MS = 10_000;
/** One in so many inputs is a chunk. */
const CHUNKS = 20;
const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? randomInt(2 ** 32));

const real = realSeeds();
const reader = await createEvtxReader();
process.stdout.write(`fuzzing for ${seconds} s from seed ${seed}, ${real.length} real events beside the corpus\n`);
if (real.length === 0) process.stdout.write(`${NO_DATA}\n`);
const random = randomOf(seed);
const started = Date.now();
let told = started;
let inputs = 0;
while (Date.now() - started < seconds * 1000) {
  const isChunk = random(CHUNKS) === 0;
  const seeds = real.length > 0 && random(2) === 0 ? real : SEEDS;
  const bytes = isChunk ? chunkMutant(random) : mutant(seeds, random);
  const fault = isChunk ? await faultOfChunk(reader, bytes) : faultOf(bytes);
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

/** Real events to mutate, where somebody put them. */
function realSeeds(): readonly string[] {
  const folder = dataFolder();
  if (folder === undefined) return [];
  return [...realXmlEvents(folder).map(({ xml }) => xml), ...realWinlogbeatDocuments(folder)];
}
