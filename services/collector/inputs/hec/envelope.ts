// The object that HEC has around each event. It goes to Kafka as it came; the reader finds the
// event in it. Pure.
// Source:
// https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector
import { computerOfJson, computerOfXml } from '../../../../shared/windows/computer-of.ts';
import { computerOfSplunkText } from '../../../../shared/windows/splunk-text.ts';
import type { Envelope } from '../http/events-of-body.ts';

/** An object with `event`. */
export const hecEnvelope: Envelope = {
  faultOf: (value) => {
    const { event } = value as { readonly event?: unknown };
    if (event === undefined || event === null)
      return { reason: 'event_required', detail: 'the object has no field event' };
    return typeof event === 'string' && event.trim() === ''
      ? { reason: 'event_blank', detail: 'the field event is blank' }
      : undefined;
  },
  computerOf: (value) => {
    const { event } = value as { readonly event?: unknown };
    if (typeof event === 'object' && event !== null) return computerOfJson(event);
    if (typeof event !== 'string') return undefined;
    if (event.trimStart().startsWith('{')) return computerOfText(event);
    return computerOfSplunkText(event) ?? computerOfXml(Buffer.from(event), 'utf-8');
  },
};

/** Of a sender's JSON in a string. */
function computerOfText(text: string): string | undefined {
  try {
    return computerOfJson(JSON.parse(text) as object);
  } catch {
    // No JSON: the reader says so, and the event needs no computer to be stored.
    return undefined;
  }
}
