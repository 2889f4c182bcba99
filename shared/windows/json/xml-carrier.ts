// Event XML as it is inside a JSON object of somebody else's: OpenWEC's RawJson, an agent's
// event.original, Wazuh's Event, Splunk's event and _raw, a shipper's message.
import type { EventForm, ReadResult } from '../../contracts/windows-event.ts';
import { eventOfXml } from './embedded-xml.ts';
import { type Json, objectOf } from './fields.ts';
import { bad } from './system-fields.ts';

interface Carried {
  readonly form: EventForm;
  readonly field: string;
  readonly xml: unknown;
  /** A message beside the XML, for an event without a rendering. */
  readonly message?: unknown;
}

/** Names under which shippers carry it. */
const FIELDS = [
  'message',
  'Event',
  'event',
  '_raw',
  'raw',
  'EventXml',
  'EventXML',
  'xml',
  'Xml',
  'log',
  'line',
  'Message',
  'full_message',
  'short_message',
];

/** The fields that may hold the XML, the most reliable first. */
function placesOf(value: Json): readonly Carried[] {
  const original = objectOf(value['event'])['original'] ?? value['event.original'];
  const { data, message } = value;
  return [
    ...('meta' in value ? [{ form: 'openwec', field: 'data', xml: data } as const] : []),
    { form: 'event-xml', field: 'event.original', xml: original, message },
    ...FIELDS.map(
      (field) => ({ form: 'event-xml', field, xml: value[field], message: message ?? value['Message'] }) as const,
    ),
  ];
}

/** Whether a field that carries XML holds an `<Event>`. */
export function isXmlCarrier(value: Json): boolean {
  return placesOf(value).some(({ xml }) => isEventXml(xml));
}

/** Reads the event in it; the object's other fields are not of the event. Never throws. */
export function readXmlCarrier(value: Json): ReadResult {
  const carried = placesOf(value).find(({ xml }) => isEventXml(xml));
  if (carried === undefined) return bad('no field holds an <Event>');
  const { form, field, xml, message } = carried;
  const known = isEventXml(message) ? {} : { message };
  return eventOfXml(form, xml, known) ?? bad(`the XML in ${field} is not a whole event`);
}

function isEventXml(value: unknown): boolean {
  return typeof value === 'string' && /^\s*(?:<\?xml[^>]*>\s*)?<(?:[\w.-]{1,64}:)?Event[\s>]/u.test(value);
}
