// From kafkajs' messages to our own records.
import type { KafkaMessage } from 'kafkajs';
import type { Decoded, InRecord, Topic } from '../contracts/record.ts';
import { type DecodedRecord, MAX_HEADERS } from './decoding/record.ts';
import { errorText } from '../runtime/errors.ts';

/** What our decoder adds to a message (decoding/record.ts). */
type Message = KafkaMessage & Pick<DecodedRecord, 'droppedHeaders' | 'undecodable'>;

/**
 * A kafkajs message as our own record. Of headers with one name the first counts; beyond
 * `MAX_HEADERS` they are dropped and counted.
 */
export function toInRecord(message: Message): InRecord {
  const headers: Record<string, string> = {};
  let dropped = message.droppedHeaders ?? 0;
  let kept = 0;
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first === undefined) continue;
    if (kept === MAX_HEADERS) {
      dropped += 1;
      continue;
    }
    // An assignment would lose the header of this name.
    if (name === '__proto__') Object.defineProperty(headers, name, { value: first.toString(), enumerable: true });
    else headers[name] = first.toString();
    kept += 1;
  }
  const record = { key: message.key, value: message.value, headers, timestampMs: Number(message.timestamp) };
  return dropped === 0 ? record : { ...record, droppedHeaders: dropped };
}

/**
 * Decodes a message; `bad`, too, when the record could not be taken out of its batch, which then is
 * its value. A bug while decoding makes only this record bad.
 */
export function decodeMessage<T>(topic: Topic<T>, message: Message): Decoded<T> {
  if (message.undecodable !== undefined) return { kind: 'bad', detail: message.undecodable };
  try {
    return topic.decode(toInRecord(message));
  } catch (error) {
    return { kind: 'bad', detail: `it cannot be read: ${errorText(error)}` };
  }
}
