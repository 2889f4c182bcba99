// Live streams: server-sent events, one for each activity entry.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
import type { ActivityEntry, EntryFields } from '../../../shared/contracts/activity.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { ConsoleMetrics } from '../metrics.ts';
import type { Hub } from './hub.ts';

/** What the streams use. */
interface StreamOptions {
  readonly hub: Hub;
  readonly metrics: ConsoleMetrics;
  readonly maxStreams: number;
  /** The most of one reader. */
  readonly maxStreamsOfOne: number;
}

/** Which entries a stream sends; a missing field matches all. */
interface StreamFilter {
  readonly incident?: string | undefined;
  readonly host?: string | undefined;
  readonly type?: readonly string[] | undefined;
}

/** A stream to open. */
interface StreamRequest {
  /** Whose limit it counts against. */
  readonly reader: string;
  readonly filter: StreamFilter;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Breaks the connection of a reader that is too slow. */
  cut(): void;
}

/** The live streams of a console. */
export interface Streams {
  /**
   * The body of an answer. Throws Refusal 429 when there are too many, of all or of this reader.
   */
  open(request: StreamRequest): ReadableStream<Uint8Array>;
}

/** A comment this often keeps the connection open on its way through proxies. */
const BEAT_MS = 15_000;
/**
 * How far a reader may be behind before it is disconnected: it can connect again and read what it
 * missed from the timelines.
 */
const MAX_BEHIND_BYTES = 1024 * 1024;

/** Streams from a hub. */
export function createStreams({ hub, metrics, maxStreams, maxStreamsOfOne }: StreamOptions): Streams {
  let open = 0;
  const openOf = new Map<string, number>();
  const count = (reader: string, change: 1 | -1): void => {
    open += change;
    metrics.consoleStreams.set(open);
    const own = (openOf.get(reader) ?? 0) + change;
    if (own === 0) openOf.delete(reader);
    else openOf.set(reader, own);
  };
  return {
    open: (request) => {
      const { reader } = request;
      const own = openOf.get(reader) ?? 0;
      if (own >= maxStreamsOfOne) throw tooMany(`${reader} has ${own} live streams already (console.maxStreamsOfOne).`);
      if (open >= maxStreams) throw tooMany(`There are ${open} live streams already (console.maxStreams).`);
      count(reader, 1);
      return streamOf(hub, request, {
        onEnd: () => count(reader, -1),
        onCut: () => metrics.consoleStreamsCut.inc(),
      });
    },
  };
}

function streamOf(
  hub: Hub,
  { filter, signal, cut }: StreamRequest,
  { onEnd, onCut }: { onEnd(): void; onCut(): void },
): ReadableStream<Uint8Array> {
  let stop = (): void => undefined;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const encoder = new TextEncoder();
    const write = (text: string): void => controller.enqueue(encoder.encode(text));
    const beat = setInterval(() => write(': still here\n\n'), BEAT_MS);
    const stopListening = hub.listen((action) => {
      if (!isWanted(action, filter)) return;
      write(frameOf(action));
      if ((controller.desiredSize ?? 0) > 0) return;
      onCut();
      stop();
      cut();
    });
    const end = (): void => {
      stop();
      controller.close();
    };
    stop = () => {
      signal.removeEventListener('abort', end);
      clearInterval(beat);
      stopListening();
      onEnd();
      stop = () => undefined;
    };
    write(': Foghorn sends what happens from now on\n\n');
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  };
  return new ReadableStream(
    { start, cancel: () => stop() },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BEHIND_BYTES }),
  );
}

function tooMany(detail: string): Refusal {
  return new Refusal(429, 'too_many_streams', detail, { headers: { 'retry-after': '10' } });
}

function isWanted({ incidentId, host, type }: EntryFields, filter: StreamFilter): boolean {
  return (
    (filter.incident === undefined || filter.incident === incidentId) &&
    (filter.host === undefined || filter.host.toLowerCase() === host?.toLowerCase()) &&
    (filter.type === undefined || filter.type.includes(type))
  );
}

/** One frame: JSON holds no line break, so one data line holds all. */
function frameOf(action: ActivityEntry): string {
  return `id: ${action.id.replaceAll(/[\r\n]/gu, '')}\nevent: action\ndata: ${JSON.stringify(action)}\n\n`;
}
