// Attempts to send as somebody else: for hosts that a token may not speak for, from web pages,
// without a token. On loopback, one request each.
import { request } from 'node:http';
import type { AttackRow } from './row.ts';

/** The collector to attack, with a token that is limited to hosts. */
export interface SendersTarget {
  readonly url: string;
  /** The limited token, and a host that it may speak for. */
  readonly token: string;
  readonly ownHost: string;
  /** A host that it may not speak for. */
  readonly foreignHost: string;
  /**
   * Resolves, in bounded time, to what the enricher made of the event that holds the marker: the
   * reason of its dead letter, or `document`.
   */
  outcomeOf(marker: string): Promise<string>;
}

const LIMIT_MS = 10_000;

/** Attacks one after the other. */
export async function senders(target: SendersTarget): Promise<readonly AttackRow[]> {
  const { ownHost, foreignHost } = target;
  return [
    await event(target, 'own host', beat({ computer_name: ownHost }, {}), 'document'),
    await event(target, 'foreign computer', beat({ computer_name: foreignHost }, {}), 'host_not_allowed'),
    await event(target, 'no computer', beat({}, {}), 'host_not_allowed'),
    await event(
      target,
      'own computer in a comment, another in the event',
      commented(ownHost, foreignHost),
      'host_not_allowed',
    ),
    await refused(target, 'no token', {}, 401),
    await refused(target, 'a wrong token', { authorization: `Bearer ${'x'.repeat(32)}` }, 401),
    await refused(target, 'a web page with a token', { ...login(target), origin: 'http://evil.example' }, 403),
    await refused(target, 'a web page that says so', { ...login(target), 'sec-fetch-site': 'cross-site' }, 403),
  ];
}

type Write = (marker: string) => string;

function beat(winlog: object, fields: object): Write {
  return (marker) =>
    JSON.stringify({ winlog: { provider_name: 'WMServer', event_id: '309', ...winlog }, message: marker, ...fields });
}

function commented(own: string, foreign: string): Write {
  return (marker) =>
    `<Event><!-- <Computer>${own}</Computer> --><System><Provider Name="WMServer"/><EventID>309</EventID><Channel>Application</Channel>` +
    `<Computer>${foreign}</Computer></System><EventData><Data>${marker}</Data></EventData></Event>`;
}

/** Refused at once for its host, or checked by the enricher. */
async function event(target: SendersTarget, attack: string, write: Write, expected: string): Promise<AttackRow> {
  const marker = `attack-${process.pid}-${performance.now()}`;
  const { status, text } = await send(target.url, login(target), write(marker));
  const isEarly = text.includes('"host_not_allowed"');
  const outcome = isEarly ? 'host_not_allowed' : status === 200 ? await target.outcomeOf(marker) : `${status}`;
  const where = isEarly ? ' by the collector' : '';
  return { attack, detail: `${outcome}${where}, expected ${expected}`, held: outcome === expected };
}

async function refused(
  { url, ownHost }: SendersTarget,
  attack: string,
  headers: Readonly<Record<string, string>>,
  expected: number,
): Promise<AttackRow> {
  const { status } = await send(url, headers, beat({ computer_name: ownHost }, {})('attack'));
  return { attack, detail: `answered ${status}, expected ${expected}`, held: status === expected };
}

function login({ token }: SendersTarget): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

/**
 * By `node:http`, because `fetch` sets Origin and Sec-Fetch-Site by itself. Rejects when nothing
 * answers in time.
 */
async function send(url: string, headers: Readonly<Record<string, string>>, body: string) {
  return await new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const options = { method: 'POST', headers, agent: false, signal: AbortSignal.timeout(LIMIT_MS) };
    const sending = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
