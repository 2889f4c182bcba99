// Reading jars: stored and packed files, and a refusal of what is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { readZipEntries } from '../../../../deploy/local/zip.ts';

interface File {
  readonly name: string;
  readonly bytes: Buffer;
  readonly method: number;
  readonly extra?: Buffer;
}

/**
 * A zip file as PKWARE's APPNOTE lays it out; local headers have another extra field than the
 * directory, as jars may.
 */
function zipOf(files: readonly File[], comment = ''): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, method, extra = Buffer.alloc(0) } of files) {
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04_03_4b_50);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    local.writeUInt16LE(extra.length, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02_01_4b_50);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(bytes.length, 24);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt16LE(4, 30);
    central.writeUInt16LE(2, 32);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), extra, packed);
    directory.push(central, Buffer.from(name), Buffer.alloc(6));
    offset += local.length + Buffer.byteLength(name) + extra.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06_05_4b_50);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, ...directory, end, Buffer.from(comment)]);
}

const STORED: File = { name: 'a/stored.txt', bytes: Buffer.from('as it is'), method: 0, extra: Buffer.alloc(9) };
const PACKED: File = { name: 'a/päcked.bin', bytes: Buffer.alloc(100_000, 'x'), method: 8 };
const FOLDER: File = { name: 'a/', bytes: Buffer.alloc(0), method: 0 };

test('files are found by name, folders are left out, a comment at the end is no hindrance', () => {
  const entries = readZipEntries(zipOf([FOLDER, STORED, PACKED], 'signed by nobody'));
  assert.deepEqual([...entries.keys()], [STORED.name, PACKED.name]);
  assert.deepEqual(entries.get(STORED.name)?.(), STORED.bytes);
  assert.deepEqual(entries.get(PACKED.name)?.(), PACKED.bytes);
});

test('an empty zip file holds nothing', () => {
  assert.equal(readZipEntries(zipOf([])).size, 0);
});

test('what is no zip file, or a damaged one, is refused', () => {
  assert.throws(() => readZipEntries(Buffer.alloc(0)), /no zip file/u);
  assert.throws(() => readZipEntries(Buffer.from('<html>502 Bad Gateway</html>')), /no zip file/u);
  const whole = zipOf([STORED, PACKED]);
  assert.throws(() => readZipEntries(whole.subarray(0, -22)), /no zip file/u);
  assert.throws(() => readZipEntries(whole.subarray(20)), Error);
});

test('a way of packing that is not known is said', () => {
  const entries = readZipEntries(zipOf([{ ...STORED, method: 12 }]));
  assert.throws(() => entries.get(STORED.name)?.(), /method 12/u);
});
