// Asks the console's API, and says in one sentence what went wrong.
import type { Problem } from './types.ts';

/** Not the answer that was asked for; `code` is the API's, `offline` when none came. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  /** Another try may succeed without any change of the request. */
  get isPassing(): boolean {
    return this.code === 'offline' || this.status === 429 || this.status >= 500;
  }
}

/** The event of a window whose requests need a login. */
export const LOGGED_OUT = 'foghorn:logged-out';

/** The parts of a request beside its path. */
interface RequestParts {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** The answer as JSON. Throws ApiError, and AbortError when `signal` ends it. */
export async function ask<T>(path: string, { method = 'GET', body, signal }: RequestParts = {}): Promise<T> {
  const response = await send(path, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      'x-foghorn-page': '1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  // The session is over, or its token is gone.
  if (response.status === 401) dispatchEvent(new Event(LOGGED_OUT));
  const { code = 'unknown', detail = `The console answered ${response.status}.` } = await problemOf(response);
  throw new ApiError(response.status, code, detail);
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError(
      0,
      'offline',
      'The console does not answer. What is shown may be old; it is asked again by itself.',
    );
  }
}

async function problemOf(response: Response): Promise<Partial<Problem>> {
  try {
    return (await response.json()) as Partial<Problem>;
  } catch {
    return {};
  }
}
