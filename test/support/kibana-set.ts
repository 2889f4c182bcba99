// Documents as the indexer writes them, few enough to count by hand: eleven events of four hosts and of one that is not named, four incidents, six rows of actions, three dead letters. Synthetic.

const HOUR_MS = 3_600_000;

/** When the first of them happened; the others within the four hours after. */
export const SET_START_MS = Date.UTC(2026, 2, 1, 8);

type Document = Readonly<Record<string, unknown>>;

const at = (hours: number): string => new Date(SET_START_MS + hours * HOUR_MS).toISOString();

const PORT_IN_USE = { id: 'wmserver-309-port-in-use', name: 'Port in use', version: '1', ruleset: 'foghorn' };
const ENDPOINT = { id: 'httpsys-15005-endpoint-failed', name: 'HTTP.sys endpoint', version: '1', ruleset: 'foghorn' };
const ARTICLE = 'https://vendor.example/article';
const CONFLICT = { class: 'address-in-use', severity: 'error' };

function event(host: string, hours: number, parts: Document): Document {
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
    foghorn: { remediation: { id: PORT_IN_USE.id, ...CONFLICT } },
  });
}

/** Events. */
export const EVENTS: readonly Document[] = [
  event('quiet01', 0, {}),
  event('media01', 0, {}),
  fault('media01', 0, 80),
  fault('media01', 1, 80),
  fault('media01', 3, 80),
  event('media01', 2, {
    event: { kind: 'event', code: '1000', provider: 'Application Error' },
    log: { level: 'error' },
  }),
  event('media02', 0, {}),
  fault('media02', 1, 554),
  event('web01', 1, {}),
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
  readonly host: string;
  readonly port: number;
  readonly hours: number;
  readonly lastHours: number;
  readonly title: string;
  readonly firstStep?: string;
  readonly rule: Document;
  readonly incident: Document;
}

function incident({ host, port, hours, lastHours, title, firstStep, rule, incident: own }: IncidentParts): Document {
  return {
    '@timestamp': at(lastHours),
    event: { kind: 'alert', created: at(hours), reference: ARTICLE },
    host: { name: host },
    server: { port },
    rule,
    foghorn: {
      incident: {
        id: `incident-${host}`,
        state: 'open',
        severity: 'error',
        episode: 1,
        episode_count: 1,
        total_count: 1,
        opened: at(hours),
        last_seen: at(lastHours),
        ...own,
      },
      remediation: { title, first_step: firstStep, ...CONFLICT },
    },
  };
}

const OPEN_THE_CONSOLE = { firstStep: 'Open the console.', rule: PORT_IN_USE };

/** Incidents. */
export const INCIDENTS: readonly Document[] = [
  incident({
    host: 'media01',
    port: 80,
    hours: 0,
    lastHours: 3,
    title: 'Port 80 on media01',
    ...OPEN_THE_CONSOLE,
    incident: { episode: 3, episode_count: 3, total_count: 9, severity: 'critical' },
  }),
  incident({
    host: 'media02',
    port: 554,
    hours: 1,
    lastHours: 1,
    title: 'Port 554 on media02',
    ...OPEN_THE_CONSOLE,
    incident: { state: 'acknowledged', time_to_acknowledge_ms: 120_000, stale_since: at(2) },
  }),
  incident({
    host: 'web01',
    port: 80,
    hours: 2,
    lastHours: 2,
    title: 'Endpoint on web01',
    rule: ENDPOINT,
    incident: {},
  }),
  incident({
    host: 'media03',
    port: 80,
    hours: 1,
    lastHours: 2,
    title: 'Port 80 on media03',
    ...OPEN_THE_CONSOLE,
    incident: { state: 'resolved', time_to_acknowledge_ms: 120_000, time_to_resolve_ms: 600_000 },
  }),
];

function action(
  hours: number,
  name: string,
  parts: { readonly channel?: string; readonly ms?: number; readonly reason?: string } = {},
): Document {
  return {
    '@timestamp': at(hours),
    event: { kind: 'event', action: name, reason: parts.reason },
    host: { name: 'media01' },
    foghorn: {
      incident: { id: `incident-${name}`, severity: 'error' },
      action: { channel: parts.channel, time_to_alert_ms: parts.ms },
    },
  };
}

/** Rows of the action stream. */
export const ACTIONS: readonly Document[] = [
  action(0, 'notified', { channel: 'mail', ms: 100 }),
  action(1, 'notified', { channel: 'mail', ms: 200 }),
  action(2, 'notified', { channel: 'slack', ms: 400 }),
  action(2, 'delivery_failed', { channel: 'slack' }),
  action(3, 'suppressed', { channel: 'mail', reason: 'silenced by alice' }),
  action(3, 'unrouted', { reason: 'no route takes it' }),
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
