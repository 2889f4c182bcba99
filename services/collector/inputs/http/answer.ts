// The answer to a sender: how many events were taken, where they are stored, which were refused and
// why.
import type { Receipt } from '../input.ts';
import type { BodyPiece } from './events-of-body.ts';

/** One event that was not taken; `index` is its place in the body, from 0. */
export interface EventError {
  readonly index: number;
  readonly reason: string;
  readonly detail: string;
}

/**
 * The answer's body. `errors` lists the first hundred of `rejected`; `offsets` are inclusive, one
 * range a partition of the raw topic.
 */
export interface EventsAnswer {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly EventError[];
  readonly offsets: readonly { readonly partition: number; readonly first: string; readonly last: string }[];
}

const MAX_ERRORS = 100;

/** The answer, and how many events were refused for each reason. */
export interface Outcome {
  readonly answer: EventsAnswer;
  readonly refusals: ReadonlyMap<string, number>;
}

/**
 * Puts pieces and receipts together; `receipts` are those of the pieces that are events, in order.
 */
export function outcomeOf(pieces: readonly BodyPiece[], receipts: readonly Receipt[]): Outcome {
  const errors: EventError[] = [];
  const refusals = new Map<string, number>();
  const ranges = new Map<number, { first: bigint; last: bigint }>();
  let accepted = 0;
  let next = 0;
  for (const [index, piece] of pieces.entries()) {
    const outcome = piece.kind === 'bad' ? piece : (receipts[next++] as Receipt);
    if (outcome.kind === 'stored') {
      accepted += 1;
      extend(ranges, outcome.position);
      continue;
    }
    const { reason, detail } = outcome;
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    if (errors.length < MAX_ERRORS) errors.push({ index, reason, detail });
  }
  const answer = {
    accepted,
    rejected: pieces.length - accepted,
    errors,
    offsets: [...ranges].map(([partition, { first, last }]) => ({ partition, first: `${first}`, last: `${last}` })),
  };
  return { answer, refusals };
}

function extend(
  ranges: Map<number, { first: bigint; last: bigint }>,
  { partition, offset }: { readonly partition: number; readonly offset: string },
): void {
  const at = BigInt(offset);
  const range = ranges.get(partition);
  if (range === undefined) ranges.set(partition, { first: at, last: at });
  else if (at < range.first) range.first = at;
  else if (at > range.last) range.last = at;
}
