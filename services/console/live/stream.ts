// Live streams: server-sent events, one for each action. https://html.spec.whatwg.org/multipage/server-sent-events.html
import type { ServerResponse } from 'node:http';
import type { Action } from '../../../shared/contracts/incident.ts';
import { Problem } from '../api/problem.ts';
import type { ConsoleMetrics } from '../metrics.ts';
import type { Hub } from './hub.ts';

/** What the streams work with. */
export interface StreamOptions {
  readonly hub: Hub;
  readonly metrics: ConsoleMetrics;
  readonly maxStreams: number;
  /** The most of one reader. */
  readonly maxStreamsOfOne: number;
}

/** Which actions a stream tells; what is not given is not asked. */
export interface StreamFilter {
  readonly incident?: string | undefined;
  readonly host?: string | undefined;
  readonly type?: readonly string[] | undefined;
}

/** What a stream is asked for: `reader` is whose limit it counts against. */
export interface StreamRequest {
  readonly reader: string;
  readonly filter: StreamFilter;
}

/** Answers a request with a stream until `signal` aborts. Throws Problem 429 when there are too many, of all or of this reader. */
export type Stream = (response: ServerResponse, request: StreamRequest, signal: AbortSignal) => void;

/** A comment this often keeps the connection open on its way through proxies. */
const BEAT_MS = 15_000;
/** What a reader may be behind before it is cut off: it can ask anew and read what it missed from the time lines. */
const MAX_BEHIND_BYTES = 1024 * 1024;

/** Streams from a hub. */
export function createStream({ hub, metrics, maxStreams, maxStreamsOfOne }: StreamOptions): Stream {
  let open = 0;
  const openOf = new Map<string, number>();
  const count = (reader: string, change: 1 | -1): void => {
    open += change;
    metrics.consoleStreams.set(open);
    const own = (openOf.get(reader) ?? 0) + change;
    if (own === 0) openOf.delete(reader);
    else openOf.set(reader, own);
  };
  return (response, { reader, filter }, signal) => {
    const own = openOf.get(reader) ?? 0;
    if (own >= maxStreamsOfOne) throw tooMany(`${reader} has ${own} live streams already (console.maxStreamsOfOne).`);
    if (open >= maxStreams) throw tooMany(`There are ${open} live streams already (console.maxStreams).`);
    count(reader, 1);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(': Foghorn tells what happens from now on\n\n');
    const beat = setInterval(() => void response.write(': still here\n\n'), BEAT_MS);
    const forget = hub.listen((action) => {
      if (!isWanted(action, filter)) return;
      response.write(frameOf(action));
      if (response.writableLength <= MAX_BEHIND_BYTES) return;
      forget();
      metrics.consoleStreamsCut.inc();
      response.destroy();
    });
    const end = (): void => {
      forget();
      clearInterval(beat);
      count(reader, -1);
      response.end();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  };
}

function tooMany(detail: string): Problem {
  return new Problem(429, 'too_many_streams', detail, { headers: { 'retry-after': '10' } });
}

function isWanted({ incidentId, host, type }: Action, filter: StreamFilter): boolean {
  return (
    (filter.incident === undefined || filter.incident === incidentId) &&
    (filter.host === undefined || filter.host.toLowerCase() === host.toLowerCase()) &&
    (filter.type === undefined || filter.type.includes(type))
  );
}

/** One frame: JSON holds no line break, so one data line holds all. */
function frameOf(action: Action): string {
  return `id: ${action.id.replaceAll(/[\r\n]/gu, '')}\nevent: action\ndata: ${JSON.stringify(action)}\n\n`;
}
