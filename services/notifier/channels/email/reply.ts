// The meaning of a failure of SMTP: caused by the email, its recipient, or the access to the
// server. Pure.
// Replies: RFC 5321 section 4.2; enhanced codes: RFC 3463 and IANA's registry of them.
import { errorText } from '../../../../shared/runtime/errors.ts';

/** The result for one recipient. */
export interface RecipientResult {
  readonly address: string;
  readonly kind: 'sent' | 'retry' | 'refused' | 'unknown';
  readonly detail: string;
  /** Somebody has to correct an account, a right or a setting. */
  readonly isConfiguration?: true;
}

/** The fields of nodemailer's errors; see its `NodemailerError`. */
interface SmtpError {
  readonly code?: string;
  readonly originalCode?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
  readonly recipient?: string;
  readonly rejectedErrors?: readonly SmtpError[];
  readonly timeoutType?: string;
}

/** The results of the recipients that were rejected one by one. */
export function rejectionsIn(answer: unknown): ReadonlyMap<string, RecipientResult> {
  const { rejectedErrors = [] } = Object(answer) as SmtpError;
  return new Map(
    rejectedErrors.flatMap((error) =>
      error.recipient === undefined ? [] : [[error.recipient, { address: error.recipient, ...failureOf(error) }]],
    ),
  );
}

/**
 * Errors before the email is sent, so that nothing arrived: name resolution, encryption, log-in.
 */
const BEFORE_SENDING = new Set(['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'EOAUTH2', 'EPROXY']);
/** Of these: errors that last until somebody corrects something. */
const NOT_PASSING = new Set(['ETLS', 'EAUTH', 'ENOAUTH', 'EOAUTH2']);
/** Node's codes for failed connections and certificates. */
const CONNECTING =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPROTO|ERR_TLS_|ERR_SSL_|UNABLE_TO_)|CERT/u;
const CERTIFICATE = /^(?:EPROTO|ERR_TLS_|ERR_SSL_|UNABLE_TO_)|CERT/u;

/** A reply of the server decides; without one it depends on how far the conversation had come. */
export function failureOf(error: unknown): Omit<RecipientResult, 'address'> {
  const failure = Object(error) as SmtpError;
  const { code = '', originalCode = '', responseCode, timeoutType } = failure;
  const detail = errorText(error);
  if (responseCode !== undefined) return { ...meaningOf(failure, responseCode), detail };
  const isBefore =
    BEFORE_SENDING.has(code) ||
    CONNECTING.test(originalCode) ||
    (timeoutType !== undefined && timeoutType !== 'SOCKET_TIMEOUT');
  if (!isBefore) return { kind: 'unknown', detail };
  return NOT_PASSING.has(code) || CERTIFICATE.test(originalCode)
    ? { kind: 'retry', detail, isConfiguration: true }
    : { kind: 'retry', detail };
}

type Meaning = Pick<RecipientResult, 'kind' | 'isConfiguration'>;

const LATER: Meaning = { kind: 'retry' };
const CONFIGURATION: Meaning = { kind: 'retry', isConfiguration: true };
const FINAL: Meaning = { kind: 'refused' };

/** Servers' texts about a mailbox that does not exist, without a code for it. */
const NOBODY =
  /(?:user|recipient|mailbox|address)\b.{0,40}\b(?:unknown|not found|does not exist|doesn't exist|invalid)|\b(?:unknown|no such|invalid) (?:user|recipient|mailbox)/iu;
/** Servers' texts about access, without an enhanced code or with a vague one. */
const OF_THE_WAY =
  /relay|helo|ehlo|authenti|not permitted|permission|send as|sendas|quota|limit exceeded|too many|blocked|blocklist|blacklist|spamhaus|reputation|access denied|policy restrict|rcpthosts|\bspf\b|\bdmarc\b|\bptr\b|reverse dns/iu;

/**
 * A rule for replies of 5yz; the first that matches decides. A missing pattern matches everything.
 */
interface Rule {
  readonly command?: RegExp;
  readonly code?: RegExp;
  readonly enhanced?: RegExp;
  readonly words?: RegExp;
  readonly means: Meaning;
}

const RULES: readonly Rule[] = [
  // Greeting, EHLO, STARTTLS, log-in: before the email.
  { command: /^(?!MAIL|RCPT|DATA)/u, means: CONFIGURATION },
  // No such mailbox, or a wrong form of the email.
  { command: /^(?:RCPT|DATA)/u, enhanced: /^5\.[16]\./u, means: FINAL },
  { command: /^(?:RCPT|DATA)/u, words: NOBODY, means: FINAL },
  // A full mailbox may be emptied; an email that is too large stays so.
  { enhanced: /^5\.2\.2$/u, means: LATER },
  { code: /^552$/u, means: FINAL },
  { enhanced: /^5\.(?:2\.3|3\.4)$/u, means: FINAL },
  // Not recognized, a bad sequence, not implemented, log in or encrypt first: about the session,
  // not the email.
  { command: /^DATA/u, code: /^50[01]$/u, means: FINAL },
  { code: /^(?:50[0-4]|52[13]|530|53[458])$/u, means: CONFIGURATION },
  { command: /^MAIL/u, means: CONFIGURATION },
  // Exchange Online answers 5.4.1 for a mailbox that does not exist.
  { command: /^RCPT/u, enhanced: /^5\.(?:2\.|4\.1$)/u, means: FINAL },
  // The sender may not send, to this address or at all; a bare 554 means the same.
  { command: /^RCPT/u, enhanced: /./u, means: CONFIGURATION },
  { command: /^RCPT/u, code: /^554$/u, means: CONFIGURATION },
  // The content of the email, unless the reply names sender, account or limits.
  { command: /^DATA/u, enhanced: /^5\.(?:[34]\.|7\.(?:[0589]|[123]\d|57|60|[67]\d\d)$)/u, means: CONFIGURATION },
  { enhanced: /^5\.2\./u, means: FINAL },
  { words: OF_THE_WAY, means: CONFIGURATION },
];

/**
 * A reply of 4yz is temporary, unless it is about the log-in; one of 5yz depends on the command.
 */
function meaningOf({ code = '', command = '', response = '' }: SmtpError, responseCode: number): Meaning {
  if (responseCode < 500) return NOT_PASSING.has(code) ? CONFIGURATION : LATER;
  const enhanced = /^\d{3}[ -](?<enhanced>5\.\d{1,3}\.\d{1,3})\b/u.exec(response)?.groups?.['enhanced'] ?? '';
  const fits = (rule: Rule): boolean =>
    (rule.command ?? /^/u).test(command) &&
    (rule.code ?? /^/u).test(String(responseCode)) &&
    (rule.enhanced ?? /^/u).test(enhanced) &&
    (rule.words ?? /^/u).test(response);
  return RULES.find(fits)?.means ?? FINAL;
}
