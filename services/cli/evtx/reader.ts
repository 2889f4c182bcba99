// Reads one chunk of an .evtx file by the evtx crate, compiled to WebAssembly (deploy/evtx).
import { readFile } from 'node:fs/promises';
import { errorText } from '../../../shared/runtime/errors.ts';
import { packagePath } from '../../../shared/runtime/package-root.ts';

/**
 * Bytes of a chunk; each stands for itself. Source: [MS-EVEN6] and the format's public
 * descriptions.
 */
export const CHUNK_BYTES = 65_536;

/**
 * The content of a chunk: its records as event XML, and the errors of those that could not be read.
 */
export interface ChunkRecords {
  readonly records: readonly { readonly number: bigint; readonly xml: string }[];
  readonly errors: readonly string[];
}

/** Reads chunks; never throws for their content. */
export interface EvtxReader {
  read(chunk: Buffer): Promise<ChunkRecords>;
}

/**
 * The used part of WebAssembly; its types belong to the DOM's, which a program for Node does not
 * load.
 */
interface WasmApi {
  compile(bytes: Buffer): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: unknown }>;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(length: number): number;
  read_chunk(): number;
  output(): number;
}

const FRAME_HEAD_BYTES = 13;
const RECORD = 1;
/** A chunk expands to megabytes at most; an instance that has grown beyond this is thrown away. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** Compiles the reader once. Throws when its file is missing. */
export async function createEvtxReader(): Promise<EvtxReader> {
  const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WasmApi };
  const compiled = await wasm.compile(await readFile(packagePath('deploy', 'evtx', 'evtx.wasm')));
  const instantiate = async (): Promise<Exports> => (await wasm.instantiate(compiled, {})).exports as Exports;
  let instance = await instantiate();
  return {
    read: async (chunk) => {
      try {
        const answer = readChunk(instance, chunk);
        if (instance.memory.buffer.byteLength > MAX_MEMORY_BYTES) instance = await instantiate();
        return answer;
      } catch (error) {
        // After a trap its memory may be in any state.
        instance = await instantiate();
        return { records: [], errors: [`the chunk broke the reader: ${errorText(error)}`] };
      }
    },
  };
}

function readChunk(instance: Exports, chunk: Buffer): ChunkRecords {
  const place = instance.reserve(chunk.length);
  new Uint8Array(instance.memory.buffer, place, chunk.length).set(chunk);
  const length = instance.read_chunk();
  if (length < 0) return { records: [], errors: [Buffer.from(outputOf(instance, -1 - length)).toString('utf8')] };
  return readFrames(Buffer.from(outputOf(instance, length)));
}

function outputOf(instance: Exports, length: number): Uint8Array {
  return new Uint8Array(instance.memory.buffer, instance.output(), length);
}

function readFrames(bytes: Buffer): ChunkRecords {
  const records: { number: bigint; xml: string }[] = [];
  const errors: string[] = [];
  let at = 0;
  while (at + FRAME_HEAD_BYTES <= bytes.length) {
    const end = at + FRAME_HEAD_BYTES + bytes.readUInt32LE(at + 9);
    const text = bytes.toString('utf8', at + FRAME_HEAD_BYTES, end);
    if (bytes[at] === RECORD) records.push({ number: bytes.readBigUInt64LE(at + 1), xml: text });
    else errors.push(text);
    at = end;
  }
  return { records, errors };
}
