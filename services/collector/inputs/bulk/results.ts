// The answer to a bulk request: one result for each item, in order. Pure.
// Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
import type { Receipt, RefusalReason } from '../input.ts';
import type { BodyPiece } from '../http/events-of-body.ts';
import { type Fault, faultsOf, storedOf } from '../http/keep-all.ts';
import type { Action, Item } from './actions.ts';

/** The result of one item under its action. */
type Result = Readonly<Partial<Record<Action, object>>>;

/** The answer's body. */
export interface BulkAnswer {
  readonly errors: boolean;
  readonly took: number;
  readonly items: readonly Result[];
}

/**
 * Puts items, the pieces of those with a document and the receipts of what was stored of them
 * together. `tookMs` says how long Kafka took.
 */
export function bulkAnswer(
  items: readonly Item[],
  pieces: readonly BodyPiece[],
  { receipts, tookMs }: { readonly receipts: readonly Receipt[]; readonly tookMs: number },
): { readonly answer: BulkAnswer; readonly faults: readonly Fault[] } {
  const faults = faultsOf(pieces, receipts);
  const faultAt = new Map(faults.map((fault) => [fault.number, fault]));
  const places = placesOf(pieces, receipts);
  let next = 0;
  let errors = false;
  const results = items.map((item): Result => {
    const { action, index, document } = item;
    const number = document === undefined ? undefined : next++;
    const fault = number === undefined ? NO_EVENT : faultAt.get(number);
    if (fault !== undefined) errors = true;
    const id = item.id ?? (number === undefined ? undefined : places[number]);
    const named = { _index: index, ...(id === undefined ? {} : { _id: id }) };
    return {
      [action]: {
        ...named,
        ...(fault === undefined ? { _version: 1, result: 'created', status: 201 } : failureOf(fault)),
      },
    };
  });
  return { answer: { took: tookMs, errors, items: results }, faults };
}

/** Where in Kafka each piece is; undefined for what is no event. */
function placesOf(pieces: readonly BodyPiece[], receipts: readonly Receipt[]): readonly (string | undefined)[] {
  let next = 0;
  return pieces.map((piece) => {
    const receipt = storedOf(piece) === undefined ? undefined : receipts[next++];
    return piece.kind === 'event' && receipt?.kind === 'stored'
      ? `${receipt.position.partition}-${receipt.position.offset}`
      : undefined;
  });
}

const NO_EVENT = {
  reason: 'no_event',
  detail: 'events are neither changed nor deleted; send create or index',
} as const;

const FAILURES: Readonly<Partial<Record<RefusalReason | 'no_event', readonly [number, string]>>> = {
  too_large: [413, 'illegal_argument_exception'],
  host_not_allowed: [403, 'security_exception'],
  no_event: [400, 'illegal_argument_exception'],
};

function failureOf({ reason, detail }: Pick<Fault, 'detail'> & { readonly reason: RefusalReason | 'no_event' }) {
  const [status, type] = FAILURES[reason] ?? [400, 'document_parsing_exception'];
  return { status, error: { type, reason: `${reason}: ${detail}` } };
}
