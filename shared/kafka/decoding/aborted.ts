// Which records of a fetch belong to transactions that were aborted (KIP-98, isolation level
// read_committed).

const ABORT_MARKER = Buffer.from([0, 0, 0, 0]);

/** What a record says of its transaction, as kafkajs has it. */
interface FetchedRecord {
  readonly offset: string;
  readonly key?: Buffer | null;
  readonly isControlRecord?: boolean;
  /** Absent for messages of the formats 0 and 1, which know no transactions. */
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
}

/**
 * What a fetch brings for one partition: the records in the order of their offsets, and which
 * transactions among them were aborted, in any order.
 */
export interface Fetched<T extends FetchedRecord = FetchedRecord> {
  readonly messages: readonly T[];
  readonly abortedTransactions?: readonly { readonly firstOffset: string; readonly producerId: string }[] | null;
}

/**
 * The same with each record of an aborted transaction as a control record, which kafkajs passes
 * over and nobody sees, and with no transaction left to filter by. What is not aborted stays as it
 * is.
 */
export function withoutAborted<T extends FetchedRecord, F extends Fetched<T>>(fetched: F): F {
  const { messages, abortedTransactions } = fetched;
  const aborted = abortedTransactions ?? [];
  if (aborted.length === 0) return fetched;
  const begins = aborted
    .map(({ firstOffset, producerId }) => ({ firstOffset: BigInt(firstOffset), producerId }))
    .sort((one, other) => Number(one.firstOffset - other.firstOffset));
  const open = new Set<string>();
  let next = 0;
  const hidden = messages.map((message) => {
    // Several may have begun before the first record of the fetch.
    for (let begin = begins[next]; begin !== undefined && begin.firstOffset <= BigInt(message.offset); ) {
      open.add(begin.producerId);
      begin = begins[++next];
    }
    if (message.batchContext === undefined) return message;
    const { producerId, inTransaction } = message.batchContext;
    if (message.isControlRecord === true) {
      if (message.key?.equals(ABORT_MARKER) === true) open.delete(producerId);
      return message;
    }
    return inTransaction && open.has(producerId) ? { ...message, isControlRecord: true } : message;
  });
  return { ...fetched, messages: hidden, abortedTransactions: [] };
}
