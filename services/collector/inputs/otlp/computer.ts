// The computer of a log record's event, where it is found without reading the event.
import { computerOfJson, computerOfXml } from '../../../../shared/windows/computer-of.ts';

/** What the senders of OTLP call it among the pairs of a body: OpenTelemetry's receiver, others. */
export const COMPUTER_NAMES: ReadonlySet<string> = new Set(['computer', 'Computer', 'Hostname', 'computer_name']);

/** Of a log record in OTLP's JSON, or in that of a record with plain values. */
export function computerOfRecord(record: object): string | undefined {
  const { body } = record as { readonly body?: { readonly stringValue?: unknown; readonly kvlistValue?: unknown } };
  const text = body?.stringValue;
  if (typeof text === 'string') return /^\s*</u.test(text) ? computerOfXml(Buffer.from(text), 'utf-8') : undefined;
  const list = (body?.kvlistValue as { readonly values?: unknown } | null | undefined)?.values;
  if (!Array.isArray(list)) return computerOfJson(record);
  const pairs = list as readonly ({ readonly key?: unknown; readonly value?: { stringValue?: unknown } } | null)[];
  const found = pairs.find((pair) => COMPUTER_NAMES.has(String(pair?.key)))?.value?.stringValue;
  return typeof found === 'string' && found !== '' ? found : undefined;
}
