// Agents at a steady rate: each request is sent again, to either collector, until one has taken it.
import { setTimeout as delay } from 'node:timers/promises';
import { type EventsAnswer, type EventsRequest, requestsOf } from '../support/agent.ts';
import { makeEvent, makeFault, type MadeEvent } from '../support/events.ts';

/** An event that was sent. */
export interface SentEvent {
  /** Computer and record id: what makes it one event. */
  readonly identity: string;
  readonly host: string;
  readonly isFault: boolean;
  /** The first fault of its host: the one that somebody is notified of. */
  readonly isNews: boolean;
  /** When it was sent first, epoch milliseconds. */
  readonly sentMs: number;
  /** When a collector had said that it is stored; undefined until then. */
  acceptedMs?: number;
}

/** A load that runs. */
export interface Load {
  readonly sent: readonly SentEvent[];
  /** Outcomes of requests: 200, other statuses, and names of errors, by their number. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** How many are accepted. */
  accepted(): number;
  /** Makes no more; what is not accepted yet is sent on. Throws what a collector refused. */
  stop(): Promise<void>;
  /** Makes no more and sends nothing again. */
  abandon(): void;
}

/** How the load is made. */
export interface LoadOptions {
  readonly fleet: string;
  /** At most 1,000. */
  readonly eventsPerSecond: number;
  /** Where collectors are that were started, also those that are gone now. */
  urls(): readonly string[];
}

const TICK_MS = 100;
const REQUEST_TIMEOUT_MS = 10_000;
const RETRY_MS = 200;
/** Agents that wait; then none sends anything new. */
const MAX_WAITING = 200;
const NEW_FAULT_ONE_IN = 15;
const REPEATED_ONE_IN = 30;
/** Of how many hosts the faults come again. */
const REPEATING_HOSTS = 20;

/** Begins; `stop` ends it. */
export function startLoad({ fleet, eventsPerSecond, urls }: LoadOptions): Load {
  const sent: SentEvent[] = [];
  const outcomes = new Map<string, number>();
  const waiting = new Set<Promise<void>>();
  const stopping = new AbortController();
  const abandoned = new AbortController();
  let failed: unknown;
  let turn = 0;

  const attempt = async (request: EventsRequest): Promise<string> => {
    const all = urls();
    turn += 1;
    const response = await fetch(all[turn % all.length] ?? '', {
      method: 'POST',
      headers: { 'content-type': request.type },
      body: request.body,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.status === 200) {
      const { accepted, rejected } = JSON.parse(text) as EventsAnswer;
      if (accepted !== request.count || rejected !== 0) throw new Refused(text);
    }
    return String(response.status);
  };
  const deliver = async (request: EventsRequest, events: readonly SentEvent[]): Promise<void> => {
    while (!abandoned.signal.aborted) {
      const outcome = await attempt(request).catch((error: unknown) => {
        if (error instanceof Refused) throw error;
        return nameOf(error);
      });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (outcome === '200') {
        for (const event of events) event.acceptedMs = Date.now();
        return;
      }
      await delay(RETRY_MS);
    }
  };
  const send = (made: readonly Made[]): void => {
    for (const kind of ['xml', 'json'] as const) {
      const those = made.filter(({ event }) => event.kind === kind);
      const events = those.map(({ event: { host, isFault }, record, isNews }): SentEvent => {
        return { identity: `${host} ${record}`, host, isFault, isNews, sentMs: Date.now() };
      });
      sent.push(...events);
      for (const request of requestsOf(those.map(({ event }) => event))) {
        const delivery = deliver(request, events)
          .catch((error: unknown) => (failed ??= error))
          .then(() => void waiting.delete(delivery));
        waiting.add(delivery);
      }
    }
  };
  const run = async (): Promise<void> => {
    let next = 0;
    let atMs = performance.now();
    while (!stopping.signal.aborted) {
      await delay(TICK_MS);
      const count = Math.round(((performance.now() - atMs) / 1000) * eventsPerSecond);
      atMs = performance.now();
      if (waiting.size >= MAX_WAITING) continue;
      // A tick that came late makes no storm.
      const most = Math.min(count, Math.ceil((eventsPerSecond * TICK_MS * 2) / 1000));
      send(Array.from({ length: most }, (_, index) => makeNext(fleet, next + index)));
      next += most;
    }
  };
  const running = run();
  return {
    sent,
    outcomes,
    accepted: () => sent.reduce((count, { acceptedMs }) => (acceptedMs === undefined ? count : count + 1), 0),
    stop: async () => {
      stopping.abort();
      await running;
      if (failed !== undefined) throw failed;
    },
    abandon: () => {
      stopping.abort();
      abandoned.abort();
    },
  };
}

/** An event of the load. */
interface Made {
  readonly event: MadeEvent;
  readonly record: number;
  readonly isNews: boolean;
}

/** One in fifteen is the first fault of a host, one in thirty a fault that came before. */
export function makeNext(fleet: string, index: number): Made {
  if (index % REPEATED_ONE_IN === 1) {
    const turn = Math.floor(index / REPEATED_ONE_IN);
    const first = NEW_FAULT_ONE_IN * (turn % REPEATING_HOSTS);
    const record = first + (turn + 1) * REPETITION + 1;
    return { event: makeFault(fleet, first, turn + 1), record, isNews: false };
  }
  // On hosts of their own: a repetition has the record id of a later event.
  const everyday = makeEvent(`${fleet}-everyday`, index);
  const isNews = index % NEW_FAULT_ONE_IN === 0 || everyday.isFault;
  return { event: isNews ? makeFault(fleet, index) : everyday, record: index + 1, isNews };
}

/** By how much record ids of `makeFault` go up with each repetition. */
const REPETITION = 100_000;

class Refused extends Error {
  constructor(answer: string) {
    super(`The collector refused an event: ${answer.slice(0, 500)}`);
  }
}

function nameOf(error: unknown): string {
  const { cause, name } = error as Error;
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
}
