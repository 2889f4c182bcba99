// A morning with a wide conflict, for tests and pictures of the console: media servers whose port
// 80 is held by HTTP.sys, a few with another trouble, and what the hosts reported around it.
import type { MadeEvent } from './events.ts';

/** One Windows event of the story. */
export interface StoryEvent {
  readonly provider: string;
  readonly eventId: number;
  readonly level: 1 | 2 | 3 | 4;
  readonly channel: string;
  readonly host: string;
  readonly message: string;
  readonly data: readonly string[];
  readonly atMs: number;
}

const MINUTE_MS = 60_000;
const BETWEEN_MS = 300;
const DOMAIN = 'example.org';

const LEVELS = { 1: 'Critical', 2: 'Error', 3: 'Warning', 4: 'Information' } as const;

let records = 0;

/** As event XML. */
export function storyEvent({ provider, eventId, level, channel, host, message, data, atMs }: StoryEvent): MadeEvent {
  records += 1;
  const text =
    `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'/>` +
    `<EventID>${eventId}</EventID><Level>${level}</Level><Keywords>0x80000000000000</Keywords>` +
    `<TimeCreated SystemTime='${new Date(atMs).toISOString()}'/><EventRecordID>${records}</EventRecordID>` +
    `<Channel>${channel}</Channel><Computer>${escapeXml(host)}</Computer><Security/></System>` +
    `<EventData>${data.map((value) => `<Data>${escapeXml(value)}</Data>`).join('')}</EventData>` +
    `<RenderingInfo Culture='en-US'><Message>${escapeXml(message)}</Message><Level>${LEVELS[level]}</Level></RenderingInfo></Event>`;
  return { kind: 'xml', text, isFault: eventId === 309, host };
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

/** The 309 of a media server. */
export function portInUse(host: string, port: number, atMs: number): StoryEvent {
  const message = `Windows Media Services cannot bind to TCP port ${port}. The port is being used by another service.`;
  return {
    provider: 'WMServer',
    eventId: 309,
    level: 2,
    channel: 'Application',
    host,
    message,
    data: [String(port)],
    atMs,
  };
}

function httpSys(host: string, atMs: number): StoryEvent {
  const message =
    'Unable to bind to the underlying transport for 0.0.0.0:80. The IP Listen-Only list may contain a reference to an interface which does not exist on this machine. The data field contains the error number.';
  const data = [String.raw`\Device\Http\ReqQueue`, '0.0.0.0:80'];
  return {
    provider: 'Microsoft-Windows-HttpEvent',
    eventId: 15_005,
    level: 2,
    channel: 'System',
    host,
    message,
    data,
    atMs,
  };
}

/** A service that was started or stopped. */
export function serviceState(host: string, name: string, state: string, atMs: number): StoryEvent {
  const message = `The ${name} service entered the ${state} state.`;
  return {
    provider: 'Service Control Manager',
    eventId: 7036,
    level: 4,
    channel: 'System',
    host,
    message,
    data: [name, state],
    atMs,
  };
}

function serviceFailed(host: string, name: string, atMs: number): StoryEvent {
  const message = `The ${name} service terminated with the following error: Access is denied.`;
  return {
    provider: 'Service Control Manager',
    eventId: 7023,
    level: 2,
    channel: 'System',
    host,
    message,
    data: [name, '%%5'],
    atMs,
  };
}

/** The events, in the order in which they happened, `count` media servers wide. */
export function consoleStory(nowMs: number, count = 40): readonly MadeEvent[] {
  const events: StoryEvent[] = [];
  for (let index = 0; index < count; index += 1) {
    const host = `media${String(index + 1).padStart(2, '0')}.${DOMAIN}`;
    const atMs = nowMs - (count - index) * BETWEEN_MS;
    const port = index % 8 === 5 ? 554 : index % 8 === 7 ? 1755 : 80;
    if (port === 80 && index % 3 !== 2)
      events.push(serviceState(host, 'World Wide Web Publishing Service', 'running', atMs - MINUTE_MS));
    if (port === 80 && index % 3 === 0) events.push(httpSys(host, atMs - 20_000));
    for (let time = 0; time <= index % 4; time += 1) events.push(portInUse(host, port, atMs + time * 400));
    events.push(serviceState(host, 'Windows Media Services', 'stopped', atMs + 1500));
  }
  for (const [index, name] of ['edge01', 'edge02', 'print03'].entries())
    events.push(
      serviceFailed(
        `${name}.${DOMAIN}`,
        ['W3SVC', 'Remote Desktop Gateway', 'Print Spooler'][index] ?? '',
        nowMs - (index + 2) * 7 * MINUTE_MS,
      ),
    );
  return events.toSorted((left, right) => left.atMs - right.atMs).map(storyEvent);
}
