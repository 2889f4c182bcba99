// Documents as the indexer writes them, few enough to count by hand, all of them placed before now,
// because panels look back from there: fourteen events of seven hosts and of one that is not named,
// five incidents, eighteen rows of actions, three dead letters. Synthetic.

const HOUR_MS = 3_600_000;
const NOW_MS = Math.floor(Date.now() / 1000) * 1000;

/** When the day that is looked at begins: most of it happens within the four hours after. */
export const SET_START_MS = NOW_MS - 5 * HOUR_MS;

/** How long ago each unresolved incident was opened, and the one that is resolved. */
export const OPENED_MS = {
  web01: NOW_MS - HOUR_MS,
  media02: NOW_MS - 5 * HOUR_MS,
  disk01: NOW_MS - 2 * 24 * HOUR_MS,
  media01: NOW_MS - 8 * 24 * HOUR_MS,
  media03: NOW_MS - 3 * 24 * HOUR_MS,
} as const;

/**
 * When the hosts that fell silent before that day sent their last event; the older one more than
 * thirty days ago.
 */
export const SILENT_MS = { gone01: NOW_MS - 25 * HOUR_MS, forgotten01: NOW_MS - 31 * 24 * HOUR_MS } as const;

type Document = Readonly<Record<string, unknown>>;

const at = (hours: number): string => new Date(SET_START_MS + hours * HOUR_MS).toISOString();

const PORT_IN_USE = { id: 'wmserver-309-port-in-use', name: 'Port in use', version: '1', ruleset: 'foghorn' };
const ENDPOINT = { id: 'httpsys-15005-endpoint-failed', name: 'HTTP.sys endpoint', version: '1', ruleset: 'foghorn' };
const DISK_LOW = { id: 'disk-low', name: 'Disk low', version: '1', ruleset: 'foghorn' };
const ARTICLE = 'https://vendor.example/article';
const CONFLICT = { class: 'address-in-use', severity: 'error' };

function event(host: string, hours: number, parts: Document = {}): Document {
  return {
    '@timestamp': at(hours),
    event: { kind: 'event', code: '7036', provider: 'Service Control Manager' },
    host: { name: host },
    log: { level: 'information' },
    ...parts,
  };
}

function fault(host: string, hours: number, port: number): Document {
  return event(host, hours, {
    event: { kind: 'event', code: '309', provider: 'WMServer', reference: ARTICLE },
    log: { level: 'error' },
    rule: PORT_IN_USE,
    server: { port },
    foghorn: { lag_ms: 200, remediation: { id: PORT_IN_USE.id, ...CONFLICT } },
  });
}

/** Events. */
export const EVENTS: readonly Document[] = [
  event('gone01', (SILENT_MS.gone01 - SET_START_MS) / HOUR_MS),
  event('forgotten01', (SILENT_MS.forgotten01 - SET_START_MS) / HOUR_MS),
  event('quiet01', 0),
  event('media01', 0, { foghorn: { lag_ms: 400 } }),
  fault('media01', 0, 80),
  fault('media01', 1, 80),
  fault('media01', 3, 80),
  event('media01', 2, {
    event: { kind: 'event', code: '1000', provider: 'Application Error' },
    log: { level: 'error' },
  }),
  event('media02', 0, { foghorn: { lag_ms: 60_000 } }),
  fault('media02', 1, 554),
  event('web01', 1),
  event('web01', 2, {
    event: { kind: 'event', code: '15005', provider: 'Microsoft-Windows-HttpEvent' },
    log: { level: 'error' },
    rule: ENDPOINT,
    server: { port: 80 },
    foghorn: { remediation: { id: ENDPOINT.id, ...CONFLICT } },
  }),
  // Names neither host nor level nor port: nowhere may it be missing from a sum in silence.
  {
    '@timestamp': at(1),
    event: { kind: 'event', code: '15005', provider: 'Microsoft-Windows-HttpEvent', reference: ARTICLE },
    rule: ENDPOINT,
    foghorn: { remediation: { id: ENDPOINT.id, ...CONFLICT } },
  },
];

interface IncidentParts {
  readonly host: keyof typeof OPENED_MS;
  readonly port?: number;
  readonly lastHours: number;
  readonly title: string;
  readonly firstStep?: string;
  readonly rule: Document;
  readonly faultClass?: string;
  readonly incident: Document;
}

function incident(parts: IncidentParts): Document {
  const { host, port, lastHours, title, firstStep, rule, faultClass = 'address-in-use', incident: own } = parts;
  const opened = new Date(OPENED_MS[host]).toISOString();
  return {
    '@timestamp': at(lastHours),
    event: { kind: 'alert', created: opened, reference: ARTICLE },
    host: { name: host },
    ...(port === undefined ? {} : { server: { port } }),
    rule,
    foghorn: {
      incident: {
        id: `incident-${host}`,
        state: 'open',
        severity: 'error',
        episode: 1,
        episode_count: 1,
        total_count: 1,
        opened,
        last_seen: at(lastHours),
        ...own,
      },
      remediation: { title, summary: `${title} is taken.`, first_step: firstStep, class: faultClass },
    },
  };
}

