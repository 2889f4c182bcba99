// Event XML that a JSON sender put into a field as a whole: it outranks the sender's own fields.
import type { EventForm, ReadResult, WindowsEvent } from '../../contracts/windows-event.ts';
import { CUT_OFF_TAG } from '../limits.ts';
import { readEventXml } from '../xml.ts';
import { text } from './fields.ts';
import { messageText } from './system-fields.ts';

/**
 * The event of the XML in `value`, or undefined for none or a broken one. `known` fills what the
 * XML lacks.
 */
export function eventOfXml(
  form: EventForm,
  value: unknown,
  known: { readonly message?: unknown; readonly taskName?: unknown; readonly opcodeName?: unknown },
): ReadResult | undefined {
  const xml = text(value)?.trim();
  if (xml === undefined || !xml.startsWith('<')) return undefined;
  const read = readEventXml(xml);
  // Where the XML is cut off, the sender's own fields are complete.
  if (read.kind === 'bad' || read.event.tags?.includes(CUT_OFF_TAG)) return undefined;
  const more: { -readonly [K in 'message' | 'taskName' | 'opcodeName']?: string } = {};
  for (const key of ['message', 'taskName', 'opcodeName'] as const) {
    const given = messageText(known[key]);
    if (read.event[key] === undefined && given !== undefined) more[key] = given;
  }
  const event: WindowsEvent = { ...read.event, ...more, form };
  return { kind: 'event', event };
}
