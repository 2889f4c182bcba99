// One HTTP POST whose outcome is told exactly: taken, refused, to be repeated, or unknown. No redirects, no retries of its own.
import { z } from 'zod';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import { errorText } from '../../../shared/runtime/errors.ts';
import { PrivateAddress } from './private-address.ts';
import { safeText } from './safe-text.ts';
import { createTransport, NoAnswer, tlsSettings, type TransportOptions } from './transport.ts';

/** The settings that every receiver reached by HTTP has: how long one delivery may take, and whether it may go to an address inside the house. */
export const postSettings = {
  timeoutMs: z.number().int().min(100).max(120_000).default(10_000),
  allowPrivate: z.boolean().default(false),
  ...tlsSettings,
};

/** Where to post and how long to wait for the answer. */
export interface PostTarget extends TransportOptions {
  readonly url: string;
  readonly timeoutMs: number;
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

/** Posts to one target over kept connections. Without a judge of its own any 2xx is taken, and the reference of a sent one is the status. Throws ConfigError when a file that is named cannot be read. */
export function createPoster(target: PostTarget, judge: Judge = judgeByStatus): Poster {
  const transport = createTransport(target.url, target);
  return {
    post: async ({ body, headers }, signal) => {
      const timeout = new AbortController();
      // A timer of its own: a timeout's signal that only AbortSignal.any() knows of may be collected before it fires.
      const timer = setTimeout(() => timeout.abort(new Error('no answer in time')), target.timeoutMs);
      try {
        const ending = AbortSignal.any([signal, timeout.signal]);
        const asked = { url: target.url, body, headers, signal: ending, maxAnswerBytes: MAX_ANSWER_BYTES };
        const answer = await transport.post(asked);
        const afterMs = retryAfterMs(answer.headers['retry-after'], Date.now());
        return judge({ status: answer.status, text: answer.text, afterMs });
      } catch (error) {
        return outcomeOfError(error);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => transport.close(),
  };
}

/** What Node says of certificates: nothing was sent, and it does not pass by itself. */
const CERTIFICATE = /^(?:ERR_TLS_|ERR_SSL_|UNABLE_TO_)|CERT/u;

function outcomeOfError(error: unknown): SendOutcome {
  const detail = errorText(error);
  if (error instanceof PrivateAddress) return { kind: 'refused', detail };
  if (error instanceof NoAnswer && error.hasLeft) return { kind: 'unknown', detail };
  const { code } = Object(error instanceof NoAnswer ? error.cause : error) as { readonly code?: unknown };
  return typeof code === 'string' && CERTIFICATE.test(code)
    ? { kind: 'retry', detail, isConfiguration: true }
    : { kind: 'retry', detail };
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
