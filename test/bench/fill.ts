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
const TEXTS = 500;
/** Enough that each partition gets about as many events. */
const HOSTS = 2000;
const HOUR_MS = 3_600_000;

const RAW = {
  encoding: 'utf-8',
  format: 'json',
  input: 'http',
  sender: '127.0.0.1',
  receivedAtMs: Date.UTC(2026, 2, 1),
} as const;

/** Raw events for the enricher, or for its peer. */
export async function fillRaw(bench: Bench, place: Place = { from: 0, count: bench.events }): Promise<void> {
  await fill(bench, place, (text, index) =>
    encodeRawEvent({ ...RAW, bytes: Buffer.from(text), computer: `bench-${index % HOSTS}.example.org` }),
  );
}

/** Documents for the indexer, numbered from `from`. */
export async function fillEvents(bench: Bench, place: Place): Promise<void> {
  // Younger than any index, so that none is looked up: what most events are while an index lasts.
  const soon = Date.now() + HOUR_MS;
  const times = { receivedAtMs: soon, createdAtMs: soon };
  await fill(bench, place, (text, index) =>
    encodeEnrichedEvent(
      { id: digestId(['bench', String(index)]), host: `bench-${index % HOSTS}`, document: {} },
      text,
      times,
    ),
  );
}

/**
 * Document number so and so, for whoever writes it: 500 texts in turn, each with a record id of its
 * own, as each event has.
 */
export function numberedDocuments(): (index: number) => string {
  const texts = makeDocuments('bench', TEXTS).map((text) => {
    const { head = '', tail = '' } = /^(?<head>.*?"record_id":)\d+(?<tail>.*)$/su.exec(text)?.groups ?? {};
    return { head, tail };
  });
  return (index) => {
    const { head, tail } = texts[index % TEXTS] as (typeof texts)[number];
    return `${head}${index + 1}${tail}`;
  };
}

async function fill(
  { producer }: Bench,
  { from, count }: Place,
  encode: (text: string, index: number) => OutRecord,
): Promise<void> {
  const document = numberedDocuments();
  for (let begin = from; begin < from + count; begin += BATCH)
    await producer.send(Array.from({ length: BATCH }, (_, place) => encode(document(begin + place), begin + place)));
}
