// A mail server with faults, on a real SMTP implementation; what it takes is read by a real mail
// parser.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** What the server does with a letter. */
export type SmtpBehaviour =
  | { readonly kind: 'take' }
  /** Answers the letter with a reply code. */
  | { readonly kind: 'answer'; readonly code: number }
  /** Takes the letter and never answers. */
  | { readonly kind: 'hang' }
  /** Takes the letter and closes the connection without an answer. */
  | { readonly kind: 'hang-up' }
  /** Takes the letter and answers half a line. */
  | { readonly kind: 'truncate' };

/** A letter as it came. */
export interface Received {
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  /** Empty for one that did not log in. */
  readonly user: string;
  /** The name by which the client greeted. */
  readonly hello: string;
  readonly raw: Buffer;
}

/** A running mail server. */
export interface FakeSmtp {
  readonly port: number;
  /** A PEM file that trusts its certificate, which is for 127.0.0.1 and localhost. */
  readonly caFile: string;
  behave(behaviour: SmtpBehaviour): void;
  /** This recipient gets the reply code from now on; 250 takes it again. */
  answerRecipient(address: string, code: number): void;
  received(): readonly Received[];
  /** What a mail program makes of the letters. */
  letters(): Promise<readonly ParsedMail[]>;
}

/** For 127.0.0.1 and localhost until 2120; protects nothing. */
export const SMTP_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQDnQvIhMXxJ0Ltp9
lq9gITE+7iq1oY0r0TLwvbIrUBKhRANCAATGVuUrFp+cGaNIJhwGHUhuLVZshwIP
C9QZL0iYcSXvdzvSEOjXf+0xkoUqDNOlTDvalP/+Dv6CqvIR0L0ZHuuP
-----END PRIVATE KEY-----
`;
/** Its certificate, which trusts itself. */
export const SMTP_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMZW5SsWn5wZo0gm
HAYdSG4tVmyHAg8L1BkvSJhxJe93O9IQ6Nd/7TGShSoM06VMO9qU//4O/oKq8hHQ
vRke64+jTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBQLgVDZnwgLRy/wKHG13Fgh5HfxjTAKBggqhkjOPQQD
AgNIADBFAiEA/YIMR56OBBctCHEsKYsM0My23L425WwNc/v0RqjZMUoCIG6bFu/m
DoOq2dFmQe9T517N/30WpBDHdsduozW6fJp6
-----END CERTIFICATE-----
`;

class SmtpReply extends Error {
  readonly responseCode: number;

  constructor(code: number) {
    super(code < 500 ? 'not now' : 'no such thing');
    this.responseCode = code;
  }
}

/**
 * Listens on a free loopback port until the test ends. `secure`: TLS from the first byte;
 * `offersTls: false`: a server that knows no STARTTLS.
 */
export async function startFakeSmtp(
  t: TestContext,
  { secure = false, offersTls = true }: { readonly secure?: boolean; readonly offersTls?: boolean } = {},
): Promise<FakeSmtp> {
  const received: Received[] = [];
  /** Each once, for who asks for all of them again and again. */
  const parsed: Promise<ParsedMail>[] = [];
  const refusals = new Map<string, number>();
  let behaviour: SmtpBehaviour = { kind: 'take' };
  const dropConnections = (last: string): void => {
    for (const connection of server.connections) {
      const { _socket: socket } = connection as unknown as { readonly _socket?: { end(text: string): void } };
      socket?.end(last);
    }
  };
  const server = new SMTPServer({
    secure,
    key: SMTP_KEY,
    cert: SMTP_CERTIFICATE,
    authOptional: true,
    disabledCommands: offersTls ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, callback) =>
      password === 'right' ? callback(null, { user: username ?? '' }) : callback(new SmtpReply(535)),
    onRcptTo: ({ address }, _session, callback) => {
      const code = refusals.get(address) ?? 250;
      callback(code < 300 ? undefined : new SmtpReply(code));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        const now = behaviour;
        if (now.kind === 'answer') return callback(new SmtpReply(now.code));
        const raw = Buffer.concat(chunks);
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const hello = session.hostNameAppearsAs;
        received.push({ to, isEncrypted: session.secure, user: String(session.user ?? ''), hello, raw });
        if (now.kind === 'take') callback(null, 'taken');
        if (now.kind === 'hang-up') dropConnections('');
        if (now.kind === 'truncate') dropConnections('25');
        return undefined;
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-smtp-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, SMTP_CERTIFICATE);
  t.after(async () => {
    dropConnections('');
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    rmSync(folder, { recursive: true });
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    caFile,
    behave: (next) => {
      behaviour = next;
    },
    answerRecipient: (address, code) => void refusals.set(address, code),
    received: () => received,
    letters: async () => {
      for (const { raw } of received.slice(parsed.length)) parsed.push(simpleParser(raw));
      return await Promise.all(parsed);
    },
  };
}
