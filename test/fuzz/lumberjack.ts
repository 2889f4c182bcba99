// Streams of Lumberjack frames, mutated and cut at random: what is read of them does not depend on
// the cuts, stays within bounds, and ends with a reason.
import { isDeepStrictEqual } from 'node:util';
import { ByteReader, type Holding } from '../../services/collector/inputs/lumberjack/byte-reader.ts';
import { ConnectionFault, cutOff } from '../../services/collector/inputs/connection-fault.ts';
import { type Frame, readFrames } from '../../services/collector/inputs/lumberjack/frames.ts';
import { windowOf } from '../support/lumberjack.ts';
import type { Random } from './mutate.ts';

const MAX_EVENT_BYTES = 4096;
const MAX_FRAME_BYTES = 65_536;
/** One event that is being put together, twice while it is copied, and what unpacking takes. */
const MAX_HELD_BYTES = 2 * MAX_FRAME_BYTES + 524_288;
const MAX_MUTATIONS = 6;

const MUTATIONS: readonly ((bytes: Buffer, at: number, random: Random) => void)[] = [
  (bytes, at, random) => bytes.writeUInt8(random(256), at),
  (bytes, at) => bytes.writeUInt32BE(0xff_ff_ff_ff, at),
  (bytes, at) => bytes.writeUInt32BE(0, at),
  (bytes, at, random) => bytes.writeUInt32BE(random(100_000), at),
  (bytes, at, random) => bytes.write(['2W', '2J', '2C', '2D', '1W', '2A'][random(6)] ?? '', at, 'latin1'),
  (bytes, at, random) => void bytes.copy(bytes, at, random(bytes.length), random(bytes.length) + 30),
];

/** What a stream came to. */
export interface ReadStream {
  readonly frames: readonly Frame[];
  /**
   * The code of the fault that ended it; undefined for the end of the stream between two frames.
   */
  readonly fault: string | undefined;
  readonly mostHeld: number;
}

/** Reads a stream that comes in these chunks. Throws whatever is no ConnectionFault. */
export async function readStream(chunks: readonly Buffer[]): Promise<ReadStream> {
  const frames: Frame[] = [];
  let [held, mostHeld] = [0, 0];
  const hold = (): Holding => {
    let own = 0;
    return {
      grow: async (bytes) => {
        own += bytes;
        held += bytes;
        mostHeld = Math.max(mostHeld, held);
        await Promise.resolve();
      },
      release: () => {
        held -= own;
        own = 0;
      },
    };
  };
  const left = chunks.values();
  const reader = new ByteReader(async () => await Promise.resolve(left.next().value), hold, cutOff);
  const limits = {
    maxWindow: 1000,
    maxFrameBytes: MAX_FRAME_BYTES,
    maxDecodedBytes: 1_000_000,
    maxEventBytes: MAX_EVENT_BYTES,
    hold,
  };
  try {
    for await (const some of readFrames(reader, limits)) frames.push(...some);
  } catch (error) {
    if (!(error instanceof ConnectionFault)) throw error;
    return { frames, fault: error.code, mostHeld };
  }
  if (held !== 0) throw new Error(`${held} bytes stay held`);
  return { frames, fault: undefined, mostHeld };
}

/** The bytes in chunks of random lengths. */
export function cutAtRandom(bytes: Buffer, random: Random): readonly Buffer[] {
  const chunks: Buffer[] = [];
  const longest = random(2) === 0 ? 12 : 5000;
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random(longest);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** Some windows, with a few faults in most of them. */
export function streamMutant(random: Random): { readonly bytes: Buffer; readonly isPacked: boolean } {
  const isPacked = random(2) === 0;
  const windows = Array.from({ length: 1 + random(3) }, () => {
    const events = Array.from({ length: random(6) }, (_, index) => `{"n":${index},"t":"${'x'.repeat(random(6000))}"}`);
    return windowOf(events, { isPacked: isPacked && events.length > 0 });
  });
  const bytes = Buffer.concat(windows);
  for (let count = random(MAX_MUTATIONS); count > 0; count -= 1)
    MUTATIONS[random(MUTATIONS.length)]?.(bytes, random(bytes.length - 4), random);
  return { bytes: bytes.subarray(0, random(4) === 0 ? random(bytes.length) : bytes.length), isPacked };
}

/** What is wrong with how a stream is read; undefined when nothing is. */
export async function faultOfStream(
  { bytes, isPacked }: { readonly bytes: Buffer; readonly isPacked: boolean },
  random: Random,
): Promise<string | undefined> {
  const whole = await readStream([bytes]);
  const cut = await readStream(cutAtRandom(bytes, random));
  const held = Math.max(whole.mostHeld, cut.mostHeld);
  if (held > MAX_HELD_BYTES) return `${held} bytes were held`;
  const tooLong = cut.frames.find((frame) => frame.kind === 'event' && frame.bytes.length > MAX_EVENT_BYTES);
  if (tooLong !== undefined) return 'an event is longer than the limit';
  // How far a broken compressed frame is unpacked before its fault is seen does depend on the cuts.
  const isLoose = isPacked && whole.fault !== undefined && cut.fault !== undefined;
  const [short, long] = [whole.frames, cut.frames].sort((one, other) => one.length - other.length);
  const isSame = isLoose
    ? isDeepStrictEqual(short, long?.slice(0, short?.length))
    : isDeepStrictEqual([whole.frames, whole.fault], [cut.frames, cut.fault]);
  return isSame ? undefined : `whole it is ${whole.fault}, cut it is ${cut.fault}, or the frames differ`;
}
