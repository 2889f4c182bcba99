// Produces the records of a batch. A record that Kafka refuses for its size becomes a dead letter;
// a dead letter too large for its topic is shortened, or it would be refused for ever.
import type { Batch } from 'kafkajs';
import type { OutRecord } from '../contracts/record.ts';
import { shortened } from '../contracts/dead-letter.ts';
import type { Stage, Verdict } from '../contracts/stage.ts';
import type { Logger } from '../runtime/logger.ts';
import { type BatchResult, type Output, outputsOf } from './outcome.ts';
import type { RecordProducer } from './producer.ts';
import { RecordsTooLarge } from './record-size.ts';

/** The parts that writing needs. `maxRecordBytes`: the least that topics take. */
interface Writing {
  readonly producer: RecordProducer;
  readonly stage: Pick<Stage<unknown, string>, 'name'>;
  readonly maxRecordBytes: number;
  readonly log: Logger;
}

/** Throws Unavailable while Kafka is. */
export async function writeOutputs(writing: Writing, batch: Batch, verdicts: readonly Verdict[]): Promise<BatchResult> {
  const outputs = outputsOf(writing.stage, batch, verdicts);
  const { refused, error } = await sendFitting(writing, outputs);
  if (error === undefined) return { verdicts, records: outputs.map(({ record }) => record) };
  const indices = new Set(refused.map(({ index }) => index));
  const amended = verdicts.map(
    (verdict, index): Verdict =>
      indices.has(index) && verdict.kind !== 'dead'
        ? { kind: 'dead', reason: 'too_large', detail: error.message }
        : verdict,
  );
  const letters = outputsOf(writing.stage, batch, amended).filter(({ index }) => indices.has(index));
  const { refused: tooLarge } = await sendFitting(writing, letters);
  const short = tooLarge.map(({ record }) => shortened(record, Math.floor(writing.maxRecordBytes / 2)));
  if (short.length > 0) warn(writing, batch, tooLarge);
  await writing.producer.send(short);
  const stored = [
    ...outputs.filter((one) => !refused.includes(one)),
    ...letters.filter((one) => !tooLarge.includes(one)),
  ];
  return { verdicts: amended, records: [...stored.map(({ record }) => record), ...short] };
}

/** Sends; gives what was refused for its size. */
async function sendFitting(
  { producer }: Writing,
  outputs: readonly Output[],
): Promise<{ readonly refused: readonly Output[]; readonly error: RecordsTooLarge | undefined }> {
  try {
    await producer.send(outputs.map(({ record }) => record));
    return { refused: [], error: undefined };
  } catch (error) {
    if (!(error instanceof RecordsTooLarge)) throw error;
    return { refused: outputs.filter((_, at) => error.positions[at] === undefined), error };
  }
}

function warn(
  { log }: Writing,
  { topic, partition, messages }: Batch,
  letters: readonly { index: number; record: OutRecord }[],
): void {
  const offsets = letters.slice(0, 10).map(({ index }) => messages[index]?.offset);
  log.warn(
    { topic, partition, offsets, count: letters.length },
    'records too large for the dead letters were kept there shortened; they are whole in their topic as long as it keeps them',
  );
}
