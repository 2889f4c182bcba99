// What waits in Kafka for the stage that is measured.
import { encodeEnrichedEvent } from '../../shared/contracts/enriched-event.ts';
import { digestId } from '../../shared/contracts/ids.ts';
import { encodeRawEvent } from '../../shared/contracts/raw-event.ts';
import type { OutRecord } from '../../shared/contracts/record.ts';
import { makeDocuments } from '../support/made-documents.ts';
import type { Bench } from './corner.ts';

/** Which of the numbered events. */
export interface Place {
  readonly from: number;
  readonly count: number;
}

const BATCH = 500;
const HOSTS = 40;

const RAW = {
  encoding: 'utf-8',
  format: 'json',
  input: 'http',
  sender: '127.0.0.1',
  receivedAtMs: Date.UTC(2026, 2, 1),
} as const;

/** Raw events for the enricher. */
export async function fillRaw(bench: Bench): Promise<void> {
  await fill(bench, { from: 0, count: bench.events }, (text, index) =>
    encodeRawEvent({ ...RAW, bytes: Buffer.from(text), computer: `bench-${index % HOSTS}.example.org` }),
  );
}

/** Documents for the indexer, numbered from `from`. */
export async function fillEvents(bench: Bench, place: Place): Promise<void> {
  await fill(bench, place, (text, index) =>
    encodeEnrichedEvent(
      { id: digestId(['bench', String(index)]), host: `bench-${index % HOSTS}`, document: {} },
      text,
      RAW,
    ),
  );
}

/** The same document with a record id of its own. */
export function distinct(text: string, index: number): string {
  return text.replace(/"record_id":\d+/u, `"record_id":${index + 1}`);
}

async function fill(
  { producer }: Bench,
  { from, count }: Place,
  encode: (text: string, index: number) => OutRecord,
): Promise<void> {
  const texts = makeDocuments('bench', BATCH);
  for (let begin = from; begin < from + count; begin += BATCH)
    await producer.send(texts.map((text, place) => encode(distinct(text, begin + place), begin + place)));
}
