// A client of Kibana's HTTP API: answers as values, refusals as errors that say what to do.
import { errorText } from '../../../shared/runtime/errors.ts';
import { within } from '../../../shared/runtime/within.ts';

const TIMEOUT_MS = 60_000;

/** A refusal by Kibana; the message says what to do. */
export class KibanaError extends Error {
  override readonly name = 'KibanaError';
}

/**
 * A client of one Kibana. Throws KibanaError for what is neither a success nor one of the
 * `expected` statuses.
 */
export interface Kibana {
  ask(request: KibanaRequest): Promise<KibanaAnswer>;
}

/** A request; `what` describes it in messages. */
interface KibanaRequest {
  readonly what: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly form?: FormData;
  readonly expected?: readonly number[];
}

/** What came back. */
interface KibanaAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Kibana at `url`; `authorization` is the header to log in with. Gives up when `signal` aborts. */
export function createKibana(url: string, authorization: string | undefined, signal: AbortSignal): Kibana {
  const base = url.replace(/\/+$/u, '');
  const headers = { 'kbn-xsrf': 'foghorn', ...(authorization === undefined ? {} : { authorization }) };
  return {
    ask: async ({ what, method, path, form, expected = [] }) => {
      const { status, text } = await within(signal, TIMEOUT_MS, async (until) => {
        try {
          const init = { method, headers, signal: until, ...(form === undefined ? {} : { body: form }) };
          // Secrets must not follow a redirect to somebody else. With `error` Node ignores `until`
          // (undici 4627).
          const response = await fetch(`${base}${path}`, { ...init, redirect: 'manual' });
          return { status: response.status, text: await response.text() };
        } catch (error) {
          throw new KibanaError(`Kibana at ${url} does not answer: ${causeOf(error)}.`, { cause: error });
        }
      });
      const body = objectOf(text);
      const isFine = (status >= 200 && status < 300) || (expected.includes(status) && body !== undefined);
      if (!isFine) throw new KibanaError(`Kibana refused ${what} (${status}${adviceFor(status)}): ${said(body, text)}`);
      if (body === undefined) throw new KibanaError(`What answered is no Kibana: ${text.slice(0, 200)}`);
      return { status, body };
    },
  };
}

function adviceFor(status: number): string {
  if (status >= 300 && status < 400) return ', it sends elsewhere: give the address that answers itself';
  if (status >= 500) return ', it is starting, overloaded or ill: try again later and look into its log';
  return ADVICE[status] ?? '';
}

const ADVICE: Readonly<Record<number, string>> = {
  401: ', check the API key or user and password',
  403: ', the user may not do this in this space: it needs all privileges for saved objects management, dashboards, Discover and data views',
  404: ', is this the address of a Kibana, with its base path?',
  409: ', somebody changed the same objects at the same time: run it again',
  413: ', the file is larger than Kibana’s savedObjects.maxImportPayloadBytes or a proxy takes',
  429: ', it is asked too much at the moment: try again later',
};

/** Kibana's errors are `{statusCode, error, message}`; a proxy's are anything. */
function said(body: Readonly<Record<string, unknown>> | undefined, text: string): string {
  const message = body?.['message'];
  return (typeof message === 'string' ? message : text).slice(0, 500);
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function causeOf(error: unknown): string {
  const { cause } = Object(error) as { readonly cause?: unknown };
  return cause === undefined ? errorText(error) : `${errorText(error)}: ${errorText(cause)}`;
}
