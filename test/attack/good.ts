// Good events through a poisoned stack: indexed, opened, notified once, acknowledged by the
// console, seen in its live stream.
import { makeFault } from '../support/events.ts';
import { until } from '../support/until.ts';
import { type Attempt, must } from './attempt.ts';
import { HONEST_TOKEN, LIMIT_MS, type Stack } from './stack.ts';

const FAULTS = 6;
const WAIT_MS = 20_000;

/**
 * The steps in their order; `phase` is part of the hosts' names. Each relies on those before it.
 */
export function goodEvents(stack: Stack, phase: string): readonly Attempt[] {
  const faults = Array.from({ length: FAULTS }, (_, index) => makeFault(`attack-${phase}`, index));
  const hosts = faults.map(({ host }) => host);
  return [
    {
      attack: 'good events are indexed',
      run: async () => {
        for (const { kind, text } of faults) await send(stack, kind, text);
        const { count } = stack.fleet.elasticsearch;
        const query = { bool: { should: hosts.map((host) => ({ term: { 'host.name': host } })) } };
        await until('indexed', async () => (await count(query)) >= FAULTS, LIMIT_MS);
        must((await count(query)) === FAULTS, 'an event is there twice');
        return `${FAULTS} sent, ${FAULTS} documents`;
      },
    },
    {
      attack: 'their incidents are notified once',
      run: async () => {
        await until('notified', () => hosts.every((host) => keysOf(stack, host).size > 0), LIMIT_MS);
        return notifiedOnce(stack, hosts);
      },
    },
    {
      attack: 'a command acts, and the live stream delivers it',
      run: async () => await acknowledge(stack, hosts[0] ?? ''),
    },
  ];
}

/**
 * Another event of each incident of an earlier phase: it is counted to the incident that is there,
 * whatever happened to Redis since.
 */
export function knownIncidents(stack: Stack, phase: string): Attempt {
  return {
    attack: `what began while ${phase} is known`,
    run: async () => {
      const hosts = hostsOf(phase);
      for (const index of hosts.keys()) {
        const { kind, text } = makeFault(`attack-${phase}`, index, 1);
        await send(stack, kind, text);
      }
      for (const [index, host] of hosts.entries()) {
        const url = `${stack.fleet.consoleUrl}/api/v1/incidents?host=${host}`;
        const look = async (): Promise<boolean> => {
          const { total, incidents } = (await (await fetch(url)).json()) as Listing;
          const [only] = incidents;
          const state = index === 0 ? 'acknowledged' : 'open';
          return total === 1 && only?.state === state && only.episode === 1 && only.totalCount === 2;
        };
        await until(`the second event of ${host} is counted to its incident`, look, LIMIT_MS);
      }
      return notifiedOnce(stack, hosts);
    },
  };
}

/** Throws unless each host's incident was notified with one key. */
export function notifiedOnce(stack: Stack, hosts: readonly string[]): string {
  for (const host of hosts)
    must(keysOf(stack, host).size === 1, `${host} was notified with ${keysOf(stack, host).size} keys`);
  return `${hosts.length} incidents, ${hosts.length} messages`;
}

/** The hosts that `goodEvents` uses in a phase. */
export function hostsOf(phase: string): readonly string[] {
  return Array.from({ length: FAULTS }, (_, index) => makeFault(`attack-${phase}`, index).host);
}

/** The idempotency keys of the deliveries about a host's incident. */
function keysOf({ webhook }: Stack, host: string): ReadonlySet<string> {
  const about = webhook
    .deliveries()
    .filter(({ body }) => body.alerts.some(({ status, labels }) => status === 'firing' && labels['host'] === host));
  return new Set(about.map(({ idempotencyKey }) => idempotencyKey));
}

async function send({ fleet: { eventsUrl } }: Stack, kind: 'xml' | 'json', body: string): Promise<void> {
  const type = kind === 'xml' ? 'application/xml' : 'application/x-ndjson';
  const headers = { 'content-type': type, authorization: `Bearer ${HONEST_TOKEN}` };
  const response = await fetch(eventsUrl, { method: 'POST', headers, body });
  must(response.status === 200, `the collector answered ${response.status}: ${await response.text()}`);
}

async function acknowledge({ fleet: { consoleUrl } }: Stack, host: string): Promise<string> {
  const list = `${consoleUrl}/api/v1/incidents?host=${host}`;
  const incident = await until(
    'the console lists the incident',
    async () => ((await (await fetch(list)).json()) as Listing).incidents[0],
    LIMIT_MS,
  );
  const ending = AbortSignal.timeout(LIMIT_MS);
  const stream = await fetch(`${consoleUrl}/api/v1/stream?incident=${incident.id}&type=acknowledged`, {
    signal: ending,
  });
  const seen = firstFrame(stream);
  const url = `${consoleUrl}/api/v1/incidents/${incident.id}/acknowledge?wait=${WAIT_MS}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: '{}', signal: ending });
  const change = (await answer.json()) as { readonly status?: unknown; readonly state?: string };
  must(
    answer.status === 200 && change.state === 'acknowledged',
    `answered ${answer.status}: ${JSON.stringify(change)}`,
  );
  must((await seen).includes(incident.id), 'the stream delivered something else');
  await until(
    'the console shows it as acknowledged',
    async () => ((await (await fetch(list)).json()) as Listing).incidents[0]?.state === 'acknowledged',
    LIMIT_MS,
  );
  return `incident ${incident.id} acknowledged`;
}

interface Listing {
  readonly total: number;
  readonly incidents: readonly {
    readonly id: string;
    readonly state: string;
    readonly episode: number;
    readonly totalCount: number;
  }[];
}

/** The first action that a live stream delivers. */
async function firstFrame({ status, body }: Response): Promise<string> {
  must(status === 200 && body !== null, `the live stream answered ${status}`);
  let text = '';
  for await (const part of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += part;
    const frame = /^data: (?<data>.*)\n/mu.exec(text)?.groups?.['data'];
    if (frame !== undefined) return frame;
  }
  throw new Error('the live stream ended');
}
