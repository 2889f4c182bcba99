// A made-up day of a fleet, for pictures: the same at each run. Synthetic throughout.
import { type Random, randomOf } from '../fuzz/mutate.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24;

type Document = Readonly<Record<string, unknown>>;

/** Documents by the index they go to. */
export interface Fleet {
  readonly events: readonly Document[];
  readonly incidents: readonly Document[];
  readonly actions: readonly Document[];
  readonly deadLetters: readonly Document[];
}

const SITES = ['media', 'edge', 'web', 'app'];
const ARTICLE = 'https://learn.microsoft.com/article';
const PORTS = [80, 80, 80, 554, 554, 1755, 8080];
const EVERYDAY = [
  ['Service Control Manager', '7036', 'information'],
  ['Microsoft-Windows-Security-Auditing', '4624', 'information'],
  ['Microsoft-Windows-Security-Auditing', '4625', 'information'],
  ['Application Error', '1000', 'error'],
  ['Microsoft-Windows-GroupPolicy', '1500', 'information'],
  ['Disk', '51', 'warning'],
] as const;

/** The day that ends at `endMs`. */
export function makeFleet(endMs: number): Fleet {
  const random = randomOf(309);
  const startMs = endMs - HOURS * HOUR_MS;
  const at = (ms: number): string => new Date(startMs + ms).toISOString();
  const host = (): string =>
    `${SITES[random(SITES.length)] ?? ''}${String(random(14) + 1).padStart(2, '0')}.example.org`;
  const events = Array.from({ length: 3000 }, () => everyday(host(), at(random(HOURS * HOUR_MS)), random));
  const faults = Array.from({ length: 46 }, (_, index) => {
    const ms = index < 30 ? random(HOURS * HOUR_MS) : 14 * HOUR_MS + random(HOUR_MS);
    return fault({ host: host(), port: PORTS[random(PORTS.length)] ?? 80, ms, at, random });
  });
  const actions = faults.flatMap(({ rows }) => rows);
  const reasons = ['invalid_xml', 'unknown_format', 'index_refused', 'too_large'];
  const deadLetters = Array.from({ length: 37 }, () => {
    const reason = reasons[random(reasons.length)] ?? '';
    return {
      '@timestamp': at(random(HOURS * HOUR_MS)),
      foghorn: {
        sender: `192.0.2.${random(9) + 1}`,
        dead_letter: { stage: reason === 'index_refused' ? 'indexer' : 'enricher', reason },
      },
    };
  });
  return {
    events: [...events, ...faults.flatMap((each) => each.events)],
    incidents: faults.map((each) => each.incident),
    actions,
    deadLetters,
  };
}

function everyday(host: string, time: string, random: Random): Document {
  const [provider, code, level] = EVERYDAY[random(EVERYDAY.length)] ?? EVERYDAY[0];
  return { '@timestamp': time, host: { name: host }, event: { provider, code }, log: { level } };
}

interface FaultParts {
  readonly host: string;
  readonly port: number;
  readonly ms: number;
  readonly at: (ms: number) => string;
  readonly random: Random;
}

function fault({ host, port, ms, at, random }: FaultParts) {
  const isHttpSys = port === 80 && random(4) === 0;
  const rule = isHttpSys
    ? { id: 'httpsys-15005-endpoint-failed', name: 'HTTP.sys cannot bind to its address and port', ruleset: 'foghorn' }
    : {
        id: 'wmserver-309-port-in-use',
        name: 'Windows Media Services cannot bind to its TCP port',
        ruleset: 'foghorn',
      };
  const title = isHttpSys
    ? `HTTP.sys on ${host} cannot bind to [::]:80`
    : `Windows Media Services cannot use TCP port ${port} on ${host}`;
  const common = { host: { name: host }, rule, server: { port } };
  const remediation = {
    class: 'address-in-use',
    severity: 'error',
    title,
    first_step: 'Open Windows Media Services and select the server.',
  };
  const events = Array.from({ length: 1 + random(5) }, (_, repeat) => ({
    ...common,
    '@timestamp': at(ms + repeat * 240_000),
    event: {
      provider: isHttpSys ? 'Microsoft-Windows-HttpEvent' : 'WMServer',
      code: isHttpSys ? '15005' : '309',
      reference: ARTICLE,
    },
    message: title,
    log: { level: 'error' },
    foghorn: { remediation: { id: rule.id, class: 'address-in-use' } },
  }));
  const [toAcknowledge, toResolve] = [120_000 + random(2_400_000), 900_000 + random(14_000_000)];
  const fate = random(10);
  const state = fate < 5 ? 'resolved' : fate < 7 ? 'acknowledged' : 'open';
  const episode = random(6) === 0 ? 2 + random(3) : 1;
  const incident = {
    ...common,
    '@timestamp': at(ms + 240_000 * events.length),
    event: { kind: 'alert', reference: ARTICLE },
    foghorn: {
      incident: {
        id: `incident-${host}-${port}`,
        state,
        severity: random(5) === 0 ? 'critical' : 'error',
        episode,
        episode_count: events.length,
        total_count: events.length * episode,
        opened: at(ms - random(4) * 10 * HOUR_MS),
        last_seen: at(ms + 240_000 * (events.length - 1)),
        ...(state === 'open' ? {} : { time_to_acknowledge_ms: toAcknowledge }),
        ...(state === 'resolved' ? { time_to_resolve_ms: toResolve } : {}),
        ...(state === 'open' && random(4) === 0 ? { stale_since: at(ms) } : {}),
      },
      remediation,
    },
  };
  return { events, incident, rows: rowsOf({ host, port, ms, at, random }) };
}

function rowsOf({ host, port, ms, at, random }: FaultParts): readonly Document[] {
  const row = (
    action: string,
    parts: { readonly channel?: string; readonly reason?: string; readonly wait?: number },
  ): Document => ({
    '@timestamp': at(ms + 1000),
    host: { name: host },
    event: { action, reason: parts.reason ?? 'opened' },
    foghorn: {
      incident: { id: `incident-${host}-${port}` },
      action: { channel: parts.channel, time_to_alert_ms: parts.wait },
    },
  });
  const chance = random(20);
  if (chance === 0) return [row('unrouted', { reason: 'no route takes severity info' })];
  if (chance === 1) return [row('suppressed', { channel: 'media-team', reason: 'silenced by alice: planned work' })];
  const told = row('notified', { channel: 'media-team', wait: 40 + random(180) });
  const slack =
    chance === 2
      ? row('delivery_failed', { channel: 'slack' })
      : row('notified', { channel: 'slack', wait: 90 + random(400) });
  return [told, slack];
}
