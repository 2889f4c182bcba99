// Client certificates: the names under which a connection is known by TLS.
import type { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/**
 * The names of a certificate that the server's authority signed: the common name and the DNS names
 * (RFC 5280 section 4.2.1.6), without those that have characters which no host name has. None for a
 * connection without such a certificate.
 */
export function certificateNames(socket: Socket): readonly string[] {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  if (authorized !== true || getPeerCertificate === undefined) return [];
  return namesOf((socket as TLSSocket).getPeerCertificate());
}

function namesOf({ subject, subjectaltname = '' }: PeerCertificate): readonly string[] {
  const common: readonly (string | undefined)[] = [subject?.CN].flat();
  const others = subjectaltname
    .split(', ')
    .flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice('DNS:'.length)] : []));
  return [...common, ...others].filter((name): name is string => name !== undefined && /^[\w.@-]{1,253}$/u.test(name));
}
