// Posts events to a collector and does not give up while it is only away or busy.
import { backoffMs, sleep } from '../../../shared/runtime/backoff.ts';
import { errorText } from '../../../shared/runtime/errors.ts';
import { retryAfterMs } from '../../notifier/channels/http-post.ts';

/** The collector, the token, and how long to retry. */
export interface PostOptions {
  readonly url: string;
  readonly token: string | undefined;
  /** How long a collector may be away before a post is given up. */
  readonly retryForMs: number;
  readonly signal: AbortSignal;
  /** Called when a wait begins. */
  onWait(why: string): void;
}

/** What the collector took. */
interface PostAnswer {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly { readonly reason: string; readonly detail: string }[];
}

/** Thrown when the collector refuses a body, or was unavailable for too long. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
}

const BACKOFF = { minMs: 250, maxMs: 10_000 };

/** Posts a body of event XML; throws NotTaken. The same body again does no harm. */
export async function postXml(body: string, options: PostOptions): Promise<PostAnswer> {
  const startedMs = Date.now();
  for (let attempt = 0; ; attempt += 1) {
    const tried = await tryOnce(body, options);
    if ('accepted' in tried) return tried;
    const { why, afterMs } = tried;
    if (options.signal.aborted) throw new NotTaken('interrupted');
    if (Date.now() - startedMs > options.retryForMs) throw new NotTaken(`${options.url}: ${why}`);
    options.onWait(why);
    await sleep(Math.max(afterMs, backoffMs(BACKOFF, attempt, Math.random)), options.signal);
  }
}

interface Again {
  readonly why: string;
  readonly afterMs: number;
}

/** The answer, or the reason to retry. */
async function tryOnce(body: string, { url, token, signal }: PostOptions): Promise<PostAnswer | Again> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/xml', 'user-agent': 'foghorn-send', ...authorization };
  try {
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal });
    return classifyResponse(response, await response.text(), url);
  } catch (error) {
    if (error instanceof NotTaken) throw error;
    return { why: errorText((error as Error).cause ?? error), afterMs: 0 };
  }
}

function classifyResponse({ status, headers }: Response, text: string, url: string): PostAnswer | Again {
  const answer = parse(text);
  if ((status === 200 || status === 400) && isAnswer(answer)) return answer;
  const said = answer?.['message'];
  const why = `HTTP ${status}: ${typeof said === 'string' ? said : text.slice(0, 200)}`;
  if (status === 429 || status >= 500)
    return { why, afterMs: retryAfterMs(headers.get('retry-after') ?? undefined, Date.now()) ?? 0 };
  throw new NotTaken(`${url}: ${why}`);
}

function isAnswer(value: object | undefined): value is PostAnswer {
  return value !== undefined && 'accepted' in value && 'rejected' in value;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
