// Who sends: bearer tokens compared in constant time (RFC 6750 section 2.1), or the address where there are none.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** Gives the sender of a request; throws Refusal 401. */
export type Authenticate = (request: IncomingMessage) => string;

/** With tokens (name → token) the sender is the token's name; without, everybody may send and is known by address. */
export function createAuthenticate(tokens: Readonly<Record<string, string>>): Authenticate {
  const known = Object.entries(tokens).map(([name, token]) => ({ name, digest: digestOf(token) }));
  if (known.length === 0) return (request) => request.socket.remoteAddress ?? 'unknown';
  return ({ headers }) => {
    const given = /^Bearer +(?<token>\S+)$/iu.exec(headers.authorization ?? '')?.groups?.['token'];
    const digest = digestOf(given ?? '');
    let found: string | undefined;
    // Every token is looked at, so that the time tells nothing about which one it was.
    for (const { name, digest: own } of known) if (timingSafeEqual(own, digest) && given !== undefined) found = name;
    if (found !== undefined) return found;
    throw new Refusal(
      401,
      'unauthorized',
      'Send Authorization: Bearer with one of the tokens of collector.http.tokens.',
      {
        'www-authenticate': 'Bearer realm="foghorn"',
      },
    );
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
