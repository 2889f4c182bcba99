// Log files: every record as event XML, and whatever is broken is counted and spoils nothing beside
// it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { chunksOf, HEADER_BYTES, isEvtx } from '../../../../services/cli/evtx/chunks.ts';
import { CHUNK_BYTES, createEvtxReader } from '../../../../services/cli/evtx/reader.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';

const file = readFileSync(packagePath('test', 'data', 'evtx', 'hello-for-business.evtx'));
const chunk = file.subarray(HEADER_BYTES, HEADER_BYTES + CHUNK_BYTES);

async function onDisk(t: TestContext, bytes: Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'foghorn-evtx-'));
  await writeFile(join(folder, 'x.evtx'), bytes);
  const handle = await open(join(folder, 'x.evtx'));
  t.after(async () => {
    await handle.close();
    await rm(folder, { recursive: true });
  });
  return handle;
}

test('every record comes out as event XML that the reader of events takes', async () => {
  const { records, errors } = await (await createEvtxReader()).read(chunk);
  assert.deepEqual([records.length, errors.length], [6, 0]);
  const events = records.map(({ xml }) => readEvent(Buffer.from(xml), 'utf-8'));
  const providers = events.map((read) => (read.kind === 'event' ? read.event.providerName : read.detail));
  assert.deepEqual([...new Set(providers)].sort(), ['', 'Microsoft-Windows-HelloForBusiness']);
  assert.equal(providers.filter((name) => name === '').length, 1, 'the last record is hollow');
});

test('what is no chunk is said to be none', async () => {
  const reader = await createEvtxReader();
  for (const bytes of [Buffer.alloc(CHUNK_BYTES, 0x41), Buffer.alloc(10), Buffer.alloc(0)]) {
    const { records, errors } = await reader.read(bytes);
    assert.deepEqual([records.length, errors.length], [0, 1]);
  }
});

test('chunks broken in a thousand places never break the reader, and it goes on reading whole ones', async () => {
  const reader = await createEvtxReader();
  let seed = 20_260_309;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let round = 0; round < 200; round += 1) {
    const broken = Buffer.from(chunk);
    for (let fault = 0; fault < 5; fault += 1) broken[8 + random(6000)] = random(256);
    const { records } = await reader.read(broken);
    assert.ok(records.length <= 1000);
  }
  assert.equal((await reader.read(chunk)).records.length, 6);
});

test('chunks are found by their place, whatever the header counts; a cut one is filled up, unwritten room is left out', async (t) => {
  const lying = Buffer.concat([
    Buffer.from(file.subarray(0, HEADER_BYTES)).fill(0, 8),
    chunk,
    Buffer.alloc(CHUNK_BYTES),
  ]);
  const strange = Buffer.concat([lying, Buffer.alloc(CHUNK_BYTES, 1), chunk.subarray(0, 30_000)]);
  const handle = await onDisk(t, strange);
  assert.ok(await isEvtx(handle));
  const found: [number, number | undefined][] = [];
  for await (const { offset, bytes } of chunksOf(handle, HEADER_BYTES)) found.push([offset, bytes?.length]);
  assert.deepEqual(found, [
    [HEADER_BYTES, CHUNK_BYTES],
    [HEADER_BYTES + 2 * CHUNK_BYTES, undefined],
    [HEADER_BYTES + 3 * CHUNK_BYTES, CHUNK_BYTES],
  ]);
});

test('another file is none', async (t) => {
  assert.ok(!(await isEvtx(await onDisk(t, Buffer.from('hello')))));
});
