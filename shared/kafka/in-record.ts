// From kafkajs' messages to our own records.
import type { KafkaMessage } from 'kafkajs';
import type { InRecord } from '../contracts/record.ts';

/** A kafkajs message as our own record. */
export function toInRecord(message: KafkaMessage): InRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name] = first.toString();
  }
  return { key: message.key, value: message.value, headers, timestampMs: Number(message.timestamp) };
}
