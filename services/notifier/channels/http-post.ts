// One HTTP POST with an exact outcome: sent, refused, retry, or unknown. No redirects, no retries
// of its own.
import { z } from 'zod';
import type { SendOutcome } from '../../../shared/contracts/notification.ts';
import { errorText } from '../../../shared/runtime/errors.ts';
import { PrivateAddress } from './private-address.ts';
import { safeText } from './safe-text.ts';
import { createTransport, NoAnswer, tlsSettings, type TransportOptions } from './transport.ts';

/**
 * The settings of every receiver reached by HTTP: the timeout of one request, and whether the
 * address may be private.
 */
export const postSettings = {
  timeoutMs: z.number().int().min(100).max(120_000).default(10_000),
  allowPrivate: z.boolean().default(false),
  ...tlsSettings,
};

/** The address, and the timeout for its answer. */
export interface PostTarget extends TransportOptions {
  readonly url: string;
  readonly timeoutMs: number;
}

/** The request. */
export interface PostBody {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The receiver's answer. */
export interface PostAnswer {
  readonly status: number;
  /** The beginning of the body. */
  readonly text: string;
  /** The time in `Retry-After`, in milliseconds from now. */
  readonly afterMs: number | undefined;
}

/** The meaning of an answer; services differ in the answers by which they take a message. */
export type OutcomeOf = (answer: PostAnswer) => SendOutcome;

/** A poster with connections of its own. */
export interface Poster {
  /** Never throws. */
  post(body: PostBody, signal: AbortSignal): Promise<SendOutcome>;
  close(): void;
}

const MAX_ANSWER_BYTES = 2048;

/** The headers of a request with a JSON body. */
export const JSON_HEADERS = { 'user-agent': 'Foghorn', 'content-type': 'application/json' } as const;

/**
 * Posts to one target over kept connections. Without an `outcomeOf` of its own any 2xx is `sent`,
 * with the status as reference. Throws ConfigError when a file in the settings cannot be read.
 */
export function createPoster(target: PostTarget, outcomeOf: OutcomeOf = outcomeByStatus): Poster {
  const transport = createTransport(target.url, target);
  return {
    post: async ({ body, headers }, signal) => {
      const timeout = new AbortController();
      // Not AbortSignal.timeout(): a signal that only AbortSignal.any() refers to may be collected
      // before it fires.
      const timer = setTimeout(() => timeout.abort(new Error('no answer in time')), target.timeoutMs);
      try {
        const ending = AbortSignal.any([signal, timeout.signal]);
        const request = { url: target.url, body, headers, signal: ending, maxAnswerBytes: MAX_ANSWER_BYTES };
        const answer = await transport.post(request);
        const afterMs = retryAfterMs(answer.headers['retry-after'], Date.now());
        return outcomeOf({ status: answer.status, text: answer.text, afterMs });
      } catch (error) {
        return outcomeOfError(error);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => transport.close(),
  };
}

/**
 * Node's codes for certificates: nothing was sent, and no retry helps until somebody corrects
 * something.
 */
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
export function outcomeByStatus({ status, text, afterMs }: PostAnswer): SendOutcome {
  return outcomeOfStatus(status, text, afterMs);
}

/**
 * A log-in is missing or refused: by the receiver, a proxy, or a network's log-in page (RFC 9110
 * section 15.5, RFC 6585 section 6).
 */
const NO_ACCESS: ReadonlySet<number> = new Set([401, 402, 403, 407, 511]);

/**
 * The outcome of a status: 2xx sent; 408, 425, 429 and 5xx retry; missing access, and the statuses
 * in `configuration`, retry until somebody corrects it; everything else, redirects too, refused
 * (RFC 9110 section 15). A 5xx of a proxy may come after the receiver took the message: the
 * idempotency key covers that.
 */
export function outcomeOfStatus(
  status: number,
  text: string,
  afterMs: number | undefined,
  configuration?: ReadonlySet<number>,
): SendOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent', reference: String(status) };
  const detail = `HTTP ${status}${text === '' ? '' : `: ${safeText(text, 300)}`}`;
  if (NO_ACCESS.has(status) || configuration?.has(status) === true)
    return { kind: 'retry', detail, isConfiguration: true };
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return afterMs === undefined ? { kind: 'retry', detail } : { kind: 'retry', detail, afterMs };
  return { kind: 'refused', detail };
}

/**
 * `Retry-After` as milliseconds from now; seconds or an HTTP date (RFC 9110 section 10.2.3).
 * Undefined for any other text.
 */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/u.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
