// Chunks of a log file, mutated: what the reader makes of them has to come within bounds, and each
// of its records has to be a document or a dead letter.
import { readFileSync } from 'node:fs';
import { HEADER_BYTES } from '../../services/cli/evtx/chunks.ts';
import { CHUNK_BYTES, type EvtxReader } from '../../services/cli/evtx/reader.ts';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { faultOf } from './check.ts';
import type { Random } from './mutate.ts';

const MAX_MS = 5000;
/** A record takes 24 bytes at least; a chunk cannot hold more. */
const MAX_RECORDS = Math.ceil(CHUNK_BYTES / 24);
const MAX_CHANGES = 8;
/** Behind the magic, without which a chunk is not even looked at. */
const FIRST_BYTE = 8;
/** Where the header of a chunk says how far its records go. */
const FREE_SPACE_AT = 48;

const file = readFileSync(packagePath('test', 'data', 'evtx', 'hello-for-business.evtx'));
const chunk = file.subarray(HEADER_BYTES, HEADER_BYTES + CHUNK_BYTES);
const used = chunk.readUInt32LE(FREE_SPACE_AT);

const CHANGES: readonly ((bytes: Buffer, at: number, random: Random) => void)[] = [
  (bytes, at, random) => bytes.writeUInt8(random(256), at),
  (bytes, at) => bytes.writeUInt32LE(0xff_ff_ff_ff, at),
  (bytes, at, random) => bytes.writeUInt16LE(random(0x1_00_00), at),
  (bytes, at, random) => bytes.writeUInt32LE(random(CHUNK_BYTES), at),
  (bytes, at, random) => bytes.fill(random(256), at, at + random(64)),
  (bytes, at, random) => void bytes.copy(bytes, at, random(used), random(used) + 200),
];

/** A chunk with a few faults where its records are. */
export function chunkMutant(random: Random): Buffer {
  const bytes = Buffer.from(chunk);
  for (let change = 0; change <= random(MAX_CHANGES); change += 1)
    CHANGES[random(CHANGES.length)]?.(bytes, FIRST_BYTE + random(used - FIRST_BYTE), random);
  return bytes;
}

/** What is wrong with how a chunk was taken; undefined when nothing is. */
export async function faultOfChunk(reader: EvtxReader, bytes: Buffer): Promise<string | undefined> {
  const started = performance.now();
  const { records, errors } = await reader.read(bytes);
  const tookMs = performance.now() - started;
  if (tookMs > MAX_MS) return `the chunk took ${Math.round(tookMs)} ms`;
  if (records.length + errors.length > MAX_RECORDS) return `${records.length} records and ${errors.length} faults`;
  for (const { xml } of records) {
    const fault = faultOf(Buffer.from(xml));
    if (fault !== undefined) return `${fault}: ${xml.slice(0, 1000)}`;
  }
  return undefined;
}
