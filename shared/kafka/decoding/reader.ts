// Reads what a record batch is made of, from a buffer and never beyond its end (Kafka protocol,
// "Protocol Primitive Types").

/** A place in a buffer. Every read throws RangeError where bytes are missing or make no sense. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
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

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('it ends too early');
    this.#at += 1;
    return byte;
  }
}
