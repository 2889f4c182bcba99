// One call of Slack's Web API, without retries of its own, and what its failure means for a
// delivery.
import {
  type FetchFunction,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  type WebAPICallResult,
  WebClient,
} from '@slack/web-api';
import type { SendOutcome } from '../../../../shared/contracts/notification.ts';
import { errorText } from '../../../../shared/runtime/errors.ts';
import { outcomeOfStatus } from '../http-post.ts';
import { createTransport, NoAnswer, type TransportAnswer, type TransportOptions } from '../transport.ts';
import { safeText } from '../safe-text.ts';

/** Where and as whom to call. */
export interface SlackAccess extends Omit<TransportOptions, 'allowPrivate'> {
  readonly token: string;
  readonly apiUrl: string;
}

/** A call that did not succeed. `code` is Slack's own word for it, where Slack answered. */
export interface SlackFailure {
  readonly ok: false;
  readonly code: string;
  readonly outcome: Exclude<SendOutcome, { readonly kind: 'sent' }>;
}

/** The result of a call. */
export type SlackAnswer = { readonly ok: true; readonly result: WebAPICallResult } | SlackFailure;

/** A way to call. */
export type SlackCall = (
  method: string,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
) => Promise<SlackAnswer>;

/** A way to call with connections of its own. */
export interface SlackCaller {
  readonly call: SlackCall;
  close(): void;
}

/** Errors under which nothing was done and a later try may succeed. */
const LATER = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);
/** Errors after which part of the work may have been done, as Slack documents. */
const UNCLEAR = new Set(['internal_error', 'fatal_error']);
/** Slack has all its methods at their addresses, and redirects none: another server answers. */
const NOT_SLACK = new Set([301, 302, 303, 307, 308, 404, 410]);
/** Node's and undici's codes for connections that never came about. */
const NOT_CONNECTED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_TLS_|ERR_SSL_|UNABLE_TO_)|CERT/u;
/** Of these: errors that last until somebody corrects something. */
const CERTIFICATE = /^(?:ERR_TLS_|ERR_SSL_|UNABLE_TO_)|CERT/u;
/** Errors of access, not of the message: retried until somebody corrects them. */
const ADVICE: Readonly<Record<string, string>> = {
  invalid_auth: 'the token is not valid',
  not_authed: 'the token is empty',
  token_revoked: 'the token was revoked',
  token_expired: 'the token has expired',
  account_inactive: 'the token belongs to a workspace or user that is gone',
  channel_not_found: 'there is no such conversation for this bot; give its id (C…) and invite the bot',
  not_in_channel: 'the bot is not in the conversation; invite it',
  is_archived: 'the conversation is archived',
  missing_scope: 'the app lacks a scope: chat:write, and channels:history or groups:history to look for earlier posts',
  access_denied: 'the app may not do this',
  ekm_access_denied: "the workspace's administrators have suspended posting (Enterprise Key Management)",
  enterprise_is_restricted: 'the organisation does not let this app call the method',
  method_deprecated: 'Slack has withdrawn the method',
  no_permission: 'the token may not do this',
  not_allowed_token_type: 'the token is of a kind that may not do this; take the token of a bot, xoxb-…',
  org_login_required: 'the workspace is being moved to an organisation',
  restricted_action: 'a setting of the workspace keeps the bot from posting',
  restricted_action_non_threadable_channel: 'a setting of the conversation allows no threads',
  restricted_action_read_only_channel: 'the conversation is read-only',
  restricted_action_thread_locked: 'the thread is locked',
  restricted_action_thread_only_channel: 'the conversation allows only answers in threads',
  slack_connect_blocked_file_type: 'the shared conversation does not allow it',
  slack_connect_canvas_sharing_blocked: 'the shared conversation does not allow it',
  team_access_not_granted: 'the app is not allowed in this workspace; an administrator has to grant it',
  team_not_found: 'the workspace is gone',
  two_factor_setup_required: 'the account has to set up two-factor authentication',
  user_is_restricted: 'the account is restricted',
};
/** Slack adds to these words: what is restricted or denied is a right that somebody can grant. */
const RIGHTS = /^restricted_action|_access_denied$|_not_granted$|_login_required$|_restricted$/u;

/** More than a page of a conversation's history. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** Statuses with which a Response has no body. */
const BODILESS = new Set([204, 205, 304]);

/**
 * A caller for one token. Throws ConfigError when a file that is named cannot be read.
 * https://docs.slack.dev/apis/web-api/
 */
