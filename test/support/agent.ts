// An agent as it should be: sends made-up events to the collector again and again until it has said
// that it has them.
import assert from 'node:assert/strict';
import type { MadeEvent } from './events.ts';
import { until } from './until.ts';

const PER_REQUEST = 200;
const SENDERS = 4;

/** What the collector answers with 200. */
export interface EventsAnswer {
  readonly accepted: number;
  readonly rejected: number;
}

/**
 * Sends events, several requests side by side, each until it is taken, at most `limitMs`. Asserts
 * that every event of a request was accepted.
 */
export async function sendAll(url: string, events: readonly MadeEvent[], limitMs: number): Promise<void> {
  const requests = requestsOf(events);
  const send = async (): Promise<void> => {
    for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
      const answer = await deliver(url, request, limitMs);
      assert.deepEqual([answer.accepted, answer.rejected], [request.count, 0]);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
}

/** A body of events of one kind. */
export interface EventsRequest {
  readonly type: string;
  readonly body: string;
  readonly count: number;
}

/** Bodies of at most 200 events, in their order. */
export function requestsOf(events: readonly MadeEvent[]): EventsRequest[] {
  const requests: EventsRequest[] = [];
  for (let from = 0; from < events.length; from += PER_REQUEST) {
    const slice = events.slice(from, from + PER_REQUEST);
    for (const [kind, type] of [
      ['xml', 'application/xml'],
      ['json', 'application/x-ndjson'],
    ] as const) {
      const texts = slice.filter((event) => event.kind === kind).map((event) => event.text);
      if (texts.length > 0) requests.push({ type, body: texts.join('\n'), count: texts.length });
    }
  }
  return requests;
}

async function deliver(url: string, { type, body }: EventsRequest, limitMs: number): Promise<EventsAnswer> {
  return await until(
    'the collector took a request',
    async () => {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
      return response.status === 200 ? ((await response.json()) as EventsAnswer) : undefined;
    },
    limitMs,
  );
}
