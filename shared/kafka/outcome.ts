// The outcome of a batch: verdicts, the records they stand for, counts.
import type { Batch } from 'kafkajs';
import { encodeDeadLetter } from '../contracts/dead-letter.ts';
import type { Decoded, OutRecord } from '../contracts/record.ts';
import type { Stage, Verdict } from '../contracts/stage.ts';
import { toInRecord } from './in-record.ts';

/** A batch that is done. */
export interface BatchResult {
  readonly verdicts: readonly Verdict[];
  readonly records: readonly OutRecord[];
}

/** The same with the values that the stage was given. */
export interface DoneBatch<In> extends BatchResult {
  readonly values: readonly In[];
}

/** A record to produce, and which record of the batch it was made of. */
export interface Output {
  readonly index: number;
  readonly record: OutRecord;
}

/** One verdict for each record: the stage's for those it saw, `undecodable` for the others. */
export function mergeVerdicts<In>(decoded: readonly Decoded<In>[], verdicts: readonly Verdict[]): readonly Verdict[] {
  let next = 0;
  const merged = decoded.map((item): Verdict | undefined => {
    if (item.kind === 'none') return { kind: 'skip', reason: 'tombstone' };
    return item.kind === 'bad' ? { kind: 'dead', reason: 'undecodable', detail: item.detail } : verdicts[next++];
  });
  if (next !== verdicts.length) throw new Error(`A stage gave ${verdicts.length} verdicts for ${next} records.`);
  return merged.filter((verdict) => verdict !== undefined);
}

/** The records to produce. Throws when a record has no verdict: a bug of the stage. */
export function outputsOf(
  { name }: Pick<Stage<unknown, string>, 'name'>,
  { topic, partition, messages }: Batch,
  verdicts: readonly Verdict[],
): readonly Output[] {
  const outputs: Output[] = [];
  for (const [index, message] of messages.entries()) {
    const verdict = verdicts[index];
    if (verdict === undefined)
      throw new Error(`Stage ${name} gave ${verdicts.length} verdicts for ${messages.length} records.`);
    if (verdict.kind === 'emit') for (const record of verdict.records) outputs.push({ index, record });
    if (verdict.kind !== 'dead') continue;
    const { timestampMs: _, ...original } = toInRecord(message);
    const { reason, detail } = verdict;
    const source = { topic, partition, offset: message.offset };
    outputs.push({ index, record: encodeDeadLetter({ stage: name, reason, detail, source, original }) });
  }
  return outputs;
}

/** How many items have each key; undefined is not counted. */
export function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K | undefined): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
