// Mail by SMTP: one letter a notification to all recipients, a result for each of them.
import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { within } from '../../../../shared/runtime/within.ts';
import type { Rendered, SendOutcome } from '../../../../shared/contracts/notification.ts';
import { ConfigError, errorText } from '../../../../shared/runtime/errors.ts';
import type { Channel } from '../channel.ts';
import { type Letter, letterOf } from './letter.ts';
import { readableFile, secret } from '../../../../shared/runtime/settings.ts';
import { failureOf, type RecipientResult, rejectionsIn } from './reply.ts';

/** The settings of a receiver of kind `email`, without what all receivers have. */
export const emailSettings = {
  kind: z.literal('email'),
  host: z.string().min(1),
  /** 587 with STARTTLS, 465 with TLS from the first byte, 25 without. */
  port: z.number().int().min(1).max(65_535).optional(),
  /** `starttls` and `implicit` send nothing before the connection is encrypted; `none` is for a relay on the same machine. */
  tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
  /** A PEM file with the certificate authority of the server; empty: those of the system. */
  caFile: readableFile(z.string().default('')),
  username: z.string().default(''),
  password: secret(z.string().default('')),
  /** How the client names itself to the server (EHLO); empty: the name of the machine, or its address when that is no full name. */
  hello: z
    .string()
    .regex(/^[\w.:[\]-]*$/u, 'a host name such as foghorn.example.org')
    .default(''),
  from: z.email(),
  to: z.array(z.email()).min(1).max(50),
  timeoutMs: z.number().int().min(1000).max(300_000).default(30_000),
};

/** What mail needs to know. */
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

/** Remembers who has taken which letter, for every process and beyond a reload. Calls may throw. */
export interface TakenLetters {
  of(deliveryId: string): Promise<readonly string[]>;
  add(deliveryId: string, addresses: readonly string[]): Promise<void>;
}

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;
const MAX_REMEMBERED = 1000;

/**
 * A channel to some mailboxes. Sending again is nearly harmless: the letter has the same Message-ID, and who has taken it, as far as `letters` or this
 * process remembers, is not asked again. Throws ConfigError when `caFile` cannot be read.
 */
export function createEmailChannel(options: EmailOptions, letters?: TakenLetters): Channel {
  const post = createPost(options);
  const taken = rememberTaken(letters);
  return {
    kind: 'email',
    render: (notification) => {
      const { headers, ...letter } = letterOf(notification, domainOf(options.from));
      return { id: notification.id, contentType: 'multipart/alternative', headers, body: JSON.stringify(letter) };
    },
    send: async (rendered, signal) => {
      let before: ReadonlySet<string>;
      try {
        before = await taken.of(rendered.id);
      } catch (error) {
        return { kind: 'retry', detail: `who has taken the letter is not known: ${errorText(error)}` };
      }
      const to = options.to.filter((address) => !before.has(address));
      const { messageId } = letterIn(rendered);
      if (to.length === 0) return { kind: 'sent', reference: messageId };
      const results = await post(rendered, to, signal);
      const outcome = outcomeOf(results, { messageId, takenBefore: options.to.length - to.length });
      // What is over needs no memory.
      if (outcome.kind === 'sent' || outcome.kind === 'refused') return outcome;
      const takers = results.filter(({ kind }) => kind === 'sent').map(({ address }) => address);
      const fault = await taken.add(rendered.id, takers);
      return fault === undefined ? outcome : { ...outcome, detail: `${outcome.detail}; ${fault}` };
    },
    reconcile: async () => await Promise.resolve({ kind: 'absent' }),
    close: async () => await Promise.resolve(),
  };
}

/** The outcome for all: what can still be repeated decides; a refused recipient beside others that were reached is told beside it. */
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
  // Those who may have it soon are not kept waiting for those for whom something has to be corrected.
  const waiting = of('retry');
  if (waiting.length > 0)
    return waiting.every(({ isConfiguration }) => isConfiguration === true)
      ? { kind: 'retry', detail, isConfiguration: true }
      : { kind: 'retry', detail };
  if (of('sent').length + takenBefore === 0) return { kind: 'refused', detail };
  return { kind: 'sent', reference: messageId, ...(detail === '' ? {} : { refused: detail }) };
}

type Post = (rendered: Rendered, to: readonly string[], signal: AbortSignal) => Promise<readonly RecipientResult[]>;

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
  return async (rendered, to, signal) => {
    const { messageId, threadId, subject, text, html } = letterIn(rendered);
    try {
      const sent = await within(
        signal,
        options.timeoutMs,
        async (ending) =>
          await transport.sendMail({
            from: { name: 'Foghorn', address: options.from },
            to: [...options.to],
            envelope: { from: options.from, to: [...to] },
            subject,
            text,
            html,
            messageId: `<${messageId}>`,
            inReplyTo: `<${threadId}>`,
            references: [`<${threadId}>`],
            headers: rendered.headers,
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

function letterIn({ body }: Rendered): Omit<Letter, 'headers'> {
  return JSON.parse(body) as Omit<Letter, 'headers'>;
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
  /** Gives what went wrong: the process itself remembers all the same. */
  add(id: string, addresses: readonly string[]): Promise<string | undefined>;
}

/** Who has taken which letter: of the latest deliveries in the process, of all in `letters`. */
function rememberTaken(letters: TakenLetters | undefined): Taken {
  const byId = new Map<string, ReadonlySet<string>>();
  return {
    of: async (id) => new Set([...(byId.get(id) ?? []), ...((await letters?.of(id)) ?? [])]),
    add: async (id, addresses) => {
      if (addresses.length === 0) return undefined;
      byId.set(id, new Set([...(byId.get(id) ?? []), ...addresses]));
      const oldest = byId.keys().next().value;
      if (byId.size > MAX_REMEMBERED && oldest !== undefined) byId.delete(oldest);
      try {
        await letters?.add(id, addresses);
        return undefined;
      } catch (error) {
        return `that ${addresses.join(', ')} took it is known to this process only: ${errorText(error)}`;
      }
    },
  };
}
