// Made-up Windows events in numbers: event XML and Winlogbeat documents of a small fleet, with
// faults among them. Synthetic throughout.

/** What an event is, for counting afterwards. */
export interface MadeEvent {
  readonly kind: 'xml' | 'json';
  readonly text: string;
  /** A 309 of WMServer, which has to be tagged and alerted. */
  readonly isFault: boolean;
  readonly host: string;
  readonly port?: number;
}

interface Parts {
  readonly index: number;
  readonly provider: string;
  readonly eventId: number;
  readonly channel: string;
  readonly host: string;
  readonly level: number;
  readonly message: string;
  readonly data: readonly string[];
}

const PORTS = [80, 554, 1755, 8080];
const START_MS = Date.UTC(2026, 2, 1, 10, 0, 0);
const HOSTS = 40;

/** Whom else an event 309 may be of: none of these is a fault the catalogue knows. */
const OTHERS_WITH_309 = [
  'Microsoft-Windows-AppReadiness',
  'Microsoft-Windows-User Device Registration',
  'Microsoft-Windows-MCCS-ActiveSyncProvider',
];

/**
 * Event number `index` of a fleet called `fleet`: every 100th is a 309 of WMServer, every 50th
 * another provider's 309, the rest are everyday events; even ones are event XML, odd ones
 * Winlogbeat documents. The same index always gives the same event.
 */
export function makeEvent(fleet: string, index: number): MadeEvent {
  const host = `${fleet}-${index % HOSTS}.example.org`;
  const common = { index, host };
  if (index % 100 === 7 || index % 100 === 32) {
    const isFault = index % 100 === 7;
    const port = PORTS[Math.floor(index / 100) % PORTS.length] ?? 80;
    const provider = isFault ? 'WMServer' : (OTHERS_WITH_309[index % OTHERS_WITH_309.length] ?? '');
    const message = `Windows Media Services cannot bind to TCP port ${port}. The port is being used by another service.`;
    const parts = { ...common, provider, eventId: 309, channel: 'System', level: 2, message, data: [String(port)] };
    const kind = Math.floor(index / 100) % 2 === 0 ? 'xml' : 'json';
    return {
      kind,
      text: kind === 'xml' ? asXml(parts) : asWinlogbeat(parts),
      isFault,
      host,
      ...(isFault ? { port } : {}),
    };
  }
  const parts = {
    ...common,
    provider: 'Service Control Manager',
    eventId: 7036,
    channel: 'System',
    level: 4,
    message: `The Print Spooler service entered the running state. ${'Filler text that makes the event as long as a common one. '.repeat(12)}`,
    data: ['Print Spooler', 'running', `text ${index} with <markup> & "quotes"`],
  };
  const kind = index % 2 === 0 ? 'xml' : 'json';
  return { kind, text: kind === 'xml' ? asXml(parts) : asWinlogbeat(parts), isFault: false, host };
}

/**
 * Fault number `index` of a fleet called `fleet`, each on a host of its own; `time` distinguishes
 * its repetitions.
 */
export function makeFault(fleet: string, index: number, time = 0): MadeEvent {
  const host = `${fleet}-${index}.example.org`;
  const port = PORTS[index % PORTS.length] ?? 80;
  const message = `Windows Media Services cannot bind to TCP port ${port}. The port is being used by another service.`;
  const system = { provider: 'WMServer', eventId: 309, channel: 'System', level: 2, host };
  const parts = { ...system, index: index + time * 100_000, message, data: [String(port)] };
  const kind = index % 2 === 0 ? 'xml' : 'json';
  return { kind, text: kind === 'xml' ? asXml(parts) : asWinlogbeat(parts), isFault: true, host, port };
}

function timeOf(index: number): string {
  return new Date(START_MS + index * 10).toISOString();
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function asXml(parts: Parts): string {
  const { index, provider, eventId, channel, host, level, message, data } = parts;
  return (
    `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'/><EventID Qualifiers='49152'>${eventId}</EventID>` +
    `<Level>${level}</Level><Task>0</Task><Keywords>0x80000000000000</Keywords><TimeCreated SystemTime='${timeOf(index).replace('Z', '4567Z')}'/>` +
    `<EventRecordID>${index + 1}</EventRecordID><Channel>${channel}</Channel><Computer>${host}</Computer><Security/></System>` +
    `<EventData>${data.map((value) => `<Data>${escapeXml(value)}</Data>`).join('')}</EventData>` +
    `<RenderingInfo Culture='en-US'><Message>${escapeXml(message)}</Message><Level>${level === 2 ? 'Error' : 'Information'}</Level></RenderingInfo></Event>`
  );
}

function asWinlogbeat(parts: Parts): string {
  const { index, provider, eventId, channel, host, level, message, data } = parts;
  return JSON.stringify({
    '@timestamp': timeOf(index),
    '@metadata': { beat: 'winlogbeat', type: '_doc', version: '8.19.0' },
    event: { action: 'None', code: String(eventId), created: timeOf(index + 100), kind: 'event', provider },
    host: { name: host },
    log: { level: level === 2 ? 'error' : 'information' },
    message,
    winlog: {
      api: 'wineventlog',
      channel,
      computer_name: host,
      event_data: Object.fromEntries(data.map((value, place) => [`param${place + 1}`, value])),
      event_id: String(eventId),
      keywords: ['Classic'],
      opcode: 'Info',
      provider_name: provider,
      record_id: index + 1,
      process: { pid: 640, thread: { id: 7220 } },
    },
    agent: {
      ephemeral_id: 'b2d9e1c4-1111-4222-8333-444455556666',
      id: 'a1b2c3d4-1111-4222-8333-444455556666',
      name: host.split('.')[0],
      type: 'winlogbeat',
      version: '8.19.0',
    },
    ecs: { version: '8.11.0' },
  });
}
