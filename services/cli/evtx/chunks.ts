// The chunks of an .evtx file in order, found by their positions: the counts in the file's header
// are not relied on.
import type { FileHandle } from 'node:fs/promises';
import { CHUNK_BYTES } from './reader.ts';

/** Bytes in front of the first chunk. */
export const HEADER_BYTES = 4096;
const FILE_MAGIC = 'ElfFile\0';
const CHUNK_MAGIC = 'ElfChnk\0';

/** A piece of the file that should be a chunk. `bytes` is undefined when it is no chunk. */
interface EvtxChunk {
  readonly offset: number;
  readonly bytes: Buffer | undefined;
}

/** Whether the file begins as an event log does. */
export async function isEvtx(file: FileHandle): Promise<boolean> {
  const head = Buffer.alloc(FILE_MAGIC.length);
  await file.read(head, 0, head.length, 0);
  return head.toString('latin1') === FILE_MAGIC;
}

/**
 * The chunks from `offset` on. Room that was never written is left out; a last chunk that was cut
 * off is filled up with zeros.
 */
export async function* chunksOf(file: FileHandle, offset: number): AsyncGenerator<EvtxChunk> {
  for (let at = offset; ; at += CHUNK_BYTES) {
    const bytes = Buffer.alloc(CHUNK_BYTES);
    const { bytesRead } = await file.read(bytes, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) return;
    const isChunk = bytes.toString('latin1', 0, CHUNK_MAGIC.length) === CHUNK_MAGIC;
    if (isChunk) yield { offset: at, bytes };
    else if (bytes.some((byte) => byte !== 0)) yield { offset: at, bytes: undefined };
  }
}
