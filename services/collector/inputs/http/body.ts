// Reads a request's body within its limits; gzip is unpacked as it comes, so that a bomb costs no more than the limit.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { Reservation } from '../input.ts';
import { Refusal } from './refusal.ts';

/** The limits of a body. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxDecodedBytes: number;
}

/** A body whose headers let it in; its declared length is reserved. */
export interface AdmittedBody {
  readonly isGzip: boolean;
  /** Bytes reserved so far; undefined when the length is only known at the end. */
  readonly declaredBytes: number | undefined;
}

/** Judges the headers, before anything is read. Throws Refusal (413, 415), and Overloaded when the budget is spent. */
export function admitBody({ headers }: IncomingMessage, limits: BodyLimits, reservation: Reservation): AdmittedBody {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'x-gzip')
    throw new Refusal(
      415,
      'unsupported_encoding',
      `Content-Encoding ${encoding} is not understood; send gzip or none.`,
      {
        'accept-encoding': 'gzip, identity',
      },
    );
  const { maxBodyBytes, maxDecodedBytes } = limits;
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (length !== undefined && length > maxBodyBytes) throw tooLarge('', maxBodyBytes, 'maxBodyBytes');
  const isGzip = encoding !== 'identity';
  if (isGzip || length === undefined) return { isGzip, declaredBytes: undefined };
  if (length > maxDecodedBytes) throw tooLarge('', maxDecodedBytes, 'maxDecodedBytes');
  reservation.grow(length);
  return { isGzip, declaredBytes: length };
}

/** The whole body, unpacked. Throws Refusal (400, 413), Overloaded when the budget is spent, and whatever the connection died of. */
export async function readBody(
  request: IncomingMessage,
  { isGzip, declaredBytes }: AdmittedBody,
  limits: BodyLimits & { readonly reservation: Reservation },
): Promise<Buffer> {
  const arriving = bounded(request, limits.maxBodyBytes);
  if (declaredBytes !== undefined) return await readDeclared(arriving, declaredBytes);
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer): void => {
    length += chunk.length;
    if (length > limits.maxDecodedBytes)
      throw tooLarge('after decompression', limits.maxDecodedBytes, 'maxDecodedBytes');
    limits.reservation.grow(chunk.length);
    chunks.push(chunk);
  };
  if (isGzip) await unpack(arriving, take);
  else for await (const chunk of arriving) take(chunk);
  return Buffer.concat(chunks, length);
}

/** Into one buffer of the right size, so that a body is never there twice. The parser of HTTP lets no more through than was declared. */
async function readDeclared(arriving: AsyncIterable<Buffer>, bytes: number): Promise<Buffer> {
  const body = Buffer.allocUnsafeSlow(bytes);
  let length = 0;
  for await (const chunk of arriving) length += chunk.copy(body, length);
  return body.subarray(0, length);
}

/** The chunks as they come; the stream stays open when they are left, so that an answer can still be written. */
async function* bounded(request: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge('', maxBytes, 'maxBodyBytes');
    yield chunk;
  }
}

async function unpack(arriving: AsyncIterable<Buffer>, take: (chunk: Buffer) => void): Promise<void> {
  const gunzip = createGunzip();
  const ended = endOf(gunzip, take);
  // Whoever awaits it first reports it; until then it is no unhandled rejection.
  ended.catch(() => undefined);
  try {
    for await (const chunk of arriving)
      if (!gunzip.destroyed && !gunzip.write(chunk)) await Promise.race([once(gunzip, 'drain'), ended]);
    gunzip.end();
    await ended;
  } finally {
    gunzip.destroy();
  }
}

async function endOf(gunzip: Gunzip, take: (chunk: Buffer) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    gunzip.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        gunzip.destroy();
        reject(error);
      }
    });
    gunzip.on('end', resolve);
    gunzip.on('error', (error) =>
      reject(new Refusal(400, 'invalid_gzip', `The body cannot be unpacked: ${error.message}.`)),
    );
  });
}

function tooLarge(when: string, maxBytes: number, name: string): Refusal {
  const what = when === '' ? 'The body' : `The body ${when}`;
  return new Refusal(
    413,
    'too_large',
    `${what} has more than ${maxBytes} bytes (collector.http.${name}); send fewer events a request.`,
  );
}
