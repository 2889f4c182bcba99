// The document of a dead letter: why and where, and the original as text where it is text, in
// base64 where it is not.
import { isUtf8 } from 'node:buffer';
import type { ReadDeadLetter } from '../../shared/contracts/dead-letter.ts';
import type { EcsDocument } from '../../shared/contracts/enriched-event.ts';
import { ECS_VERSION } from '../../shared/ecs/ecs-fields.ts';

/** The document of a larger original has its beginning only; the topic has all of it. */
export const MAX_ORIGINAL_BYTES = 262_144;

const MAX_HEADERS = 50;
const MAX_HEADER_LENGTH = 1000;
const MAX_OFFSET = /^\d{1,18}$/u;
const LATEST_MS = 8_640_000_000_000_000;

/**
 * The document; its time is that of the failure. Never throws: there is no further place for a dead
 * letter without a document.
 */
export function deadLetterDocument(letter: ReadDeadLetter): EcsDocument {
  const { source, original } = letter;
  const isTime = letter.atMs >= 0 && letter.atMs <= LATEST_MS;
  return {
    '@timestamp': new Date(isTime ? letter.atMs : 0).toISOString(),
    message: `${letter.stage}: ${letter.reason}: ${letter.detail}`,
    ecs: { version: ECS_VERSION },
    event: { kind: 'pipeline_error', id: letter.id, original: originalText(original.value) },
    foghorn: {
      input: original.headers['input'],
      sender: original.headers['sender'],
      dead_letter: {
        stage: letter.stage,
        reason: letter.reason,
        detail: letter.detail,
        topic: source.topic,
        partition: source.partition,
        // What is undefined is left out when the document is written as JSON.
        offset: MAX_OFFSET.test(source.offset) ? Number(source.offset) : undefined,
        key: original.key?.toString('utf8').slice(0, MAX_HEADER_LENGTH),
        encoding: encodingOf(original.value),
        bytes: original.value?.length ?? 0,
        is_truncated: (original.value?.length ?? 0) > MAX_ORIGINAL_BYTES,
        headers: boundedHeaders(original.headers),
      },
    },
  };
}

function encodingOf(value: Buffer | null): 'utf-8' | 'base64' | undefined {
  if (value === null) return undefined;
  return isUtf8(value) ? 'utf-8' : 'base64';
}

function originalText(value: Buffer | null): string | undefined {
  if (value === null) return undefined;
  const beginning = value.subarray(0, MAX_ORIGINAL_BYTES);
  if (!isUtf8(value)) return beginning.toString('base64');
  // A character cut in two at the end becomes a replacement character, which is removed.
  const text = beginning.toString('utf8');
  return beginning.length < value.length ? text.replace(/\uFFFD$/u, '') : text;
}

function boundedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers)
      .slice(0, MAX_HEADERS)
      // A flattened field takes no key with a NUL.
      .map(([name, value]) => [
        name.slice(0, MAX_HEADER_LENGTH).replaceAll('\0', '\uFFFD'),
        value.slice(0, MAX_HEADER_LENGTH).replaceAll('\0', '\uFFFD'),
      ]),
  );
}
