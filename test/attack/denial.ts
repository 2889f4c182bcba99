// Attempts to keep honest senders out of a running collector: small requests that cost much, room
// and places held without use. On loopback, bounded in count and time.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { SHAPES } from '../fuzz/pathological.ts';
import type { AttackRow } from './row.ts';

/** The collector to attack, which listens without TLS. */
export interface DenialTarget {
  /** Where events are posted, e.g. `http://127.0.0.1:8309/v1/events`. */
  readonly url: string;
  /** The process whose CPU time is measured (Linux's /proc). */
  readonly pid: number;
  /** A bearer token that may send, where one is needed. */
  readonly token?: string;
}

const BODY_BYTES = 4_194_304;
/** CPU time that a request of some KiB may cost. */
const MOST_CPU_MS = 3000;
const HONEST_LIMIT_MS = 10_000;
const SOCKETS = 1200;
const CLOCK_TICKS_A_SECOND = 100;

/** The bodies that were the most dear, and one of each kind beside them. */
const DEAR = [
  '"<UserData " again and again in an event that does not end',
  '"<UserData " again and again with a > behind',
  '"</Event " again and again',
  '"<" again and again in an event that ends',
  '"<?" again and again in an event that ends',
  '"[" again and again, as lines',
  'nested user data',
];

/**
 * Attacks one after the other; each row says whether an honest request was answered 200 in time
 * beside it.
 */
export async function denial(target: DenialTarget): Promise<readonly AttackRow[]> {
  const rows: AttackRow[] = [];
  for (const name of DEAR) rows.push(await dearBody(target, name));
  rows.push(
    await heldSockets(target, {
      attack: 'lengths declared and never sent',
      count: 40,
      words: () => `${head(target, 8_388_608)}{`,
    }),
  );
  rows.push(await heldSockets(target, { attack: 'silent connections', count: SOCKETS, words: () => '' }));
  rows.push(
    await heldSockets(target, {
      attack: 'headers that do not end',
      count: SOCKETS,
      words: () => 'POST /v1/events HTTP/1.1\r\nHost: ',
    }),
  );
  return rows;
}

async function dearBody(target: DenialTarget, name: string): Promise<AttackRow> {
  const shape = SHAPES.find((candidate) => candidate.name === name);
  if (shape === undefined) throw new Error(`There is no shape ${name}.`);
  const body = gzipSync(shape.make(Math.ceil(BODY_BYTES / shape.bytesPerPart)));
  const before = cpuMs(target.pid);
  const [status, honest] = await Promise.all([
    post(target, body, { 'content-encoding': 'gzip' }),
    post(target, '{"a":1}'),
  ]);
  const spent = cpuMs(target.pid) - before;
  return {
    attack: name,
    detail: `${body.length} bytes of gzip: ${status}, ${Math.round(spent)} ms of CPU time; an honest request beside it: ${honest}`,
    cpuMsPerRequest: spent,
    held: honest === '200' && spent < MOST_CPU_MS,
  };
}

interface Held {
  readonly attack: string;
  readonly count: number;
  words(): string;
}

async function heldSockets(target: DenialTarget, { attack, count, words }: Held): Promise<AttackRow> {
  const sockets = await Promise.all(Array.from({ length: count }, async () => await open(target, words())));
  try {
    const before = performance.now();
    const honest = await post(target, '{"a":1}');
    const tookMs = performance.now() - before;
    const detail = `${count} connections; an honest request beside them: ${honest} after ${Math.round(tookMs)} ms`;
    return { attack, detail, held: honest === '200' };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function head({ token }: DenialTarget, length: number): string {
  const login = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  return `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n${login}Content-Length: ${length}\r\n\r\n`;
}

/** Resolves when it is connected and has written, or could not. */
async function open({ url }: DenialTarget, words: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise<void>((resolve) => {
    socket.once('error', () => resolve());
    socket.once('connect', () => socket.write(words, () => resolve()));
  });
  socket.on('error', () => undefined);
  return socket;
}

/** The status, or why there is none. */
async function post(
  { url, token }: DenialTarget,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const login = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const signal = AbortSignal.timeout(HONEST_LIMIT_MS);
    const all = { connection: 'close', ...login, ...headers };
    const response = await fetch(url, { method: 'POST', body, headers: all, signal });
    await response.arrayBuffer();
    return String(response.status);
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** CPU time of a process so far. Source: proc(5), /proc/pid/stat, fields utime and stime. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_A_SECOND;
}
