// Event XML whole inside somebody else's JSON.
import type { Form } from './form.ts';
import { json } from './json.ts';
import { MESSAGE_ONLY, NO_RENDERING } from './losses.ts';
import type { MadeEvent } from './made-event.ts';
import { windowsXml } from './xml.ts';

const bare = (event: MadeEvent): string => windowsXml(NO_RENDERING.take(event));
const messageOf = (event: MadeEvent): string => event.rendering?.message ?? '';

/** The forms. */
export const CARRIER_FORMS: readonly Form[] = [
  {
    name: 'Fluent Bit 4, render_event_as_xml',
    form: 'fluent-bit',
    write: (event) => json({ System: bare(event), Message: messageOf(event), StringInserts: [] }),
    losses: [MESSAGE_ONLY],
  },
  {
    name: 'Vector 0.50 with include_xml',
    form: 'vector',
    write: (event) =>
      json({
        provider_name: event.provider,
        event_id: event.id,
        level_value: event.level,
        computer: event.computer,
        message: messageOf(event),
        xml: bare(event),
      }),
    losses: [MESSAGE_ONLY],
  },
  {
    name: 'NXLog 6 with CaptureEventXML',
    form: 'nxlog',
    write: (event) =>
      json({
        EventTime: event.time,
        SourceName: event.provider,
        EventID: event.id,
        Message: messageOf(event),
        EventXML: bare(event),
        SourceModuleType: 'im_msvistalog',
      }),
    losses: [MESSAGE_ONLY],
  },
  {
    name: 'OpenTelemetry 0.150, raw',
    form: 'opentelemetry',
    write: (event) => json({ timeUnixNano: '1', severityNumber: 9, body: { stringValue: windowsXml(event) } }),
  },
  {
    name: 'OpenTelemetry 0.150, raw, by the exporter to Elasticsearch',
    form: 'opentelemetry',
    write: (event) => json({ '@timestamp': event.time, body: { text: windowsXml(event) }, attributes: {} }),
  },
  {
    name: 'OpenWEC 0.3, RawJson',
    form: 'openwec',
    write: (event) => json({ meta: { IpAddr: '192.0.2.1', Node: 'wec1', Redirector: null }, data: windowsXml(event) }),
  },
  {
    name: 'Wazuh 4.14',
    form: 'event-xml',
    write: (event) => json({ Message: messageOf(event), Event: bare(event) }),
    losses: [MESSAGE_ONLY],
  },
  {
    name: 'Splunk HEC',
    form: 'event-xml',
    write: (event) => json({ time: 1_795_165_200.25, sourcetype: 'XmlWinEventLog', event: windowsXml(event) }),
  },
  {
    name: 'Cribl, _raw',
    form: 'event-xml',
    write: (event) => json({ _raw: windowsXml(event), _time: 1_795_165_200.25, source: 'wef' }),
  },
  {
    name: 'a shipper’s message',
    form: 'event-xml',
    write: (event) => json({ '@version': '1', message: `<?xml version="1.0"?>\n${windowsXml(event)}` }),
  },
  {
    name: 'an agent’s event.original',
    form: 'event-xml',
    write: (event) => json({ event: { original: bare(event) }, message: messageOf(event) }),
    losses: [MESSAGE_ONLY],
  },
];
