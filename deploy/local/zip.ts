// Reads the entries of a jar, which is a zip file (PKWARE APPNOTE 4.3): enough for jars of Maven
// Central, without a library.
import { inflateRawSync } from 'node:zlib';

const END_SIGNATURE = 0x06_05_4b_50;
const CENTRAL_SIGNATURE = 0x02_01_4b_50;
const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const LOCAL_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;

/**
 * The files of a zip by name; each is unpacked when it is asked for. Throws a plain Error when
 * `zip` is none.
 */
export function readZipEntries(zip: Buffer): ReadonlyMap<string, () => Buffer> {
  const end = findEnd(zip);
  const entries = new Map<string, () => Buffer>();
  let offset = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(offset) !== CENTRAL_SIGNATURE)
      throw new Error('The zip file is damaged: its directory ends early.');
    const at = offset;
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + CENTRAL_LENGTH, at + CENTRAL_LENGTH + nameLength);
    if (!name.endsWith('/')) entries.set(name, () => unpack(zip, at));
    offset = at + CENTRAL_LENGTH + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

function findEnd(zip: Buffer): number {
  for (let at = zip.length - END_LENGTH; at >= 0; at -= 1) if (zip.readUInt32LE(at) === END_SIGNATURE) return at;
  throw new Error('This is no zip file: its end record is missing.');
}

function unpack(zip: Buffer, central: number): Buffer {
  const packed = zip.readUInt32LE(central + 20);
  const local = zip.readUInt32LE(central + 42);
  const from = local + LOCAL_LENGTH + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(from, from + packed);
  const method = zip.readUInt16LE(central + 10);
  if (method !== DEFLATED && method !== STORED)
    throw new Error(`The zip file is packed by method ${method}, not by deflate.`);
  return method === DEFLATED ? inflateRawSync(bytes) : Buffer.from(bytes);
}
