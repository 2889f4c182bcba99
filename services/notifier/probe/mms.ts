// The first exchange of MMS over TCP, by which a Windows Media server identifies itself: connect,
// and the report that answers it. Pure.
// Source: [MS-MMSP], sections 2.2.3 (TcpMessageHeader), 2.2.4.2 (LinkMacToViewerReportConnectedEX)
// and 2.2.4.17 (LinkViewerToMacConnect); all numbers are little-endian.

/** The port of MMS ([MS-MMSP] section 1.9). */
export const MMS_PORT = 1755;

const HEADER_BYTES = 32;
/** What messageLength leaves out: the header up to and with the seal. */
const UNCOUNTED_BYTES = 16;
const CHUNK_BYTES = 8;
const SESSION_ID = 0xb00bface;
const SEAL = Buffer.from('MMS ', 'latin1');
const CONNECT = 0x0003_0001;
const CONNECTED = 0x0004_0001;
const NO_PACKET_PAIR = 0xf0f0f0ef;
const REVISIONS = [0x0004_000b, 0x0003_001c] as const;
/**
 * Where a report has the length of the server's version, in characters, and where the text begins.
 */
const VERSION_LENGTH_AT = 80;
const VERSION_AT = 96;
const MAX_VERSION_CHARACTERS = 40;

/**
 * A LinkViewerToMacConnect in its header. Requests nothing: a server waits for the next message and
 * drops a client that sends none.
 */
export function mmsConnect(): Buffer {
  const name = Buffer.from('NSPlayer/9.0.0.0; {00000000-0000-0000-0000-000000000000}\0', 'utf16le');
  const bytes = 5 * 4 + name.length;
  const chunks = Math.ceil(bytes / CHUNK_BYTES);
  const message = Buffer.alloc(HEADER_BYTES + chunks * CHUNK_BYTES);
  message.writeUInt8(1, 0);
  message.writeUInt32LE(SESSION_ID, 4);
  message.writeUInt32LE(message.length - UNCOUNTED_BYTES, 8);
  SEAL.copy(message, 12);
  message.writeUInt32LE((message.length - UNCOUNTED_BYTES) / CHUNK_BYTES, 16);
  for (const [index, value] of [chunks, CONNECT, NO_PACKET_PAIR, ...REVISIONS].entries())
    message.writeUInt32LE(value, HEADER_BYTES + index * 4);
  name.copy(message, HEADER_BYTES + 5 * 4);
  return message;
}

/** Whether the answer is complete: a whole message, or bytes that are no message of MMS. */
export function isMmsWhole(answer: Buffer): boolean {
  if (answer.length < UNCOUNTED_BYTES) return false;
  return !isMms(answer) || answer.length >= UNCOUNTED_BYTES + answer.readUInt32LE(8);
}

/**
 * The version that a server reports of itself, `unknown` where it leaves it out; undefined when
 * this is no such report. A failed connect (hr) reports as well.
 */
export function mmsServerVersion(answer: Buffer): string | undefined {
  if (answer.length < VERSION_AT || !isMms(answer)) return undefined;
  if (answer.readUInt32LE(36) !== CONNECTED || answer.readUInt32LE(48) !== REVISIONS[0]) return undefined;
  const characters = Math.min(answer.readUInt32LE(VERSION_LENGTH_AT), MAX_VERSION_CHARACTERS);
  const text = answer.subarray(VERSION_AT, VERSION_AT + 2 * characters).toString('utf16le');
  return /^\d[\d.]*/u.exec(text)?.[0] ?? 'unknown';
}

function isMms(answer: Buffer): boolean {
  return answer.readUInt32LE(4) === SESSION_ID && answer.subarray(12, 16).equals(SEAL);
}
