// Bytes in pieces of a wanted length, out of chunks as they come. Nothing is allocated by an
// announced length alone.
import type { ConnectionFault } from '../connection-fault.ts';

/** Room for bytes that wait for others; `grow` resolves when there is some. */
export interface Holding {
  grow(bytes: number): Promise<void>;
  release(): void;
}

/** Where bytes come from; undefined at the end. */
export type NextChunk = () => Promise<Buffer | undefined>;

const EMPTY: Buffer = Buffer.alloc(0);
/** So many bytes are allocated at once; more, doubled each time, when they have come. */
const FIRST_BYTES = 65_536;

/** Reads a stream of chunks. */
export class ByteReader {
  readonly #next: NextChunk;
  readonly #hold: () => Holding;
  readonly #endFault: () => ConnectionFault;
  #chunk: Buffer = EMPTY;
  #at = 0;

  /** `endFault` makes what is thrown when the stream ends too early. */
  constructor(next: NextChunk, hold: () => Holding, endFault: () => ConnectionFault) {
    this.#next = next;
    this.#hold = hold;
    this.#endFault = endFault;
  }

  /** What is left of the chunk at hand. */
  atHand(): Buffer {
    return this.#chunk.subarray(this.#at);
  }

  /** Passes bytes at hand. */
  skip(length: number): void {
    this.#at += length;
  }

  /** The next big-endian number of so many bytes, where the chunk at hand has them all. */
  takeNumber(length: 2 | 4): number | undefined {
    const at = this.#at;
    if (at + length > this.#chunk.length) return undefined;
    this.#at = at + length;
    return length === 2 ? this.#chunk.readUInt16BE(at) : this.#chunk.readUInt32BE(at);
  }

  /** The next big-endian number of four bytes. Throws ConnectionFault at the end of the stream. */
  async number(): Promise<number> {
    return this.takeNumber(4) ?? (await this.collect(4)).readUInt32BE(0);
  }

  /** Whether nothing more comes. */
  async isAtEnd(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const chunk = await this.#next();
      if (chunk === undefined) return true;
      this.#chunk = chunk;
      this.#at = 0;
    }
    return false;
  }

  /**
   * The bytes that are at hand, at least one and at most so many. Throws ConnectionFault at the end
   * of the stream.
   */
  async some(most: number): Promise<Buffer> {
    if (await this.isAtEnd()) throw this.#endFault();
    const bytes = this.#chunk.subarray(this.#at, this.#at + most);
    this.#at += bytes.length;
    return bytes;
  }

  /**
   * The next `length` bytes in a buffer of their own, of which the first `keep` are kept. Throws
   * ConnectionFault at the end of the stream.
   */
  async collect(length: number, keep = length): Promise<Buffer> {
    const holding = this.#hold();
    let buffer = EMPTY;
    let filled = 0;
    try {
      for (let left = length; left > 0; ) {
        const part = await this.some(left);
        left -= part.length;
        const kept = part.subarray(0, keep - filled);
        const needed = filled + kept.length;
        if (needed > buffer.length) {
          const size = Math.min(keep, Math.max(needed, FIRST_BYTES, 2 * buffer.length));
          await holding.grow(size - buffer.length);
          const larger = Buffer.allocUnsafeSlow(size);
          buffer.copy(larger, 0, 0, filled);
          buffer = larger;
        }
        kept.copy(buffer, filled);
        filled = needed;
      }
    } finally {
      holding.release();
    }
    return buffer;
  }
}
