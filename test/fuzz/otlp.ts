// OTLP requests in protobuf, mutated at random: each is cut into records that are JSON or keep
// their bytes, or is refused whole; within bounds, and without a throw.
import { type BodyOptions, type BodyPiece } from '../../services/collector/inputs/http/events-of-body.ts';
import { piecesOfProtobuf } from '../../services/collector/inputs/otlp/pieces.ts';
import { Refusal } from '../../shared/http/refusal.ts';
import { readEvent } from '../../shared/windows/read-event.ts';
import { protobufRequest } from '../support/otlp.ts';
import { cpuMsOf } from './cpu.ts';
import type { Random } from './mutate.ts';

const MAX_MUTATIONS = 8;
const MAX_CPU_MS = 300;
/** Of a text each byte may become six characters; of a field without content, some more. */
const MAX_GROWTH = 8;

const MUTATIONS: readonly ((bytes: Buffer, at: number, random: Random) => void)[] = [
  (bytes, at, random) => void (bytes[at] = random(256)),
  (bytes, at) => void bytes.fill(0xff, at, Math.min(at + 10, bytes.length)),
  // Tags of the fields there are, of groups, and of none.
  (bytes, at, random) => void (bytes[at] = [0x0a, 0x12, 0x2a, 0x32, 0x3a, 0x0b, 0x0c, 0x00, 0x07][random(9)] ?? 0),
  (bytes, at, random) => void bytes.copy(bytes, at, random(bytes.length), random(bytes.length) + 40),
];

const OPTIONS: BodyOptions = {
  arrival: { input: 'fuzz', sender: '192.0.2.9', receivedAtMs: 0 },
  charset: 'utf-8',
  maxEvents: 1000,
  admit: () => undefined,
  onBug: (error) => {
    throw error;
  },
};

/** A request with a few faults in most of them. */
export function otlpMutant(random: Random): Buffer {
  const bytes = protobufRequest(
    Array.from({ length: 1 + random(5) }, () => ({
      timeUnixNano: String(random(2 ** 31)),
      severityNumber: random(30),
      body: valueOf(random, random(6)),
      attributes: { 'log.record.original': 'x'.repeat(random(200)), list: valueOf(random, 2) },
    })),
  );
  for (let count = random(MAX_MUTATIONS); count > 0; count -= 1)
    MUTATIONS[random(MUTATIONS.length)]?.(bytes, random(bytes.length), random);
  return bytes.subarray(0, random(6) === 0 ? random(bytes.length) : bytes.length);
}

function valueOf(random: Random, depth: number): unknown {
  const kind = random(depth > 0 ? 9 : 6);
  if (kind < 6)
    return [
      null,
      random(2) === 0,
      random(1_000_000) - 500_000,
      random(1000) / 7,
      Buffer.alloc(random(9), 1),
      '\u0001ä"',
    ][kind];
  const inner = Array.from({ length: random(5) }, (_, index) => [
    ['computer', 'event_id', 'provider', ''][index] ?? 'k',
    valueOf(random, depth - 1),
  ]);
  return kind === 6 ? inner.map(([, value]) => value) : Object.fromEntries(inner);
}

/** What is wrong with how a request is taken; undefined when nothing is. */
export function faultOfOtlp(bytes: Buffer): string | undefined {
  let pieces: readonly BodyPiece[] = [];
  try {
    const tookMs = cpuMsOf(() => (pieces = piecesOfProtobuf(bytes, OPTIONS)));
    if (tookMs > MAX_CPU_MS) return `${bytes.length} bytes took ${Math.round(tookMs)} ms of CPU time`;
    return pieces.map(faultOfPiece).find((fault) => fault !== undefined) ?? faultOfSize(bytes, pieces);
  } catch (error) {
    if (error instanceof Refusal && error.status === 400) return undefined;
    return `it threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function faultOfPiece(piece: BodyPiece): string | undefined {
  if (piece.kind === 'bad')
    return piece.reason === 'invalid_protobuf' ? undefined : `a record is bad as ${piece.reason}`;
  JSON.parse(piece.event.bytes.toString('latin1'));
  readEvent(piece.event.bytes, 'utf-8');
  return undefined;
}

function faultOfSize({ length }: Buffer, pieces: readonly BodyPiece[]): string | undefined {
  const made = pieces.reduce((sum, piece) => sum + (piece.kind === 'event' ? piece.event.bytes.length : 0), 0);
  return made > MAX_GROWTH * length ? `${length} bytes became ${made}` : undefined;
}
