// Small made-up events as text, whole or with one part spoiled, and reading them. Synthetic
// throughout.
import assert from 'node:assert/strict';
import type { ReadResult, WindowsEvent } from '../../../../shared/contracts/windows-event.ts';
import { readEvent } from '../../../../shared/windows/read-event.ts';
import { toEcs } from '../../../../shared/windows/to-ecs.ts';

/** When every document of these tests was received. */
export const RECEIVED = '2026-03-01T12:00:00.000Z';

/** The lines of `System`, each to be replaced or, with an empty text, left out. */
const SYSTEM = {
  provider: '<Provider Name="WMServer"/>',
  eventId: '<EventID Qualifiers="49152">309</EventID>',
  version: '',
  level: '<Level>2</Level>',
  task: '<Task>0</Task>',
  opcode: '',
  keywords: '<Keywords>0x80000000000000</Keywords>',
  time: '<TimeCreated SystemTime="2026-03-01T10:00:00.1234567Z"/>',
  recordId: '<EventRecordID>4711</EventRecordID>',
  correlation: '',
  execution: '<Execution ProcessID="0" ThreadID="0"/>',
  channel: '<Channel>System</Channel>',
  computer: '<Computer>MEDIA-01.example.org</Computer>',
  security: '<Security/>',
};

/** What `eventXml` may be given. */
export type XmlParts = Partial<typeof SYSTEM> & { readonly sections?: string };

/** An event 309 of WMServer as event XML; `sections` stands for what follows `System`. */
export function eventXml({ sections = '<EventData><Data>80</Data></EventData>', ...parts }: XmlParts = {}): string {
  const system = Object.values({ ...SYSTEM, ...parts }).join('');
  return `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>${system}</System>${sections}</Event>`;
}

/** The same event as Winlogbeat's document; `winlog` and `document` are laid over it. */
export function winlogbeatDocument(
  winlog: Readonly<Record<string, unknown>> = {},
  document: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    '@timestamp': '2026-03-01T10:00:00.123Z',
    '@metadata': { beat: 'winlogbeat', version: '8.19.0' },
    event: { kind: 'event', code: '309', provider: 'WMServer', created: '2026-03-01T10:00:01.000Z' },
    host: { name: 'MEDIA-01.example.org' },
    log: { level: 'error' },
    ecs: { version: '8.11.0' },
    ...document,
    winlog: {
      api: 'wineventlog',
      provider_name: 'WMServer',
      event_id: '309',
      channel: 'System',
      computer_name: 'MEDIA-01.example.org',
      record_id: 4711,
      keywords: ['Classic'],
      event_data: { param1: '80' },
      ...winlog,
    },
  };
}

/** Reads a text or an object as JSON. */
export function read(event: string | object): ReadResult {
  return readEvent(Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)), 'utf-8');
}

/** The event that a text holds; fails when it holds none. */
export function eventOf(event: string | object): WindowsEvent {
  const result = read(event);
  return result.kind === 'event' ? result.event : assert.fail(`${result.reason}: ${result.detail}`);
}

/** Why a text holds no event: the reason; fails when it holds one or when nothing is said. */
export function reasonOf(event: string | object): string {
  const result = read(event);
  assert.equal(result.kind, 'bad', 'it was read as an event');
  if (result.kind !== 'bad') return assert.fail();
  assert.match(result.detail, /\S/u);
  assert.ok(result.detail.length < 500, 'the detail holds the payload');
  return result.reason;
}

/** A document, as it goes over the wire. */
export type Fields = Readonly<Record<string, Readonly<Record<string, unknown>>>> & {
  readonly tags?: readonly string[];
  readonly message?: string;
};

/** The document of an event. */
export function documentOf(event: string | object): Fields {
  return JSON.parse(JSON.stringify(toEcs(eventOf(event), { receivedAt: RECEIVED }))) as Fields;
}
