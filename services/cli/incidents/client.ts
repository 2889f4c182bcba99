// A client of the console: JSON requests and answers, problems as errors that say what to do, the
// live stream.
import { z } from 'zod';
import { CONSOLE_ADDRESS, consoleUrlOf } from '../../../shared/http/console-address.ts';
import { loadConfig } from '../../../shared/runtime/config.ts';
import { errorText } from '../../../shared/runtime/errors.ts';
import { consoleSettings } from '../../console/config.ts';
import { refusePlainHttp } from '../plain-http.ts';
import { cliConfigSource } from '../running-start.ts';

/** A request to the console. `query` leaves out what is undefined. */
interface ConsoleRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The id of the last entry that was seen of a stream. */
  readonly lastId?: string | undefined;
}

/** An event of a live stream; without `event` only the place from which the next one goes on. */
export interface StreamEvent {
  readonly id?: string;
  readonly event?: string | undefined;
  readonly data: string;
}

/**
 * A client of the console. Calls throw an Error with the console's message, or one that it cannot
 * be reached.
 */
export interface ConsoleClient {
  ask<T>(request: ConsoleRequest): Promise<T>;
  /** The events of a live stream, until it ends or `signal` aborts. */
  follow(request: ConsoleRequest, signal: AbortSignal): AsyncGenerator<StreamEvent>;
  /** The lines of a file, without their line feeds. */
  lines(request: ConsoleRequest, signal: AbortSignal): AsyncGenerator<string>;
}

/**
 * The client by the settings `console.url` and `console.token`, from the file or the environment.
 * Throws ConfigError, also when the token would go over plain http to another machine and neither
 * `allowInsecure` nor the setting `console.allowInsecure` says that it may.
 */
export function consoleClient(configFile: string | undefined, allowInsecure = false): ConsoleClient {
  const { console } = loadConfig(z.strictObject({ console: consoleSettings }), cliConfigSource(configFile), {
    // The user of a client may not read the console's own secrets and files.
    only: [...CONSOLE_ADDRESS, 'console.token', 'console.allowInsecure'],
  });
  return createConsoleClient({
    ...console,
    url: consoleUrlOf(console),
    allowInsecure: allowInsecure || console.allowInsecure,
  });
}

/** The console's address and the token. */
interface ConsoleAddress {
  readonly url: string;
  readonly token: string;
  readonly allowInsecure?: boolean;
}

const TIMEOUT_MS = 60_000;

/**
 * A client. Throws ConfigError for a token over plain http to another machine without
 * `allowInsecure`.
 */
export function createConsoleClient({ url, token, allowInsecure = false }: ConsoleAddress): ConsoleClient {
  if (token !== '' && !allowInsecure)
    refusePlainHttp(
      url,
      'The token of FOGHORN_CONSOLE_TOKEN',
      'say --allow-insecure, or console.allowInsecure = true,',
    );
  const send = async (
    { method, path, query = {}, body, lastId }: ConsoleRequest,
    signal: AbortSignal,
  ): Promise<Response> => {
    const address = new URL(`${url.replace(/\/+$/u, '')}${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(name, value);
    let response: Response;
    try {
      response = await fetch(address, {
        method,
        signal,
        // A token must not follow a redirect to somebody else. With `error` Node ignores `signal`
        // (undici 4627).
        redirect: 'manual',
        headers: {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const cause = errorText((error as Error).cause ?? error);
      throw new Error(`The console at ${url} cannot be reached: ${cause}. Is FOGHORN_CONSOLE_URL right?`, {
        cause: error,
      });
    }
    if (response.ok) return response;
    throw new Error(await problemText(response, url));
  };
  return {
    ask: async <T>(request: ConsoleRequest) =>
      (await (await send(request, AbortSignal.timeout(TIMEOUT_MS))).json()) as T,
    follow: async function* follow(request, signal) {
      const { body } = await send(request, signal);
      if (body !== null) yield* eventsOf(linesOf(body as AsyncIterable<Uint8Array>));
    },
    lines: async function* lines(request, signal) {
      const { body } = await send(request, signal);
      if (body !== null) yield* linesOf(body as AsyncIterable<Uint8Array>);
    },
  };
}

async function problemText(response: Response, url: string): Promise<string> {
  const text = await response.text();
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: string };
    const hint = response.status === 401 ? ' Set FOGHORN_CONSOLE_TOKEN.' : '';
    if (detail !== undefined) return `${detail}${hint}`;
  } catch {
    // Without a message of the console's the status has to do.
  }
  return `What answers at ${url} is not the console: status ${response.status}.`;
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Server-sent events; the console writes one line of data for each. */
async function* eventsOf(lines: AsyncGenerator<string>): AsyncGenerator<StreamEvent> {
  let fields: Record<string, string> = {};
  for await (const line of lines) {
    const { name, value = '' } = /^(?<name>id|event|data): (?<value>.*)$/u.exec(line)?.groups ?? {};
    if (name !== undefined) fields[name] = value;
    if (line !== '' || Object.keys(fields).length === 0) continue;
    yield { data: '', ...fields };
    fields = {};
  }
}
