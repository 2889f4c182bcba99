// Reads a request's body within its limits; what is compressed is unpacked as it comes, so that a
// bomb costs no more than the limit.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Reservation } from '../input.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { ACCEPTED_CODINGS, type Coding, codingOf, type Decoder, GZIP } from './codings.ts';

/** The limits of a body. */
export interface BodyLimits {
  /** Where they stand, for messages, e.g. `collector.http`. */
  readonly section: string;
  readonly maxBodyBytes: number;
  readonly maxDecodedBytes: number;
}

/** A body admitted by its headers. */
export interface AdmittedBody {
  /** Undefined for one that is not compressed, as far as its headers say. */
  readonly coding: Coding | undefined;
  /** The most bytes that it may have when it is whole and unpacked. */
  readonly maxBytes: number;
  /**
   * How many times as large a buffer that is full becomes; where the length is declared it grows no
   * further than that.
   */
  readonly growth: number;
}

/**
 * Checks the headers, before anything is read. Throws Refusal (413, 415). Nothing is reserved yet:
 * a length that is declared takes no room from others.
 */
export function admitBody({ headers }: IncomingMessage, limits: BodyLimits): AdmittedBody {
  const coding = codingOf(headers['content-encoding']);
  if (coding === 'unknown')
    throw new Refusal(
      415,
      'unsupported_encoding',
      `Content-Encoding ${headers['content-encoding']} is not understood; send one of ${ACCEPTED_CODINGS}.`,
      { headers: { 'accept-encoding': ACCEPTED_CODINGS } },
    );
  const { section, maxBodyBytes, maxDecodedBytes } = limits;
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (length !== undefined && length > maxBodyBytes) throw tooLarge('', maxBodyBytes, `${section}.maxBodyBytes`);
  if (coding !== undefined || length === undefined) return { coding, maxBytes: maxDecodedBytes, growth: 2 };
  if (length > maxDecodedBytes) throw tooLarge('', maxDecodedBytes, `${section}.maxDecodedBytes`);
  return { coding, maxBytes: length, growth: 8 };
}

/** How a body is read. */
export interface BodyReading extends BodyLimits {
  readonly reservation: Reservation;
  /** How long each further KiB may take. */
  readonly bodyStallMs: number;
}

/**
 * The whole body, unpacked, its room reserved as it grows. Throws Refusal (400, 408, 413),
 * Overloaded when the budget is spent, and whatever the connection died of.
 */
export async function readBody(
  request: IncomingMessage,
  { coding, maxBytes, growth }: AdmittedBody,
  { section, reservation, maxBodyBytes, maxDecodedBytes, bodyStallMs }: BodyReading,
): Promise<Buffer> {
  const arriving = steady(bounded(request, maxBodyBytes, section), bodyStallMs, section);
  const body = createGrowingBuffer(reservation, maxBytes, growth);
  const take = (chunk: Buffer): void => {
    if (!body.add(chunk)) throw tooLarge('after decompression', maxDecodedBytes, `${section}.maxDecodedBytes`);
  };
  if (coding !== undefined) await unpack(arriving, take, { coding, reservation });
  else for await (const chunk of arriving) take(chunk);
  const bytes = body.bytes();
  return coding !== undefined || !isPacked(bytes)
    ? bytes
    : await unpackWhole(bytes, { section, reservation, maxDecodedBytes });
}

/** Whether it begins as gzip does, which neither JSON nor XML can. Source: RFC 1952 section 2.3. */
function isPacked(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** For a sender that compresses without the header. */
async function unpackWhole(
  packed: Buffer,
  { section, reservation, maxDecodedBytes }: Pick<BodyReading, 'section' | 'reservation' | 'maxDecodedBytes'>,
): Promise<Buffer> {
  const body = createGrowingBuffer(reservation, maxDecodedBytes, 2);
  const take = (chunk: Buffer): void => {
    if (!body.add(chunk)) throw tooLarge('after decompression', maxDecodedBytes, `${section}.maxDecodedBytes`);
  };
  await unpack(oneByOne(packed), take, { coding: GZIP, reservation });
  return body.bytes();
}

const PART_BYTES = 65_536;

async function* oneByOne(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PART_BYTES) yield bytes.subarray(at, at + PART_BYTES);
}

const FIRST_BYTES = 16_384;

interface GrowingBuffer {
  /** False when it would be more than the most; throws what the reservation throws. */
  add(chunk: Buffer): boolean;
  bytes(): Buffer;
}

