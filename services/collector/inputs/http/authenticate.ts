// Identifies the sender: the holder of a bearer token or a client certificate (TLS), or the address
// where neither is required.
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { bearerOf, createHolders, type FindHolder } from '../../../../shared/http/tokens.ts';
import { addressOf, type Sender, senderOfCertificate } from '../senders.ts';
import type { HttpConfig } from './settings.ts';

/** Gives the sender of a request; throws Refusal 401. */
export type Authenticate = (request: IncomingMessage) => Sender;

/** The settings that identify senders. */
export type SenderSettings = Pick<HttpConfig, 'tokens' | 'clientCaFile' | 'clientCertificates'>;

/** Whether authentication is required. */
export function needsLogIn({ tokens, clientCaFile }: SenderSettings): boolean {
  return Object.keys(tokens).length > 0 || clientCaFile !== '';
}

/**
 * With tokens the sender is the token's name, with a certificate the certificate's; with neither
 * everybody may send and is known by address. `now`: epoch milliseconds.
 */
export function createAuthenticate(settings: SenderSettings, now: () => number, input = 'http'): Authenticate {
  if (!needsLogIn(settings)) return ({ socket }) => ({ name: addressOf(socket) });
  const findHolder = createTokenHolders(settings.tokens);
  return (request) => {
    const { authorization } = request.headers;
    const sender = authorization === undefined ? senderOfCertificate(request.socket, settings) : undefined;
    if (sender !== undefined) return sender;
    const token = bearerOf(authorization);
    const found = token === undefined ? undefined : findHolder(token);
    if (found === undefined) throw unauthorized(settings, input);
    if (found.expiresMs <= now())
      throw unauthorized(settings, input, `The token ${found.sender.name} expired; get a new one.`);
    return found.sender;
  };
}

/** Finds whose a token is, and when it expires (epoch milliseconds). */
export function createTokenHolders(tokens: HttpConfig['tokens']): FindHolder<TokenHolder> {
  return createHolders(Object.entries(tokens).map(([name, entry]) => holderOf(name, entry)));
}

interface TokenHolder {
  readonly sender: Sender;
  readonly expiresMs: number;
}

function holderOf(name: string, entry: HttpConfig['tokens'][string]) {
  const { token, hosts, expires } = typeof entry === 'string' ? { token: entry } : entry;
  const expiresMs = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
  return {
    token,
    holder: { sender: { name, kind: 'token' as const, ...(hosts === undefined ? {} : { hosts }) }, expiresMs },
  };
}

function unauthorized({ tokens, clientCaFile }: SenderSettings, input: string, why = ''): Refusal {
  const ways = [
    ...(Object.keys(tokens).length > 0
      ? [`send Authorization: Bearer with one of the tokens of collector.${input}.tokens`]
      : []),
    ...(clientCaFile === ''
      ? []
      : [`show a client certificate that collector.${input}.clientCaFile and clientCertificates allow`]),
  ];
  const how = ways.join(', or ');
  const message = why === '' ? `${how.charAt(0).toUpperCase()}${how.slice(1)}.` : why;
  return new Refusal(401, 'unauthorized', message, { headers: { 'www-authenticate': 'Bearer realm="foghorn"' } });
}
