// Who sends: bearer tokens compared in constant time (RFC 6750 section 2.1), a client certificate (TLS), or the address where there are neither.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { matchesHost } from '../../../../shared/contracts/host-patterns.ts';
import type { HttpConfig } from '../../config.ts';
import { Refusal } from './refusal.ts';

/** Who sends, and the patterns of the hosts that it may speak for; without patterns for all. */
export interface Sender {
  readonly name: string;
  readonly hosts?: readonly string[];
}

/** Gives the sender of a request; throws Refusal 401. */
export type Authenticate = (request: IncomingMessage) => Sender;

/** What tells senders apart. */
export type SenderSettings = Pick<HttpConfig, 'tokens' | 'clientCaFile' | 'clientCertificates'>;

/** Whether somebody has to show who he is. */
export function needsLogIn({ tokens, clientCaFile }: SenderSettings): boolean {
  return Object.keys(tokens).length > 0 || clientCaFile !== '';
}

/** With tokens the sender is the token's name, with a certificate the certificate's; with neither everybody may send and is known by address. `now`: epoch milliseconds. */
export function createAuthenticate(settings: SenderSettings, now: () => number): Authenticate {
  if (!needsLogIn(settings)) return (request) => ({ name: addressOf(request) });
  const known = Object.entries(settings.tokens).map(([name, entry]) => knownToken(name, entry));
  return (request) => {
    const { authorization } = request.headers;
    const sender = authorization === undefined ? senderOfCertificate(request, settings) : undefined;
    if (sender !== undefined) return sender;
    const found = tokenOf(known, authorization);
    if (found === undefined) throw unauthorized(settings);
    if (found.expiresMs <= now())
      throw unauthorized(settings, `The token ${found.sender.name} expired; get a new one.`);
    return found.sender;
  };
}

/** The address that a request comes from. */
export function addressOf({ socket }: Pick<IncomingMessage, 'socket'>): string {
  return socket.remoteAddress ?? 'unknown';
}

interface KnownToken {
  readonly sender: Sender;
  readonly digest: Buffer;
  readonly expiresMs: number;
}

function knownToken(name: string, entry: HttpConfig['tokens'][string]): KnownToken {
  const { token, hosts, expires } = typeof entry === 'string' ? { token: entry } : entry;
  return {
    sender: { name, ...(hosts === undefined ? {} : { hosts }) },
    digest: digestOf(token),
    expiresMs: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires),
  };
}

/** Every token is looked at, so that the time tells nothing about which one it was. */
function tokenOf(known: readonly KnownToken[], authorization: string | undefined): KnownToken | undefined {
  const given = /^Bearer +(?<token>\S+)$/iu.exec(authorization ?? '')?.groups?.['token'];
  const digest = digestOf(given ?? '');
  let found: KnownToken | undefined;
  for (const one of known) if (timingSafeEqual(one.digest, digest) && given !== undefined) found = one;
  return found;
}

/** The sender of a certificate that the authority of `clientCaFile` signed: the first name that an entry of `clientCertificates` has, or its first name where there are no entries. */
function senderOfCertificate({ socket }: IncomingMessage, settings: SenderSettings): Sender | undefined {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  if (settings.clientCaFile === '' || authorized !== true || getPeerCertificate === undefined) return undefined;
  const names = namesOf((socket as TLSSocket).getPeerCertificate());
  const [first] = names;
  if (settings.clientCertificates.length === 0) return first === undefined ? undefined : { name: first };
  for (const { subject, hosts } of settings.clientCertificates) {
    const name = names.find((candidate) => matchesHost(candidate, [subject]));
    if (name !== undefined) return { name, ...(hosts === undefined ? {} : { hosts }) };
  }
  return undefined;
}

/** The common name and the DNS names of a certificate (RFC 5280 section 4.2.1.6), those with characters that no host name has left out. */
function namesOf({ subject, subjectaltname = '' }: PeerCertificate): readonly string[] {
  const common: readonly (string | undefined)[] = [subject?.CN].flat();
  const others = subjectaltname
    .split(', ')
    .flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice('DNS:'.length)] : []));
  return [...common, ...others].filter((name): name is string => name !== undefined && /^[\w.@-]{1,253}$/u.test(name));
}

function unauthorized({ tokens, clientCaFile }: SenderSettings, why = ''): Refusal {
  const ways = [
    ...(Object.keys(tokens).length > 0
      ? ['send Authorization: Bearer with one of the tokens of collector.http.tokens']
      : []),
    ...(clientCaFile === ''
      ? []
      : ['show a client certificate that collector.http.clientCaFile and clientCertificates allow']),
  ];
  const how = ways.join(', or ');
  const message = why === '' ? `${how.charAt(0).toUpperCase()}${how.slice(1)}.` : why;
  return new Refusal(401, 'unauthorized', message, { 'www-authenticate': 'Bearer realm="foghorn"' });
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
