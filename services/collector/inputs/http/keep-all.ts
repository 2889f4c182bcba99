// Stores all of a request: its events, and what is no event as a dead letter with its bytes, for
// clients that send nothing again that is answered with 400.
import type { RawEvent } from '../../../../shared/contracts/raw-event.ts';
import { rateLimited } from '../../../../shared/runtime/rate-limited-log.ts';
import type { InputParts, Receipt, RefusalReason } from '../input.ts';
import type { Sender } from '../senders.ts';
import type { BodyPiece } from './events-of-body.ts';

/** A piece that is no event, and its number in the request, from 0. */
export interface Fault {
  readonly number: number;
  readonly reason: RefusalReason;
  readonly detail: string;
  /** Kafka took neither the event nor its bytes as a dead letter. */
  readonly isLost: boolean;
  /** Where it lies with the sender, for an input that knows it. */
  readonly place?: string;
}

/** The pieces with each event that is too large as a bad one, of which the beginning is kept. */
export function withinSize(pieces: readonly BodyPiece[], maxRecordBytes: number): readonly BodyPiece[] {
  return pieces.map((piece) => {
    const event = piece.kind === 'event' ? piece.event : piece.piece;
    if (event === undefined || event.bytes.length <= maxRecordBytes) return piece;
    const detail = `the event has ${event.bytes.length} bytes; collector.maxRecordBytes allows ${maxRecordBytes}`;
    return {
      kind: 'bad',
      reason: 'too_large',
      detail,
      piece: { ...event, bytes: event.bytes.subarray(0, maxRecordBytes) },
    };
  });
}

/** What goes to Kafka of each piece; undefined for one that may not be stored. */
export function storedOf(piece: BodyPiece): RawEvent | undefined {
  if (piece.kind === 'event') return piece.event;
  return piece.piece === undefined ? undefined : { ...piece.piece, isRefused: true };
}

/**
 * Every piece that is no event, in order. `receipts` are those of the pieces that were stored, in
 * order.
 */
export function faultsOf(pieces: readonly BodyPiece[], receipts: readonly Receipt[]): readonly Fault[] {
  const faults: Fault[] = [];
  let next = 0;
  for (const [number, piece] of pieces.entries()) {
    const receipt = storedOf(piece) === undefined ? undefined : receipts[next++];
    const fault = piece.kind === 'bad' ? piece : receipt?.kind === 'refused' ? receipt : undefined;
    if (fault === undefined) continue;
    const isLost = receipt?.kind === 'refused';
    const place = storedOf(piece)?.place;
    faults.push({
      number,
      reason: fault.reason,
      detail: fault.detail,
      isLost,
      ...(place === undefined ? {} : { place }),
    });
  }
  return faults;
}

/** Counts what is no event, and logs what is lost, by the kind of its input. */
export function createFaultReport(
  input: string,
  { metrics, log, now }: Pick<InputParts, 'metrics' | 'log' | 'now'>,
  message = 'an event is lost: raise the limit',
) {
  const limited = rateLimited(log, now);
  return (faults: readonly Fault[], { name }: Sender): void => {
    for (const { reason, detail, isLost, place } of faults) {
      metrics.eventsReceived.inc({ input, outcome: reason });
      const fields = { input, sender: name, detail, ...(place === undefined ? {} : { place }) };
      if (isLost) limited.error(`lost ${reason}`, fields, message);
    }
  };
}
