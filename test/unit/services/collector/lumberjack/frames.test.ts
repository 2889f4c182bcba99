// Frames out of a stream: the same whatever its cuts, within limits whatever its bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { cutAtRandom, faultOfStream, readStream, streamMutant } from '../../../../fuzz/lumberjack.ts';
import { randomOf } from '../../../../fuzz/mutate.ts';
import { eventFrame, frame, packedFrame, windowOf } from '../../../../support/lumberjack.ts';

const random = randomOf(5044);
const EVENTS = ['{"a":1}', `{"b":"${'é'.repeat(900)}"}`, '{}'];

const eventsOf = ({ frames }: Awaited<ReturnType<typeof readStream>>): readonly string[] =>
  frames.flatMap((one) => (one.kind === 'event' ? [String(one.bytes)] : []));

for (const isPacked of [true, false])
  test(`windows and events are read wherever the stream is cut, ${isPacked ? 'compressed' : 'plain'}`, async () => {
    const bytes = Buffer.concat([windowOf(EVENTS, { isPacked }), frame('W', [0]), windowOf(EVENTS, { isPacked })]);
    for (let round = 0; round < 50; round += 1) {
      const read = await readStream(round === 0 ? [bytes] : cutAtRandom(bytes, random));
      assert.equal(read.fault, undefined);
      assert.deepEqual(eventsOf(read), [...EVENTS, ...EVENTS]);
      const counts = read.frames.map((one) => (one.kind === 'window' ? `W${one.count}` : `J${one.sequence}`));
      assert.deepEqual(counts.join(' '), 'W3 J1 J2 J3 W0 W3 J1 J2 J3');
    }
  });

test('some events of a window may be compressed and others not', async () => {
  const read = await readStream([frame('W', [3]), eventFrame(1, '{}'), packedFrame(eventFrame(2, '{"a":1}'))]);
  assert.deepEqual([eventsOf(read), read.fault], [['{}', '{"a":1}'], undefined]);
});

test('events of short compressed frames keep no large buffers in memory', async () => {
  const { frames } = await readStream(Array.from({ length: 100 }, () => packedFrame(eventFrame(1, '{}'))));
  const kept = new Set(frames.map((one) => (one.kind === 'event' ? one.bytes.buffer : undefined)));
  const bytes = [...kept].reduce((sum, buffer) => sum + (buffer?.byteLength ?? 0), 0);
  assert.equal(frames.length, 100);
  assert.ok(bytes > 0 && bytes <= 100 * 8192, String(bytes));
});

test('of an event that is too large the beginning is kept, in bounded memory', async () => {
  const large = `{"a":"${'x'.repeat(60_000)}"}`;
  const read = await readStream(cutAtRandom(windowOf([large, '{}'], { isPacked: false }), random));
  const [, first, second] = read.frames;
  assert.ok(first?.kind === 'event' && second?.kind === 'event');
  assert.deepEqual([first.length, String(first.bytes)], [large.length, large.slice(0, 4096)]);
  assert.deepEqual([second.length, String(second.bytes)], [2, '{}']);
  assert.ok(read.mostHeld < 10_000);
});

const bomb = deflateSync(Buffer.alloc(4_000_000));
const HOSTILE: readonly { readonly name: string; readonly bytes: Buffer; readonly fault: string }[] = [
  { name: 'a client of version 1', bytes: Buffer.from('1W\0\0\0\u00011D', 'latin1'), fault: 'version_1' },
  { name: 'names and values', bytes: frame('D', [1, 1]), fault: 'unknown_frame' },
  { name: 'an acknowledgement', bytes: frame('A', [1]), fault: 'unknown_frame' },
  { name: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n'), fault: 'not_lumberjack' },
  { name: 'TLS', bytes: Buffer.from('160301020001', 'hex'), fault: 'not_lumberjack' },
  { name: 'a window beyond the limit', bytes: frame('W', [1001]), fault: 'bad_length' },
  { name: 'an event of no bytes', bytes: frame('J', [1, 0]), fault: 'bad_length' },
  { name: 'an event of negative length', bytes: frame('J', [1, 0xff_ff_ff_ff]), fault: 'bad_length' },
  { name: 'a compressed frame of no bytes', bytes: frame('C', [0]), fault: 'bad_length' },
  { name: 'a compressed frame beyond the limit', bytes: frame('C', [0xff_ff_ff_ff]), fault: 'bad_length' },
  { name: 'no zlib', bytes: frame('C', [4], Buffer.from('none')), fault: 'bad_compression' },
  {
    name: 'a zlib stream that ends too early',
    bytes: frame('C', [5], deflateSync('2J').subarray(0, 5)),
    fault: 'bad_compression',
  },
  {
    name: 'bytes after the zlib stream',
    bytes: frame(
      'C',
      [deflateSync(eventFrame(1, '{}')).length + 3],
      Buffer.concat([deflateSync(eventFrame(1, '{}')), Buffer.from('abc')]),
    ),
    fault: 'bad_compression',
  },
  {
    name: 'a bomb within an event',
    bytes: packedFrame(
      frame('J', [1, 60_000], Buffer.alloc(60_000)),
      ...Array.from({ length: 20 }, () => eventFrame(1, Buffer.alloc(60_000))),
    ),
    fault: 'bad_compression',
  },
  { name: 'a bomb', bytes: frame('C', [bomb.length], bomb), fault: 'unknown_frame' },
  {
    name: 'compressed within compressed',
    bytes: packedFrame(packedFrame(eventFrame(1, '{}'))),
    fault: 'unknown_frame',
  },
  {
    name: 'version 1 within compressed',
    bytes: packedFrame(Buffer.from('1D\0\0\0\u0001', 'latin1')),
    fault: 'version_1',
  },
  { name: 'the end within a header', bytes: Buffer.from('2'), fault: 'cut_off' },
  { name: 'the end within an event', bytes: windowOf(EVENTS, { isPacked: false }).subarray(0, -1), fault: 'cut_off' },
  { name: 'the end within a compressed frame', bytes: windowOf(EVENTS).subarray(0, -1), fault: 'cut_off' },
  {
    name: 'a frame cut off by the end of the compressed',
    bytes: packedFrame(frame('J', [1, 9])),
    fault: 'bad_compression',
  },
];

for (const { name, bytes, fault } of HOSTILE)
  test(`${name}: the stream ends with a reason`, async () => {
    for (const chunks of [[bytes], cutAtRandom(bytes, random)]) {
      const read = await readStream(chunks);
      assert.equal(read.fault, fault);
      assert.ok(read.mostHeld < 1_000_000, `${read.mostHeld} bytes held`);
    }
  });

test('mutants are read alike whatever the cuts, within bounds', async () => {
  for (let round = 0; round < 1000; round += 1) {
    const stream = streamMutant(random);
    const fault = await faultOfStream(stream, random);
    assert.equal(fault, undefined, stream.bytes.toString('base64'));
  }
});
