// Who sends: the holder of a bearer token, of a client certificate (TLS), or anybody by address where neither is asked for.
import type { IncomingMessage } from 'node:http';
import { matchesHost } from '../../../../shared/contracts/host-patterns.ts';
import { certificateNames } from '../../../../shared/http/client-certificates.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { bearerOf, createHolders } from '../../../../shared/http/tokens.ts';
import { ConfigError } from '../../../../shared/runtime/errors.ts';
import type { HttpConfig } from '../../config.ts';

/** Who sends, and the patterns of the hosts that it may speak for; without patterns for all. */
export interface Sender {
  readonly name: string;
  readonly hosts?: readonly string[];
}

/** Gives the sender of a request; throws Refusal 401. */
export type Authenticate = (request: IncomingMessage) => Sender;

/** The settings that identify senders. */
export type SenderSettings = Pick<HttpConfig, 'tokens' | 'clientCaFile' | 'clientCertificates'>;

/** Whether somebody has to show who he is. */
export function needsLogIn({ tokens, clientCaFile }: SenderSettings): boolean {
  return Object.keys(tokens).length > 0 || clientCaFile !== '';
}

/** Throws ConfigError for settings of client certificates without which these could not be checked. */
export function checkCertificateSettings({ tlsCert, clientCaFile, clientCertificates }: HttpConfig): void {
  if (clientCaFile !== '' && tlsCert === '')
    throw new ConfigError(
      'collector.http.clientCaFile needs collector.http.tlsCert and tlsKey: certificates come by TLS.',
    );
  if (clientCaFile === '' && clientCertificates.length > 0)
    throw new ConfigError(
      'collector.http.clientCertificates needs collector.http.clientCaFile, which says who signs them.',
    );
}

/** With tokens the sender is the token's name, with a certificate the certificate's; with neither everybody may send and is known by address. `now`: epoch milliseconds. */
export function createAuthenticate(settings: SenderSettings, now: () => number): Authenticate {
  if (!needsLogIn(settings)) return (request) => ({ name: addressOf(request) });
  const findHolder = createHolders(Object.entries(settings.tokens).map(([name, entry]) => holderOf(name, entry)));
  return (request) => {
    const { authorization } = request.headers;
    const sender = authorization === undefined ? senderOfCertificate(request, settings) : undefined;
    if (sender !== undefined) return sender;
    const token = bearerOf(authorization);
    const found = token === undefined ? undefined : findHolder(token);
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

function holderOf(name: string, entry: HttpConfig['tokens'][string]) {
  const { token, hosts, expires } = typeof entry === 'string' ? { token: entry } : entry;
  const expiresMs = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
  return { token, holder: { sender: { name, ...(hosts === undefined ? {} : { hosts }) }, expiresMs } };
}

/** The sender of a certificate that the authority of `clientCaFile` signed: the first name that an entry of `clientCertificates` has, or its first name where there are no entries. */
function senderOfCertificate({ socket }: IncomingMessage, settings: SenderSettings): Sender | undefined {
  const names = settings.clientCaFile === '' ? [] : certificateNames(socket);
  const [first] = names;
  if (settings.clientCertificates.length === 0) return first === undefined ? undefined : { name: first };
  for (const { subject, hosts } of settings.clientCertificates) {
    const name = names.find((candidate) => matchesHost(candidate, [subject]));
    if (name !== undefined) return { name, ...(hosts === undefined ? {} : { hosts }) };
  }
  return undefined;
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
  return new Refusal(401, 'unauthorized', message, { headers: { 'www-authenticate': 'Bearer realm="foghorn"' } });
}
