// Email by SMTP: one message to all recipients, with a result for each of them.
import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { within } from '../../../../shared/runtime/within.ts';
import type { SendOutcome } from '../../../../shared/contracts/notification.ts';
import { ConfigError, errorText } from '../../../../shared/runtime/errors.ts';
import { type Channel, type ChannelType, receiverSettings, type RecipientLog } from '../channel.ts';
import { type Email, emailOf } from './message.ts';
import { readableFile, secret } from '../../../../shared/runtime/settings.ts';
import { failureOf, type RecipientResult, rejectionsIn } from './reply.ts';

const settings = z
  .strictObject({
    ...receiverSettings,
    kind: z.literal('email'),
    host: z.string().min(1),
    /** By default 587 with STARTTLS, 465 with TLS from the first byte, 25 without. */
    port: z.number().int().min(1).max(65_535).optional(),
    /**
     * `starttls` and `implicit` send nothing before the connection is encrypted; `none` is for a
     * relay on the same machine.
     */
    tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
    /** A PEM file with the certificate authority of the server; empty: those of the system. */
    caFile: readableFile(z.string().default('')),
    username: z.string().default(''),
    password: secret(z.string().default('')),
    /**
     * The client's name in EHLO; empty: the name of the machine, or its address when that is no
     * full name.
     */
    hello: z
      .string()
      .regex(/^[\w.:[\]-]*$/u, 'a host name such as foghorn.example.org')
      .default(''),
    from: z.email(),
    to: z.array(z.email()).min(1).max(50),
    timeoutMs: z.number().int().min(1000).max(300_000).default(30_000),
  })
  .refine(({ tls, username }) => username === '' || tls !== 'none', {
    path: ['tls'],
    message: 'a password does not travel unencrypted: set tls to starttls or implicit, or leave username away',
  });

