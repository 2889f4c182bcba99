// One JSON document looked at just enough to know that it may be an event. Pure.
import type { RawEncoding } from '../../../shared/contracts/raw-event.ts';
import { decodeText, repairedText } from '../../../shared/windows/text.ts';
import type { RefusalReason } from './input.ts';

/** The object that a document is, or why it is none. */
export type ParsedJson =
  | { readonly kind: 'object'; readonly value: object }
  | { readonly kind: 'bad'; readonly reason: RefusalReason; readonly detail: string };

/** Parses a document; `isValid` says that its bytes are known to be UTF-8. */
export function parseJson(bytes: Buffer, encoding: RawEncoding, isValid = false): ParsedJson {
  const text = isValid ? bytes.toString('utf8') : (decodeText(bytes, encoding) ?? repairedText(bytes, encoding));
  if (text === undefined)
    return { kind: 'bad', reason: 'invalid_encoding', detail: `the bytes are not valid ${encoding}` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 200) : 'not JSON';
    return { kind: 'bad', reason: 'invalid_json', detail };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { kind: 'object', value };
  return {
    kind: 'bad',
    reason: 'not_an_object',
    detail: 'an event is a JSON object; this is JSON of another kind',
  };
}
