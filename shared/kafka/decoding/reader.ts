// Reads what a record batch is made of, from a buffer and never beyond its end (Kafka protocol,
// "Protocol Primitive Types").

const MOST_ASCII = 0x7f;

/** A place in a buffer. Every read throws RangeError where bytes are missing or make no sense. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  /** Where the part begins that is entered. */
  #start = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  /** Reads nothing beyond the next `count` bytes until `leave`. */
  enter(count: number): void {
    this.#start = this.#at;
    this.skip(count);
    this.#end = this.#at;
    this.#at = this.#start;
  }

  /** All bytes of the part that was entered, not copied. */
  entered(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Goes on behind the part that was entered. */
  leave(): void {
    this.#at = this.#end;
    this.#end = this.#bytes.length;
  }

  /** A signed number of 32 bits in zigzag form. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new RangeError('a number of more than 32 bits');
  }

  /** A signed number of 64 bits in zigzag form. */
  varlong(): bigint {
    // Most are: the records of a batch have one time.
    if (this.left > 0 && this.#bytes[this.#at] === 0) {
      this.#at += 1;
      return 0n;
    }
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new RangeError('a number of more than 64 bits');
  }

  skip(count: number): void {
    if (count < 0 || count > this.left) throw new RangeError(`${count} bytes where ${this.left} are left`);
    this.#at += count;
  }

  /** The next `count` bytes, not copied. */
  take(count: number): Buffer {
    const from = this.#at;
    this.skip(count);
    return this.#bytes.subarray(from, this.#at);
  }

  /** Bytes behind their length; null for the length -1. */
  varBytes(): Buffer | null {
    const length = this.varint();
    return length === -1 ? null : this.take(length);
  }

  /**
   * A text in UTF-8 behind its length; null for the length -1. The `expected` one, where it is
   * that, is not made anew.
   */
  varText(expected = ''): string | null {
    const length = this.varint();
    if (length === -1) return null;
    const from = this.#at;
    this.skip(length);
    return this.#isAt(from, length, expected) ? expected : this.#bytes.toString('utf8', from, this.#at);
  }

  /** Compares texts in ASCII; no other byte is equal to a character. */
  #isAt(from: number, length: number, text: string): boolean {
    if (length !== text.length) return false;
    for (let index = 0; index < length; index += 1)
      if (this.#bytes[from + index] !== text.charCodeAt(index) || text.charCodeAt(index) > MOST_ASCII) return false;
    return true;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined || this.#at >= this.#end) throw new RangeError('it ends too early');
    this.#at += 1;
    return byte;
  }
}
