// A buffer for decompressed bytes: it grows up to a limit, and repeats what it holds.

const SHORT_COPY = 32;

/** A buffer that grows. Everything throws RangeError beyond `maxBytes`. */
export class Growing {
  readonly #maxBytes: number;
  #bytes: Buffer;
  #length = 0;

  constructor(firstBytes: number, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = Buffer.allocUnsafe(Math.min(Math.max(firstBytes, 1024), maxBytes));
  }

  get length(): number {
    return this.#length;
  }

  append(source: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    if (to - from > SHORT_COPY) source.copy(this.#bytes, this.#length, from, to);
    else for (let at = from, end = this.#length; at < to; at += 1, end += 1) this.#bytes[end] = source[at] ?? 0;
    this.#length += to - from;
  }

  /**
   * Repeats `count` bytes from `distance` bytes back, which may overlap; nothing before `from` may
   * be reached.
   */
  repeat(distance: number, count: number, from: number): void {
    const start = this.#length - distance;
    if (distance === 0 || start < from) throw new RangeError('a match reaches back before the beginning');
    this.#reserve(count);
    const bytes = this.#bytes;
    const end = this.#length;
    if (distance >= count && count > SHORT_COPY) bytes.copyWithin(end, start, start + count);
    else if (distance === 1) bytes.fill(bytes[start] ?? 0, end, end + count);
    else for (let at = 0; at < count; at += 1) bytes[end + at] = bytes[start + at] ?? 0;
    this.#length += count;
  }

  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    if (needed > this.#maxBytes) throw new RangeError(`more than ${this.#maxBytes} bytes when decompressed`);
    const grown = Buffer.allocUnsafe(Math.min(Math.max(needed, this.#bytes.length * 2), this.#maxBytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
