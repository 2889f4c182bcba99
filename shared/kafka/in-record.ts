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
  const { key, value, timestamp, droppedHeaders } = message;
  const { headers, dropped } =
    droppedHeaders === undefined
      ? textsOf(message)
      : { headers: message.headers as InRecord['headers'], dropped: droppedHeaders };
  const record = { key, value, headers, timestampMs: Number(timestamp) };
  return dropped === 0 ? record : { ...record, droppedHeaders: dropped };
}

/** The headers of a message that kafkajs has decoded. */
function textsOf({ headers = {} }: KafkaMessage): { readonly headers: InRecord['headers']; readonly dropped: number } {
  const texts: [string, string][] = [];
  let dropped = 0;
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first === undefined) continue;
    if (texts.length === MAX_HEADERS) dropped += 1;
    else texts.push([name, first.toString()]);
  }
  return { headers: Object.fromEntries(texts), dropped };
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