/**
 * One buffer that grows, so that neither many small chunks nor a declared length take more than
 * what came; while it is copied, which no other request can see, there are two.
 */
function createGrowingBuffer(reservation: Reservation, maxBytes: number, growth: number): GrowingBuffer {
  let buffer = Buffer.alloc(0);
  let length = 0;
  return {
    add: (chunk) => {
      const needed = length + chunk.length;
      if (needed > maxBytes) return false;
      if (needed > buffer.length) {
        const size = Math.min(Math.max(needed, buffer.length * growth, FIRST_BYTES), maxBytes);
        reservation.grow(size - buffer.length);
        const larger = Buffer.allocUnsafeSlow(size);
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      chunk.copy(buffer, length);
      length = needed;
      return true;
    },
    bytes: () => buffer.subarray(0, length),
  };
}

const STEADY_BYTES = 1024;

/**
 * The same chunks, as long as they bring a KiB in each stretch of time; a sender that reserves room
 * and sends next to nothing gets a 408.
 */
async function* steady(chunks: AsyncIterator<Buffer>, stallMs: number, section: string): AsyncGenerator<Buffer> {
  let arrived = 0;
  let giveUp: ((error: Refusal) => void) | undefined;
  const watch = setInterval(() => {
    if (arrived < STEADY_BYTES)
      giveUp?.(
        new Refusal(
          408,
          'timeout',
          `The body stopped: less than ${STEADY_BYTES} bytes in ${stallMs} ms (${section}.bodyStallMs). Send it again.`,
        ),
      );
    arrived = 0;
  }, stallMs);
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
        giveUp = reject;
        chunks.next().then(resolve, reject);
      });
      if (next.done === true) return;
      arrived += next.value.length;
      yield next.value;
    }
  } finally {
    clearInterval(watch);
    // Not awaited: after a stop the next chunk may never come.
    void chunks.return?.().catch(() => undefined);
  }
}

/**
 * The chunks as they come; the stream stays open when they are left, so that an answer can still be
 * written.
 */
async function* bounded(request: IncomingMessage, maxBytes: number, section: string): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge('', maxBytes, `${section}.maxBodyBytes`);
    yield chunk;
  }
}

/**
 * Bytes behind the end of the compressed data are refused. Node drops them, and with them all zstd
 * frames but the first (https://github.com/nodejs/node/issues/64741).
 */
async function unpack(
  arriving: AsyncIterable<Buffer>,
  take: (chunk: Buffer) => void,
  { coding, reservation }: { readonly coding: Coding; readonly reservation: Reservation },
): Promise<void> {
  let work: { readonly decoder: Decoder; readonly ended: Promise<void> } | undefined;
  const begin = (start: Buffer): NonNullable<typeof work> => {
    reservation.grow(coding.workBytes);
    const decoder = coding.open(start);
    const ended = endOf(decoder, coding, take);
    // Whoever awaits it first reports it; until then it is no unhandled rejection.
    ended.catch(() => undefined);
    return { decoder, ended };
  };
  let length = 0;
  try {
    for await (const chunk of arriving) {
      work ??= begin(chunk);
      const { decoder, ended } = work;
      length += chunk.length;
      if (decoder.readableEnded) break;
      if (!decoder.destroyed && !decoder.write(chunk)) await Promise.race([once(decoder, 'drain'), ended]);
    }
    work ??= begin(Buffer.alloc(0));
    work.decoder.end();
    await work.ended;
    if (work.decoder.bytesWritten < length)
      throw notUnpacked(coding, 'it goes on after the end of its compressed data');
  } finally {
    work?.decoder.destroy();
  }
}

async function endOf(decoder: Decoder, coding: Coding, take: (chunk: Buffer) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    decoder.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        decoder.destroy();
        reject(error);
      }
    });
    decoder.on('end', resolve);
    decoder.on('error', (error) => reject(notUnpacked(coding, error.message)));
  });
}

function notUnpacked({ name }: Coding, why: string): Refusal {
  return new Refusal(400, `invalid_${name}`, `The body cannot be unpacked: ${why}.`);
}

function tooLarge(when: string, maxBytes: number, setting: string): Refusal {
  const what = when === '' ? 'The body' : `The body ${when}`;
  return new Refusal(
    413,
    'too_large',
    `${what} has more than ${maxBytes} bytes (${setting}); send fewer events a request.`,
  );
}
