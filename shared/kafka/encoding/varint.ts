// Variable-length integers of a record (zigzag, seven bits a byte; Kafka documentation, "Record"),
// and the texts and bytes behind them. Lengths are below 2^30 here: no record is as large.

/** The byte of the length -1: there is no value. */
const NONE = 1;
/** Up to this length a loop is quicker than a call of native code. */
const SHORT = 48;

/** The bytes that `value` (0 or more) takes. */
export function varintBytes(value: number): number {
  if (value < 64) return 1;
  if (value < 8192) return 2;
  if (value < 1_048_576) return 3;
  return value < 134_217_728 ? 4 : 5;
}

/** Writes `value` (0 or more) to `at`; returns the end. */
export function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = value * 2;
  let end = at;
  for (; rest > 127; rest = Math.floor(rest / 128)) target[end++] = (rest & 127) | 128;
  target[end] = rest;
  return end + 1;
}

/** The bytes of `value`, in UTF-8 where it is a text, with its length in front. */
export function sizeOf(value: Buffer | string | null | undefined): number {
  if (value === null || value === undefined) return 1;
  const size = typeof value === 'string' ? utf8Bytes(value) : value.length;
  return varintBytes(size) + size;
}

/** Writes `value` with its length in front to `at`; returns the end. */
export function write(target: Buffer, at: number, value: Buffer | string | null | undefined): number {
  if (value === null || value === undefined) {
    target[at] = NONE;
    return at + 1;
  }
  if (typeof value !== 'string') {
    const start = writeVarint(target, at, value.length);
    target.set(value, start);
    return start + value.length;
  }
  const size = utf8Bytes(value);
  const start = writeVarint(target, at, size);
  if (size > SHORT || size !== value.length) return start + target.write(value, start, size);
  for (let index = 0; index < size; index += 1) target[start + index] = value.charCodeAt(index);
  return start + size;
}

function utf8Bytes(text: string): number {
  const { length } = text;
  if (length > SHORT) return Buffer.byteLength(text);
  for (let index = 0; index < length; index += 1) if (text.charCodeAt(index) > 127) return Buffer.byteLength(text);
  return length;
}