/** The kind `email`. */
export const email: ChannelType<typeof settings, Email> = {
  kind: 'email',
  settings,
  // The Message-ID names the episode.
  traits: { editsInPlace: false, followsChanges: false, keepsEpisodes: true },
  longestSendMs: ({ timeoutMs }) => timeoutMs,
  create: (receiver, { recipientLog }) => createEmailChannel(receiver, recipientLog),
  preview: (notification) => {
    const { subject, messageId, threadId, headers, text, html } = emailOf(notification, 'example.org');
    const all = { Subject: subject, 'Message-ID': `<${messageId}>`, References: `<${threadId}>`, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    return { kind: 'text', text: [...lines, '', text].join('\n'), page: html };
  },
};

/** Settings of an email channel. */
export interface EmailOptions {
  readonly host: string;
  readonly port?: number | undefined;
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
  readonly hello?: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly timeoutMs: number;
}

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;
const MAX_KEPT_DELIVERIES = 1000;

/**
 * A channel to some mailboxes. Sending again is nearly harmless: the email has the same Message-ID,
 * and recipients that have taken it, by `recipientLog` or this process, do not get it again. Throws
 * ConfigError when `caFile` cannot be read.
 */
export function createEmailChannel(options: EmailOptions, recipientLog?: RecipientLog): Channel<Email> {
  const post = createPost(options);
  const taken = createTaken(recipientLog);
  return {
    render: (notification) => emailOf(notification, domainOf(options.from)),
    send: async (message, signal) => {
      const { id, messageId } = message;
      let before: ReadonlySet<string>;
      try {
        before = await taken.of(id);
      } catch (error) {
        return { kind: 'retry', detail: `the recipients that have taken the email are unknown: ${errorText(error)}` };
      }
      const to = options.to.filter((address) => !before.has(address));
      if (to.length === 0) return { kind: 'sent', reference: messageId };
      const results = await post(message, to, signal);
      const outcome = outcomeOf(results, { messageId, takenBefore: options.to.length - to.length });
      // No further attempt will follow.
      if (outcome.kind === 'sent' || outcome.kind === 'refused') return outcome;
      const takers = results.filter(({ kind }) => kind === 'sent').map(({ address }) => address);
      const problem = await taken.add(id, takers);
      return problem === undefined ? outcome : { ...outcome, detail: `${outcome.detail}; ${problem}` };
    },
    reconcile: async () => ({ kind: 'absent' }),
    close: async () => {},
  };
}

/**
 * The outcome for all recipients: one that can be retried decides; a refusal is reported with the
 * others' success.
 */
export function outcomeOf(
  results: readonly RecipientResult[],
  { messageId, takenBefore }: { readonly messageId: string; readonly takenBefore: number },
): SendOutcome {
  const of = (kind: RecipientResult['kind']): readonly RecipientResult[] =>
    results.filter((result) => result.kind === kind);
  const detail = results
    .filter(({ kind }) => kind !== 'sent')
    .map((result) => `${result.address}: ${result.detail}`)
    .join('; ');
  if (of('unknown').length > 0) return { kind: 'unknown', detail };
  // Recipients that may have it soon do not wait for those for which somebody has to correct
  // something.
  const waiting = of('retry');
  if (waiting.length > 0)
    return waiting.every(({ isConfiguration }) => isConfiguration === true)
      ? { kind: 'retry', detail, isConfiguration: true }
      : { kind: 'retry', detail };
  if (of('sent').length + takenBefore === 0) return { kind: 'refused', detail };
  return { kind: 'sent', reference: messageId, ...(detail === '' ? {} : { refused: detail }) };
}

type Post = (message: Email, to: readonly string[], signal: AbortSignal) => Promise<readonly RecipientResult[]>;

function createPost(options: EmailOptions): Post {
  const transport = createTransport({
    host: options.host,
    port: options.port ?? PORTS[options.tls],
    secure: options.tls === 'implicit',
    requireTLS: options.tls === 'starttls',
    ignoreTLS: options.tls === 'none',
    connectionTimeout: options.timeoutMs,
    greetingTimeout: options.timeoutMs,
    socketTimeout: options.timeoutMs,
    ...(options.hello === undefined || options.hello === '' ? {} : { name: options.hello }),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(options.username === '' ? {} : { auth: { user: options.username, pass: options.password } }),
    ...(options.caFile === '' ? {} : { tls: { ca: readCa(options.caFile) } }),
  });
  return async ({ messageId, threadId, subject, text, html, headers }, to, signal) => {
    try {
      const sent = await within(signal, options.timeoutMs, (ending) =>
        transport.sendMail({
          from: { name: 'Foghorn', address: options.from },
          to: [...options.to],
          envelope: { from: options.from, to: [...to] },
          subject,
          text,
          html,
          messageId: `<${messageId}>`,
          inReplyTo: `<${threadId}>`,
          references: [`<${threadId}>`],
          headers,
          signal: ending,
        }),
      );
      const refused = rejectionsIn(sent);
      return to.map((address) => refused.get(address) ?? { address, kind: 'sent', detail: '' });
    } catch (error) {
      const refused = rejectionsIn(error);
      return to.map((address) => refused.get(address) ?? { address, ...failureOf(error) });
    }
  };
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`caFile ${file} of a receiver of kind email cannot be read: ${errorText(error)}`);
  }
}

interface Taken {
  /** May throw. */
  of(id: string): Promise<ReadonlySet<string>>;
  /**
   * Gives a problem with the log, if any: within the process the recipients are kept all the same.
   */
  add(id: string, addresses: readonly string[]): Promise<string | undefined>;
}

/**
 * The recipients that have taken an email: of the latest deliveries in the process, of all in
 * `log`.
 */
function createTaken(log: RecipientLog | undefined): Taken {
  const byId = new Map<string, ReadonlySet<string>>();
  return {
    of: async (id) => new Set([...(byId.get(id) ?? []), ...((await log?.of(id)) ?? [])]),
    add: async (id, addresses) => {
      if (addresses.length === 0) return undefined;
      byId.set(id, new Set([...(byId.get(id) ?? []), ...addresses]));
      const oldest = byId.keys().next().value;
      if (byId.size > MAX_KEPT_DELIVERIES && oldest !== undefined) byId.delete(oldest);
      try {
        await log?.add(id, addresses);
        return undefined;
      } catch (error) {
        return `that ${addresses.join(', ')} took it is known to this process only: ${errorText(error)}`;
      }
    },
  };
}
