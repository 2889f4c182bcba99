// One HTTP POST whose outcome is told exactly: taken, refused, to be repeated, or unknown. No redirects, no retries of its own.
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { z } from 'zod';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import { messageOf } from '../../../shared/runtime/errors.ts';
import { PrivateAddress, publicLookup, refusePrivateHost } from './private-address.ts';
import { safeText } from './safe-text.ts';

/** The settings that every receiver reached by HTTP has: how long one delivery may take, and whether it may go to an address inside the house. */
export const postSettings = {
  timeoutMs: z.number().int().min(100).max(120_000).default(10_000),
  allowPrivate: z.boolean().default(false),
};

/** Where to post and how long to wait for the answer. */
export interface PostTarget {
  readonly url: string;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
}

/** What is posted. */
export interface PostBody {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the receiver answered. */
export interface PostAnswer {
  readonly status: number;
  /** The beginning of the body. */
  readonly text: string;
  /** What `Retry-After` says, in milliseconds from now. */
  readonly afterMs: number | undefined;
}

/** What an answer means; services differ in how they say that they took something. */
export type Judge = (answer: PostAnswer) => SendOutcome;

/** A poster with connections of its own. */
export interface Poster {
  /** Never throws. */
  post(body: PostBody, signal: AbortSignal): Promise<SendOutcome>;
  close(): void;
}

const MAX_ANSWER_BYTES = 2048;
const MAX_SOCKETS = 16;

/** Posts to one target over kept connections. Without a judge of its own any 2xx is taken, and the reference of a sent one is the status. */
export function createPoster(target: PostTarget, judge: Judge = judgeByStatus): Poster {
  const isTls = new URL(target.url).protocol === 'https:';
  const agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: MAX_SOCKETS });
  return {
    post: async (body, signal) => {
      try {
        if (!target.allowPrivate) refusePrivateHost(new URL(target.url).hostname);
        return await exchange(target, body, { agent, isTls, signal, judge });
      } catch (error) {
        return error instanceof PrivateAddress
          ? { kind: 'refused', detail: error.message }
          : { kind: 'retry', detail: messageOf(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

interface Wire {
  readonly agent: HttpAgent;
  readonly isTls: boolean;
  readonly signal: AbortSignal;
  readonly judge: Judge;
}

async function exchange(target: PostTarget, { body, headers }: PostBody, wire: Wire): Promise<SendOutcome> {
  return await new Promise((resolve) => {
    const request = (wire.isTls ? httpsRequest : httpRequest)(target.url, {
      method: 'POST',
      agent: wire.agent,
      signal: wire.signal,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      ...(target.allowPrivate ? {} : { lookup: publicLookup }),
    });
    // A timer of its own: a timeout's signal that only AbortSignal.any() knows of may be collected before it fires.
    const timer = setTimeout(() => request.destroy(new NoAnswer('no answer in time')), target.timeoutMs);
    const finish = (outcome: SendOutcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const progress = { hasLeft: false };
    request.on('socket', (socket) => {
      // A kept connection is open already: the receiver may have the request although it closed in the same moment.
      if (socket.connecting)
        socket.once(wire.isTls ? 'secureConnect' : 'connect', () => {
          progress.hasLeft = true;
        });
      else progress.hasLeft = true;
    });
    request.on('error', (error) => finish(outcomeOfError(error, progress.hasLeft)));
    request.on(
      'response',
      (response) => void readAnswer(response, request).then((answer) => finish(wire.judge(answer))),
    );
    request.end(body);
  });
}

function outcomeOfError(error: Error, hasLeft: boolean): SendOutcome {
  if (error instanceof PrivateAddress) return { kind: 'refused', detail: error.message };
  return { kind: hasLeft ? 'unknown' : 'retry', detail: messageOf(error) };
}

async function readAnswer(response: IncomingMessage, request: ClientRequest): Promise<PostAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) break;
    }
  } catch {
    // The status came; what else the receiver wanted to say does not change the outcome.
    request.destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
  const afterMs = retryAfterMs(response.headers['retry-after'], Date.now());
  return { status: response.statusCode ?? 0, text, afterMs };
}

/** See `outcomeOfStatus`. */
export function judgeByStatus({ status, text, afterMs }: PostAnswer): SendOutcome {
  return outcomeOfStatus(status, text, afterMs);
}

/** Asked for a log-in, or not let through with the one there is: by the receiver, by a proxy, by a network's log-in page (RFC 9110 section 15.5, RFC 6585 section 6). */
const NO_ACCESS: ReadonlySet<number> = new Set([401, 402, 403, 407, 511]);

/**
 * What a status means for the sender. 2xx taken; 408, 425, 429 and 5xx to be repeated; what says that access is missing, and of `more` what
 * the service says of its own configuration, to be repeated until that is corrected; everything else, redirects too, refused (RFC 9110 section 15).
 * A 5xx of a proxy may come after the receiver took it: the idempotency key covers that.
 */
export function outcomeOfStatus(
  status: number,
  text: string,
  afterMs: number | undefined,
  more?: ReadonlySet<number>,
): SendOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent', reference: String(status) };
  const detail = `HTTP ${status}${text === '' ? '' : `: ${safeText(text, 300)}`}`;
  if (NO_ACCESS.has(status) || more?.has(status) === true) return { kind: 'retry', detail, isConfiguration: true };
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return afterMs === undefined ? { kind: 'retry', detail } : { kind: 'retry', detail, afterMs };
  return { kind: 'refused', detail };
}

/** `Retry-After` as milliseconds from now; seconds or an HTTP date (RFC 9110 section 10.2.3). Undefined when it says nothing usable. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/u.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