const OPEN_THE_CONSOLE = { firstStep: 'Open the console.', rule: PORT_IN_USE };
const WEB_SERVER = { likely_holder: 'A web server.' };

/** Incidents. */
export const INCIDENTS: readonly Document[] = [
  incident({
    host: 'media01',
    port: 80,
    lastHours: 3,
    title: 'Port 80 on media01',
    ...OPEN_THE_CONSOLE,
    incident: { episode: 3, episode_count: 3, total_count: 9, severity: 'critical', ...WEB_SERVER },
  }),
  incident({
    host: 'media02',
    port: 554,
    lastHours: 1,
    title: 'Port 554 on media02',
    ...OPEN_THE_CONSOLE,
    incident: { state: 'acknowledged', assignee: 'kim', stale_since: at(2), likely_holder: 'An RTSP server.' },
  }),
  incident({ host: 'web01', lastHours: 4.5, title: 'Endpoint on web01', rule: ENDPOINT, incident: {} }),
  incident({
    host: 'media03',
    port: 80,
    lastHours: 2,
    title: 'Port 80 on media03',
    ...OPEN_THE_CONSOLE,
    incident: { state: 'resolved', ...WEB_SERVER },
  }),
  // No conflict, came back, and did not change since the day before.
  incident({
    host: 'disk01',
    lastHours: -30,
    title: 'Disk of disk01',
    rule: DISK_LOW,
    faultClass: 'disk',
    incident: { severity: 'warning', episode: 2 },
  }),
];

interface ActionParts {
  readonly host?: string;
  readonly receiver?: string;
  readonly ms?: number;
  readonly reason?: string;
  readonly episode?: number;
  readonly rule?: Document;
  readonly faultClass?: string;
  readonly times?: Document;
}

function action(hours: number, name: string, parts: ActionParts = {}): Document {
  const { host = 'media01', receiver, ms, reason, episode = 1, rule, faultClass = 'address-in-use', times } = parts;
  return {
    '@timestamp': at(hours),
    event: { kind: 'event', action: name, reason },
    rule,
    host: { name: host },
    foghorn: {
      incident: { id: `incident-${host}`, severity: 'error', episode, ...times },
      remediation: { class: faultClass },
      action: { receiver, time_to_alert_ms: ms },
    },
  };
}

const MEDIA03 = { host: 'media03', rule: PORT_IN_USE };
const DISK01 = { host: 'disk01', rule: DISK_LOW, faultClass: 'disk' };

/** Entries of the activity stream. */
export const ACTIONS: readonly Document[] = [
  action(0, 'notified', { receiver: 'mail', ms: 100 }),
  action(1, 'notified', { receiver: 'mail', ms: 200 }),
  action(2, 'notified', { receiver: 'slack', ms: 400 }),
  action(2, 'delivery_failed', { receiver: 'slack', host: 'media02' }),
  action(3, 'delivery_failed', { receiver: 'slack', host: 'media02' }),
  action(3, 'suppressed', { receiver: 'mail', reason: 'silenced by alice' }),
  action(3, 'unrouted', { reason: 'no route takes it' }),
  // Two episodes of one incident, whose document has neither repair any more.
  action(0, 'opened', MEDIA03),
  action(0, 'acknowledged', { ...MEDIA03, times: { time_to_acknowledge_ms: 120_000 } }),
  action(1, 'resolved', { ...MEDIA03, times: { time_to_resolve_ms: 600_000 } }),
  action(2, 'reopened', { ...MEDIA03, episode: 2 }),
  action(2, 'acknowledged', { ...MEDIA03, episode: 2, times: { time_to_acknowledge_ms: 240_000 } }),
  action(3, 'resolved', { ...MEDIA03, episode: 2, times: { time_to_resolve_ms: 1_200_000 } }),
  action(0, 'opened', { ...DISK01 }),
  action(2, 'resolved', { ...DISK01, times: { time_to_resolve_ms: 1_800_000 } }),
  action(3, 'opened', { ...DISK01, episode: 2 }),
  // Written before entries had their rule's name.
  action(1, 'opened', { host: 'old01', faultClass: 'disk' }),
  action(1, 'repeated', MEDIA03),
];

function deadLetter(
  hours: number,
  stage: string,
  parts: { readonly reason: string; readonly sender: string },
): Document {
  const { reason, sender } = parts;
  return { '@timestamp': at(hours), event: { kind: 'event' }, foghorn: { sender, dead_letter: { stage, reason } } };
}

/** Dead letters. */
export const DEAD_LETTERS: readonly Document[] = [
  deadLetter(0, 'enricher', { reason: 'invalid_xml', sender: '192.0.2.1' }),
  deadLetter(2, 'enricher', { reason: 'invalid_xml', sender: '192.0.2.2' }),
  deadLetter(1, 'indexer', { reason: 'index_refused', sender: '192.0.2.1' }),
];