export function createSlackCall(access: SlackAccess): SlackCaller {
  const { token, apiUrl } = access;
  const transport = createTransport(apiUrl, { ...access, allowPrivate: true });
  const call: SlackCall = async (method, args, signal) => {
    const seen: { status?: number } = {};
    const fetchOnce: FetchFunction = async (url, init) => {
      const request = {
        url: String(url),
        body: typeof init?.body === 'string' ? init.body : '',
        signal,
        maxAnswerBytes: MAX_ANSWER_BYTES,
      };
      const answer = await transport.post({ ...request, headers: Object.fromEntries(new Headers(init?.headers)) });
      seen.status = answer.status;
      if (answer.isCut) throw new NoAnswer('the answer broke off', true);
      return responseOf(answer);
    };
    const client = new WebClient(token, {
      slackApiUrl: apiUrl,
      fetch: fetchOnce,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      logLevel: LogLevel.ERROR,
    });
    try {
      return { ok: true, result: await client.apiCall(method, { ...args }) };
    } catch (error) {
      return failureOf(error, seen.status);
    }
  };
  return { call, close: () => transport.close() };
}

function responseOf({ status, headers, text }: TransportAnswer): Response {
  const listed = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new Response(BODILESS.has(status) ? null : text, { status, headers: listed });
}

/**
 * What a failed call means; `status` is the answer's HTTP status where one came. An unknown failure
 * is `unknown`, never `retry`.
 */
export function failureOf(error: unknown, status: number | undefined): SlackFailure {
  if (error instanceof WebAPIRateLimitedError)
    return failure('ratelimited', {
      kind: 'retry',
      detail: 'Slack limits the rate (429)',
      afterMs: error.retryAfter * 1000,
    });
  if (status === 429) return failure('ratelimited', { kind: 'retry', detail: 'Slack limits the rate (429)' });
  if (error instanceof WebAPIPlatformError) return platformFailure(error);
  if (error instanceof WebAPIHTTPError) return httpFailure(error);
  const cause = error instanceof WebAPIRequestError ? error.original : error;
  const detail = describe(cause);
  const code = codeOf(cause);
  if (!NOT_CONNECTED.test(code) && !(cause instanceof NoAnswer && !cause.hasLeft))
    return failure('', { kind: 'unknown', detail });
  return failure('', { kind: 'retry', detail, ...(CERTIFICATE.test(code) ? { isConfiguration: true as const } : {}) });
}

function platformFailure({ data }: WebAPIPlatformError): SlackFailure {
  const code = typeof data.error === 'string' && /^[a-z_]{3,60}$/u.test(data.error) ? data.error : '';
  if (code === '')
    return failure('', { kind: 'unknown', detail: 'the answer is not from Slack; check apiUrl and any proxy' });
  const advice = ADVICE[code] ?? (RIGHTS.test(code) ? 'a right is missing' : undefined);
  const detail = `Slack answers ${code}${advice === undefined ? '' : `: ${advice}`}`;
  if (UNCLEAR.has(code)) return failure(code, { kind: 'unknown', detail });
  if (!LATER.has(code) && advice === undefined) return failure(code, { kind: 'refused', detail });
  const afterMs = afterMsIn(data);
  return failure(code, {
    kind: 'retry',
    detail,
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(advice === undefined ? {} : { isConfiguration: true as const }),
  });
}

function afterMsIn({ response_metadata }: WebAPIPlatformError['data']): number | undefined {
  return response_metadata?.retryAfter === undefined ? undefined : response_metadata.retryAfter * 1000;
}

function httpFailure({ statusCode, body }: WebAPIHTTPError): SlackFailure {
  const text = typeof body === 'string' && body !== '' ? `: ${safeText(body, 200)}` : '';
  const detail = `HTTP ${statusCode}${text}`;
  if (statusCode >= 500) return failure('', { kind: 'unknown', detail });
  const outcome = outcomeOfStatus(statusCode, '', undefined, NOT_SLACK);
  return failure('', outcome.kind === 'retry' ? { ...outcome, detail } : { kind: 'refused', detail });
}

function failure(code: string, outcome: SlackFailure['outcome']): SlackFailure {
  return { ok: false, code, outcome };
}

function codeOf(error: unknown): string {
  const { code, cause } = Object(error) as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined ? '' : codeOf(cause);
}

function describe(error: unknown): string {
  const { name, cause } = Object(error) as { readonly name?: string; readonly cause?: unknown };
  if (name === 'TimeoutError') return 'no answer in time';
  if (error instanceof NoAnswer) return describe(cause);
  return cause === undefined ? errorText(error) : `${errorText(error)}: ${errorText(cause)}`;
}
