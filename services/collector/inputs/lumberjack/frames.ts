// The frames of Lumberjack version 2: windows and JSON events, plain or in a compressed frame.
// Source: PROTOCOL.md of logstash-input-beats.
import { ByteReader, type Holding } from './byte-reader.ts';
import { ConnectionFault } from '../connection-fault.ts';
import { inflateFrame } from './inflate.ts';

/** What a client says. */
export type Frame =
  | { readonly kind: 'window'; readonly count: number }
  | {
      readonly kind: 'event';
      readonly sequence: number;
      readonly bytes: Buffer;
      /** The length that was sent, of which `bytes` may be the beginning only. */
      readonly length: number;
    };

/** The limits of frames. */
export interface FrameLimits {
  readonly maxWindow: number;
  readonly maxFrameBytes: number;
  readonly maxDecodedBytes: number;
  /** Of a larger event the beginning is kept. */
  readonly maxEventBytes: number;
  /** Room for bytes that wait for others. */
  hold(): Holding;
}

type EventFrame = Extract<Frame, { readonly kind: 'event' }>;

const [VERSION_1, VERSION_2, TLS_HANDSHAKE] = [0x31, 0x32, 0x16];
const [WINDOW, JSON_EVENT, COMPRESSED, DATA] = ['W', 'J', 'C', 'D'].map((letter) => letter.charCodeAt(0));

/** `2J`, a sequence number and a length. */
const EVENT_HEAD_BYTES = 10;

/**
 * The frames of a stream, until it ends between two of them; events that one chunk brings come
 * together. Throws ConnectionFault for what is no frame or too large.
 */
export async function* readFrames(
  reader: ByteReader,
  limits: FrameLimits,
  { isPacked = false }: { readonly isPacked?: boolean } = {},
): AsyncGenerator<readonly Frame[]> {
  for (;;) {
    const events = eventsAtHand(reader, limits);
    if (events.length > 0) yield events;
    let type = reader.takeNumber(2);
    if (type === undefined) {
      if (await reader.isAtEnd()) return;
      type = (await reader.collect(2)).readUInt16BE(0);
    }
    const letter = type & 0xff;
    if (type >> 8 !== VERSION_2) throw strangerFault(type, isPacked);
    if (letter === JSON_EVENT) yield [await eventOf(reader, limits)];
    else if (letter === WINDOW) yield [windowOf(await reader.number(), limits)];
    else if (letter === COMPRESSED && !isPacked) yield* packedFrames(reader, limits);
    else throw typeFault(letter, isPacked);
  }
}

/** The events of which the chunk at hand has all, without a copy. */
function eventsAtHand(reader: ByteReader, { maxFrameBytes, maxEventBytes }: FrameLimits): readonly EventFrame[] {
  const events: EventFrame[] = [];
  const bytes = reader.atHand();
  const longest = Math.min(maxFrameBytes, maxEventBytes);
  let at = 0;
  while (at + EVENT_HEAD_BYTES <= bytes.length && bytes[at] === VERSION_2 && bytes[at + 1] === JSON_EVENT) {
    const length = bytes.readUInt32BE(at + 6);
    const end = at + EVENT_HEAD_BYTES + length;
    if (length === 0 || length > longest || end > bytes.length) break;
    const sequence = bytes.readUInt32BE(at + 2);
    events.push({ kind: 'event', sequence, bytes: bytes.subarray(at + EVENT_HEAD_BYTES, end), length });
    at = end;
  }
  reader.skip(at);
  return events;
}

/** An event that its chunk has not all of, or that is too large. */
async function eventOf(reader: ByteReader, { maxFrameBytes, maxEventBytes }: FrameLimits): Promise<EventFrame> {
  const sequence = await reader.number();
  const length = checkedLength(await reader.number(), maxFrameBytes);
  const bytes = await reader.collect(length, Math.min(length, maxEventBytes));
  return { kind: 'event', sequence, bytes, length };
}

async function* packedFrames(reader: ByteReader, limits: FrameLimits): AsyncGenerator<readonly Frame[]> {
  const length = checkedLength(await reader.number(), limits.maxFrameBytes);
  const chunks = inflateFrame(reader, length, limits);
  try {
    const next = async (): Promise<Buffer | undefined> => {
      const { done, value } = await chunks.next();
      return done === true ? undefined : value;
    };
    const unpacked = new ByteReader(next, limits.hold, () => {
      return new ConnectionFault('bad_compression', 'A compressed frame ends in the middle of a frame within it.');
    });
    yield* readFrames(unpacked, limits, { isPacked: true });
  } finally {
    await chunks.return(undefined);
  }
}

function windowOf(count: number, { maxWindow }: FrameLimits): Frame {
  if (count <= maxWindow) return { kind: 'window', count };
  const message = `A window announces ${count} events; collector.lumberjack.maxWindow allows ${maxWindow}. Lower bulk_max_size of the agent, or raise maxWindow.`;
  throw new ConnectionFault('bad_length', message);
}

function checkedLength(length: number, maxFrameBytes: number): number {
  if (length > 0 && length <= maxFrameBytes) return length;
  const message = `A frame announces ${length} bytes; 1 to ${maxFrameBytes} are allowed (collector.lumberjack.maxFrameBytes).`;
  throw new ConnectionFault('bad_length', message);
}

function strangerFault(type: number, isPacked: boolean): ConnectionFault {
  if (type >> 8 === VERSION_1)
    return new ConnectionFault(
      'version_1',
      'The client speaks version 1 of the protocol, as logstash-forwarder and Logstash’s output lumberjack do. Send with Beats or Elastic Agent, or from Logstash with its output http.',
    );
  if (type >> 8 === TLS_HANDSHAKE && !isPacked)
    return new ConnectionFault(
      'not_lumberjack',
      'The client speaks TLS and this port does not: set collector.lumberjack.tlsCert and tlsKey, or ssl.enabled: false in the agent.',
    );
  const shown = type.toString(16).padStart(4, '0');
  if (isPacked)
    return new ConnectionFault('unknown_frame', `A compressed frame holds something else than frames (${shown}).`);
  return new ConnectionFault(
    'not_lumberjack',
    `The client does not speak Lumberjack version 2 (it sent ${shown}); point the output logstash of a Beat or of Elastic Agent to this port.`,
  );
}

function typeFault(letter: number, isPacked: boolean): ConnectionFault {
  if (letter === COMPRESSED && isPacked)
    return new ConnectionFault('unknown_frame', 'A compressed frame holds another compressed frame.');
  if (letter === DATA)
    return new ConnectionFault(
      'unknown_frame',
      'The client sends events as names and values (D); only JSON (J) is read.',
    );
  return new ConnectionFault('unknown_frame', `There is no frame of type 0x${letter.toString(16)}.`);
}
