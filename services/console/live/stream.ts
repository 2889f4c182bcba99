// Live streams: server-sent events, one for each activity entry.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
import type { ActivityEntry, EntryFields } from '../../../shared/contracts/activity.ts';
import { toIncidentDocument } from '../../../shared/contracts/incident-to-document.ts';
import type { FilledIncident, Incident } from '../../../shared/contracts/incident.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import type { ConsoleMetrics } from '../metrics.ts';
import { viewOfDocument } from '../read/views.ts';
import type { Hub } from './hub.ts';
import { createReplay, type Replay } from './replay.ts';

/** What the streams use. */
interface StreamOptions {
  readonly hub: Hub;
  readonly metrics: ConsoleMetrics;
  readonly maxStreams: number;
  /** The most of one reader. */
  readonly maxStreamsOfOne: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
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
  /** The id of the last entry that the reader has seen: what came since is sent first. */
  readonly lastSeenId?: string | undefined;
  /** Whether it also gets each incident as it is after a change. */
  readonly withIncidents?: boolean;
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
/** A replay that would take more is a gap. */
const MAX_REPLAY_BYTES = MAX_BEHIND_BYTES / 2;

/** Streams from a hub. */
export function createStreams({ hub, metrics, maxStreams, maxStreamsOfOne, now }: StreamOptions): Streams {
  const replay = createReplay(now);
  hub.listen((entry) => replay.add(entry));
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
      return streamOf({ hub, replay }, request, {
        onEnd: () => count(reader, -1),
        onCut: () => metrics.consoleStreamsCut.inc(),
      });
    },
  };
}

function streamOf(
  { hub, replay }: { readonly hub: Hub; readonly replay: Replay },
  request: StreamRequest,
  { onEnd, onCut }: { onEnd(): void; onCut(): void },
): ReadableStream<Uint8Array> {
  const { filter, signal, cut, withIncidents = false } = request;
  let stop = (): void => undefined;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const encoder = new TextEncoder();
    const write = (text: string): void => controller.enqueue(encoder.encode(text));
    const send = (frame: string): void => {
      write(frame);
      if ((controller.desiredSize ?? 0) > 0) return;
      onCut();
      stop();
      cut();
    };
    const beat = setInterval(() => write(`${placeFrame(replay)}: still here\n\n`), BEAT_MS);
    const stopListening = hub.listen((entry) => {
      if (isWanted(entry, filter)) send(frameOf(entry));
    });
    const stopSnapshots = withIncidents
      ? hub.listenIncidents((incident) => {
          if (isAbout(incident, filter)) send(snapshotFrame(incident));
        })
      : () => undefined;
    const end = (): void => {
      stop();
      controller.close();
    };
    stop = () => {
      signal.removeEventListener('abort', end);
      clearInterval(beat);
      stopListening();
      stopSnapshots();
      onEnd();
      stop = () => undefined;
    };
    write(': Foghorn sends what happens from now on\n\n');
    write(beginningOf(replay, request));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  };
  return new ReadableStream(
    { start, cancel: () => stop() },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BEHIND_BYTES }),
  );
}

/**
 * What comes first: what the reader has missed, or an event `gap` where that is not known any more;
 * and the place from which the next stream goes on.
 */
function beginningOf(replay: Replay, { filter, lastSeenId }: StreamRequest): string {
  if (lastSeenId === undefined) return placeFrame(replay);
  const missed = replay.after(lastSeenId);
  const frames = missed
    ?.filter((entry) => isWanted(entry, filter))
    .map(frameOf)
    .join('');
  if (frames !== undefined && Buffer.byteLength(frames) <= MAX_REPLAY_BYTES) return `${frames}${placeFrame(replay)}`;
  return `event: gap\ndata: {}\n\n${placeFrame(replay)}`;
}

/** An id without data is no event, and yet where the next stream goes on. */
function placeFrame(replay: Replay): string {
  const id = replay.latestId();
  return id === undefined ? '' : `id: ${lineOf(id)}\n\n`;
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

function isAbout({ id, entity }: Incident, filter: StreamFilter): boolean {
  return (
    (filter.incident === undefined || filter.incident === id) &&
    (filter.host === undefined || filter.host.toLowerCase() === entity.host.toLowerCase())
  );
}

/** One frame: JSON holds no line break, so one data line holds all. */
function frameOf(action: ActivityEntry): string {
  return `id: ${lineOf(action.id)}\nevent: action\ndata: ${JSON.stringify(action)}\n\n`;
}

/** Without an id: a replay has entries alone. */
function snapshotFrame(incident: FilledIncident): string {
  return `event: incident\ndata: ${JSON.stringify(viewOfDocument(toIncidentDocument(incident)))}\n\n`;
}

function lineOf(id: string): string {
  return id.replaceAll(/[\r\n]/gu, '');
}
