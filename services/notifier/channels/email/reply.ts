// What a failure of SMTP means: for which the letter or its recipient is to blame, for which the way to the server. Pure.
// Replies: RFC 5321 section 4.2; enhanced codes: RFC 3463 and IANA's registry of them.
import { errorText } from '../../../../shared/runtime/errors.ts';

/** What became of one recipient. */
export interface RecipientResult {
  readonly address: string;
  readonly kind: 'sent' | 'retry' | 'refused' | 'unknown';
  readonly detail: string;
  /** Somebody has to correct an account, a right or a setting. */
  readonly isConfiguration?: true;
}

/** What nodemailer attaches to its errors; see its `NodemailerError`. */
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

/** Of the recipients that were rejected one by one, what became of each. */
export function rejectionsIn(answer: unknown): ReadonlyMap<string, RecipientResult> {
  const { rejectedErrors = [] } = Object(answer) as SmtpError;
  return new Map(
    rejectedErrors.flatMap((error) =>
      error.recipient === undefined ? [] : [[error.recipient, { address: error.recipient, ...failureOf(error) }]],
    ),
  );
}

/** Before the letter leaves nothing can have arrived, and it is not the letter that is at fault: finding, encrypting, logging in. */
const BEFORE_THE_LETTER = new Set(['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'EOAUTH2', 'EPROXY']);
/** Of these: what does not pass by itself. */
const NOT_PASSING = new Set(['ETLS', 'EAUTH', 'ENOAUTH', 'EOAUTH2']);
/** What Node says of connections that never came about and of certificates. */
const CONNECTING =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPROTO|ERR_TLS_|ERR_SSL_|UNABLE_TO_)|CERT/u;
const CERTIFICATE = /^(?:EPROTO|ERR_TLS_|ERR_SSL_|UNABLE_TO_)|CERT/u;

/** A reply of the server decides; without one it depends on how far the conversation had come. */
export function failureOf(error: unknown): Omit<RecipientResult, 'address'> {
  const failure = Object(error) as SmtpError;
  const { code = '', originalCode = '', responseCode, timeoutType } = failure;
  const detail = errorText(error);
  if (responseCode !== undefined) return { ...judgeReply(failure, responseCode), detail };
  const isBefore =
    BEFORE_THE_LETTER.has(code) ||
    CONNECTING.test(originalCode) ||
    (timeoutType !== undefined && timeoutType !== 'SOCKET_TIMEOUT');
  if (!isBefore) return { kind: 'unknown', detail };
  return NOT_PASSING.has(code) || CERTIFICATE.test(originalCode)
    ? { kind: 'retry', detail, isConfiguration: true }
    : { kind: 'retry', detail };
}

type Judgement = Pick<RecipientResult, 'kind' | 'isConfiguration'>;

const LATER: Judgement = { kind: 'retry' };
const CONFIGURATION: Judgement = { kind: 'retry', isConfiguration: true };
const FINAL: Judgement = { kind: 'refused' };

/** What servers say of a mailbox that is not there, where they give no code for it. */
const NOBODY =
  /(?:user|recipient|mailbox|address)\b.{0,40}\b(?:unknown|not found|does not exist|doesn't exist|invalid)|\b(?:unknown|no such|invalid) (?:user|recipient|mailbox)/iu;
/** What servers say in words of the way, where they give no enhanced code or a vague one. */
const OF_THE_WAY =
  /relay|helo|ehlo|authenti|not permitted|permission|send as|sendas|quota|limit exceeded|too many|blocked|blocklist|blacklist|spamhaus|reputation|access denied|policy restrict|rcpthosts|\bspf\b|\bdmarc\b|\bptr\b|reverse dns/iu;

/** A rule for replies of 5yz; the first that fits decides. What it leaves open fits. */
interface Rule {
  readonly command?: RegExp;
  readonly code?: RegExp;
  readonly enhanced?: RegExp;
  readonly words?: RegExp;
  readonly means: Judgement;
}

const RULES: readonly Rule[] = [
  // Greeting, EHLO, STARTTLS, log-in: the letter was not mentioned yet.
  { command: /^(?!MAIL|RCPT|DATA)/u, means: CONFIGURATION },
  // No such mailbox, and what is wrong with the letter's form.
  { command: /^(?:RCPT|DATA)/u, enhanced: /^5\.[16]\./u, means: FINAL },
  { command: /^(?:RCPT|DATA)/u, words: NOBODY, means: FINAL },
  // A full mailbox may be emptied; a letter that is too large stays so.
  { enhanced: /^5\.2\.2$/u, means: LATER },
  { code: /^552$/u, means: FINAL },
  { enhanced: /^5\.(?:2\.3|3\.4)$/u, means: FINAL },
  // Not recognized, a bad sequence, not implemented, log in or encrypt first: about the conversation and not about one letter.
  { command: /^DATA/u, code: /^50[01]$/u, means: FINAL },
  { code: /^(?:50[0-4]|52[13]|530|53[458])$/u, means: CONFIGURATION },
  { command: /^MAIL/u, means: CONFIGURATION },
  // Exchange Online says 5.4.1 of a mailbox that is not there.
  { command: /^RCPT/u, enhanced: /^5\.(?:2\.|4\.1$)/u, means: FINAL },
  // Who sends may not, to this address or at all; so says a bare 554, too.
  { command: /^RCPT/u, enhanced: /./u, means: CONFIGURATION },
  { command: /^RCPT/u, code: /^554$/u, means: CONFIGURATION },
  // The words of a letter may be to blame, unless the reply names sender, account or limits.
  { command: /^DATA/u, enhanced: /^5\.(?:[34]\.|7\.(?:[0589]|[123]\d|57|60|[67]\d\d)$)/u, means: CONFIGURATION },
  { enhanced: /^5\.2\./u, means: FINAL },
  { words: OF_THE_WAY, means: CONFIGURATION },
];

/** A reply of 4yz passes by itself, unless it is about the log-in; of 5yz it depends on what was asked. */
function judgeReply({ code = '', command = '', response = '' }: SmtpError, responseCode: number): Judgement {
  if (responseCode < 500) return NOT_PASSING.has(code) ? CONFIGURATION : LATER;
  const enhanced = /^\d{3}[ -](?<enhanced>5\.\d{1,3}\.\d{1,3})\b/u.exec(response)?.groups?.['enhanced'] ?? '';
  const fits = (rule: Rule): boolean =>
    (rule.command ?? /^/u).test(command) &&
    (rule.code ?? /^/u).test(String(responseCode)) &&
    (rule.enhanced ?? /^/u).test(enhanced) &&
    (rule.words ?? /^/u).test(response);
  return RULES.find(fits)?.means ?? FINAL;
}
