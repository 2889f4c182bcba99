// Admits a POST to the one path, not from a browser's page, by an authorised sender. Failed log-ins
// are counted, logged and slowed.
import type { IncomingMessage } from 'node:http';
import { rejectCrossSite, rejectForeignHost } from '../../../../shared/http/cross-site.ts';
import { createFailedLogins } from '../../../../shared/http/failed-logins.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import type { Logger } from '../../../../shared/runtime/logger.ts';
import type { CollectorMetrics } from '../../metrics.ts';
import { addressOf, type Sender } from '../senders.ts';
import { type Authenticate, createAuthenticate, needsLogIn, type SenderSettings } from './authenticate.ts';
import type { HttpConfig } from './settings.ts';

/**
 * The sender of a request. Rejects with Refusal any other request; after failed log-ins later each
 * time.
 */
export type Admit = (request: IncomingMessage, gone: AbortSignal) => Promise<Sender>;

/** The parts that admitting needs besides the settings. */
export interface AdmitOptions {
  readonly input: string;
  readonly path: string;
  readonly metrics: CollectorMetrics;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Admits by the settings. */
export function createAdmit(settings: HttpConfig, { input, path, metrics, log, now }: AdmitOptions): Admit {
  const logIn = createLogIn(createAuthenticate(settings, now, input), { input, metrics, log, now });
  return async (request, gone) => {
    refuseOtherRequests(request, path);
    refusePages(request, settings, input);
    const sender = await logIn(request, { route: path, gone });
    refuseMessagePack(request);
    return sender;
  };
}

/** The parts that counting, logging and slowing failed log-ins needs. */
type LogInOptions = Omit<AdmitOptions, 'path'>;

/**
 * Gives the sender of a request to `route`; rejects with the Refusal of `authenticate`, after
 * failed log-ins later each time.
 */
export function createLogIn(authenticate: Authenticate, { input, metrics, log, now }: LogInOptions) {
  const failedLogin = createFailedLogins({ log, now, count: () => metrics.logInFailures.inc({ input }) });
  return async (
    request: IncomingMessage,
    { route, gone }: { readonly route: string; readonly gone: AbortSignal },
  ): Promise<Sender> => {
    try {
      return authenticate(request);
    } catch (error) {
      if (error instanceof Refusal)
        await failedLogin({ address: addressOf(request.socket), route, reason: error.message }, gone);
      throw error;
    }
  };
}

function refuseOtherRequests({ url = '', method }: IncomingMessage, expected: string): void {
  const path = pathOf(url);
  if (path !== expected)
    throw new Refusal(404, 'not_found', `There is no ${path.slice(0, 100)} here; POST events to ${expected}.`);
  if (method !== 'POST')
    throw new Refusal(405, 'method_not_allowed', `${expected} takes POST.`, { headers: { allow: 'POST' } });
}

/** Throws Refusal (415) for MessagePack, in which Fluent Bit's output `http` sends by default. */
function refuseMessagePack({ headers }: IncomingMessage): void {
  if (/^application\/(?:x-|vnd\.)?msgpack\b/iu.test(headers['content-type'] ?? ''))
    throw new Refusal(
      415,
      'unsupported_format',
      'MessagePack is not read; send JSON: in Fluent Bit set Format json_lines for the output http, whose default is msgpack.',
    );
}

/**
 * The path of a request target, which proxies give with scheme and host (RFC 9112 section 3.2.2),
 * and some agents with a slash at its end.
 */
export function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/iu, '').split('?')[0] ?? '';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

type PageSettings = SenderSettings & Pick<HttpConfig, 'host' | 'allowedHosts'>;

/**
 * Throws Refusal (403) for the request of a page. A browser says with each POST which page it comes
 * from, and a page with a name of its own for this address cannot hide it; so Origin,
 * Sec-Fetch-Site and Host distinguish pages from agents. The Content-Type does not: agents send all
 * sorts, curl the one of forms.
 */
export function refusePages({ headers }: IncomingMessage, settings: PageSettings, input: string): void {
  const message = 'The request comes from a web page of another site; events are sent by agents.';
  rejectCrossSite(headers, settings.allowedHosts, message);
  if (!needsLogIn(settings)) rejectForeignHost(headers, settings, `collector.${input}`);
}
