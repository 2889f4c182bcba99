// Messages out of a stream of syslog. How the next one is framed is decided by its first byte: a
// digit begins the count of its octets, anything else runs to the line feed or NUL behind it.
// Source: RFC 6587 section 3.4; RFC 5425 section 4.3 has the counts by TLS.

/** A message without its framing. */
export interface Message {
  /** All of it, or its beginning. */
  readonly bytes: Buffer;
  /** Why there is only a beginning. */
  readonly fault?: 'too_large' | 'cut_off';
}

const [NUL, LINE_FEED, RETURN, SPACE, ZERO, NINE] = [0x00, 0x0a, 0x0d, 0x20, 0x30, 0x39];
/** What may stand between two messages. */
const BETWEEN: ReadonlySet<number> = new Set([NUL, LINE_FEED, RETURN]);
/** A longer number is no count. */
const MOST_DIGITS = 9;
const EMPTY: Buffer = Buffer.alloc(0);
const FIRST_BYTES = 4096;

/** Reads a stream chunk by chunk. Nothing is allocated by an announced length alone. */
export class MessageReader {
  readonly #maxBytes: number;
  #digits = '';
  /** Octets that are still to come; undefined for a message that a line feed or NUL ends. */
  #left: number | undefined;
  #isBegun = false;
  /** What earlier chunks brought of the message. */
  #store: Buffer = EMPTY;
  #stored = 0;
  #length = 0;
  /** The first NUL of the chunk that is not passed. */
  #nul = -1;

  /** Of a message that is longer only the beginning is kept. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The bytes at hand of a message that is not complete. */
  get heldBytes(): number {
    return this.#stored;
  }

  /** The most that this message will hold. */
  get expectedBytes(): number {
    return Math.min(this.#maxBytes, this.#left === undefined ? this.#maxBytes : this.#length + this.#left);
  }

  /** Whether a message has begun and is not complete. */
  get isWithin(): boolean {
    return this.#isBegun || this.#digits !== '';
  }

  /** The messages that are complete with this chunk. Those in one chunk share its memory. */
  *read(chunk: Buffer): Generator<Message> {
    this.#nul = -1;
    let at = 0;
    while (at < chunk.length) {
      if (!this.#isBegun) at = this.#begin(chunk, at);
      else {
        const end = this.#endOf(chunk, at);
        const isComplete = this.#left === undefined ? end < chunk.length : end - at === this.#left;
        const part = chunk.subarray(at, end);
        at = isComplete && this.#left === undefined ? end + 1 : end;
        if (isComplete) yield* this.#complete(part);
        else this.#keep(part);
      }
    }
  }

  /** What is left of a stream that ends here; `isWhole` when its sender ended it. */
  end(isWhole: boolean): Message | undefined {
    if (this.#digits !== '') this.#beginLine();
    if (!this.#isBegun || this.#stored === 0) return undefined;
    const isCut = this.#left !== undefined || !isWhole;
    const [message] = this.#complete(EMPTY);
    return isCut && message !== undefined ? { fault: 'cut_off', ...message } : message;
  }

  /** Passes what stands before a message and its count, if it has one; gives where it goes on. */
  #begin(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (this.#digits === '' && BETWEEN.has(byte)) continue;
      const least = this.#digits === '' ? ZERO + 1 : ZERO;
      if (byte >= least && byte <= NINE && this.#digits.length < MOST_DIGITS) {
        this.#digits += String.fromCharCode(byte);
        continue;
      }
      if (byte !== SPACE || this.#digits === '') {
        this.#beginLine();
        return at;
      }
      this.#left = Number(this.#digits);
      this.#digits = '';
      this.#isBegun = true;
      return at + 1;
    }
    return chunk.length;
  }

  /** Digits that are no count belong to the message. */
  #beginLine(): void {
    this.#isBegun = true;
    this.#keep(Buffer.from(this.#digits, 'latin1'));
    this.#digits = '';
  }

  #endOf(chunk: Buffer, at: number): number {
    if (this.#left !== undefined) return Math.min(chunk.length, at + this.#left);
    if (this.#nul < at) this.#nul = orEnd(chunk, chunk.indexOf(NUL, at));
    return Math.min(this.#nul, orEnd(chunk, chunk.indexOf(LINE_FEED, at)));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#left !== undefined) this.#left -= part.length;
    const kept = Math.min(part.length, this.#maxBytes - this.#stored);
    const wanted = this.#stored + kept;
    if (wanted > this.#store.length) {
      const capacity = Math.min(this.#maxBytes, Math.max(wanted, 2 * this.#store.length, FIRST_BYTES));
      const grown = Buffer.allocUnsafeSlow(capacity);
      this.#store.copy(grown, 0, 0, this.#stored);
      this.#store = grown;
    }
    part.copy(this.#store, this.#stored, 0, kept);
    this.#stored = wanted;
  }

  *#complete(part: Buffer): Generator<Message> {
    const isLine = this.#left === undefined;
    const isShared = this.#length === 0;
    if (!isShared) this.#keep(part);
    const given = isShared ? part : this.#store.subarray(0, this.#stored);
    const isTooLarge = (isShared ? part.length : this.#length) > this.#maxBytes;
    this.#isBegun = false;
    this.#left = undefined;
    this.#store = EMPTY;
    this.#stored = 0;
    this.#length = 0;
    const bytes = given.subarray(0, isTooLarge ? this.#maxBytes : isLine ? lineEnd(given) : given.length);
    if (bytes.length > 0) yield isTooLarge ? { bytes, fault: 'too_large' } : { bytes };
  }
}

function orEnd(chunk: Buffer, at: number): number {
  return at === -1 ? chunk.length : at;
}

function lineEnd(bytes: Buffer): number {
  return bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
}
