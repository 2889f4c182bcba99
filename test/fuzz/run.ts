// `npm run fuzz -- SECONDS [SEED]`: mutants for so long, of the corpus, of real events where they
// are at hand, of chunks of a log file, of streams of Lumberjack and syslog and of requests of
// OTLP, HEC and _bulk, from a seed number that is printed. The first fault ends it, with the input
// as base64.
import { randomInt } from 'node:crypto';
import { createEvtxReader } from '../../services/cli/evtx/reader.ts';
import { dataFolder, NO_DATA, realWinlogbeatDocuments, realXmlEvents } from '../support/data-folder.ts';
import { faultOf } from './check.ts';
import { chunkMutant, faultOfChunk } from './chunks.ts';
import { SEEDS } from './corpus.ts';
import { findBulkFault, findHecFault, findSyslogFault } from './inputs.ts';
import { faultOfStream, streamMutant } from './lumberjack.ts';
import { mutant, randomOf } from './mutate.ts';
import { faultOfOtlp, otlpMutant } from './otlp.ts';

const PROGRESS_MS = 10_000;
/** One in so many inputs is a chunk, and one each of the streams and requests. */
const KINDS = 20;
const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? randomInt(2 ** 32));

const real = realSeeds();
const reader = await createEvtxReader();
process.stdout.write(`fuzzing for ${seconds} s from seed ${seed}, ${real.length} real events beside the corpus\n`);
if (real.length === 0) process.stdout.write(`${NO_DATA}\n`);
const random = randomOf(seed);
const started = Date.now();
let reported = started;
let inputs = 0;
while (Date.now() - started < seconds * 1000) {
  const { bytes, fault } = await oneInput();
  inputs += 1;
  if (fault !== undefined) {
    process.stdout.write(`input ${inputs}: ${fault}\n${bytes.toString('base64')}\n`);
    process.exitCode = 1;
    break;
  }
  if (Date.now() - reported < PROGRESS_MS) continue;
  reported = Date.now();
  process.stdout.write(`${inputs} inputs, ${Math.round(process.memoryUsage.rss() / 1_048_576)} MB\n`);
}
process.stdout.write(`${inputs} inputs, ${process.exitCode === 1 ? 'one' : 'no'} fault\n`);

async function oneInput(): Promise<{ readonly bytes: Buffer; readonly fault: string | undefined }> {
  const kind = random(KINDS);
  if (kind === 0) {
    const bytes = chunkMutant(random);
    return { bytes, fault: await faultOfChunk(reader, bytes) };
  }
  if (kind === 1) {
    const stream = streamMutant(random);
    return { bytes: stream.bytes, fault: await faultOfStream(stream, random) };
  }
  if (kind === 2) {
    const bytes = otlpMutant(random);
    return { bytes, fault: faultOfOtlp(bytes) };
  }
  const find = [findHecFault, findBulkFault, findSyslogFault][kind - 3];
  if (find !== undefined) return find(random);
  const bytes = mutant(real.length > 0 && random(2) === 0 ? real : SEEDS, random);
  return { bytes, fault: faultOf(bytes) };
}

/** Real events to mutate, where somebody put them. */
function realSeeds(): readonly string[] {
  const folder = dataFolder();
  if (folder === undefined) return [];
  return [...realXmlEvents(folder).map(({ xml }) => xml), ...realWinlogbeatDocuments(folder)];
}
