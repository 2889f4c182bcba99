// Who asks: bearer tokens compared in constant time (RFC 6750 section 2.1), or anybody on this machine where there are none.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { ConsoleHttpConfig, Scope } from '../config.ts';
import { Problem } from './problem.ts';

/** Who asks and what they may. */
export interface Asker {
  readonly actor: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** Gives the asker of a request who may do what `scope` says. Throws Problem 401 or 403. */
export type Authenticate = (request: Pick<IncomingMessage, 'headers'>, scope: Scope) => Asker;

const LOCAL: Asker = { actor: 'local', scopes: new Set<Scope>(['read', 'operate']) };

/** By the settings. A token that may change may look too. */
export function createAuthenticate({ tokens, allowInsecure }: ConsoleHttpConfig): Authenticate {
  const known = Object.entries(tokens).map(([actor, { token, scopes }]) => ({
    digest: digestOf(token),
    asker: { actor, scopes: new Set<Scope>([...scopes, 'read']) },
  }));
  if (known.length === 0)
    return (request) => {
      refuseForeignPages(request, allowInsecure);
      return LOCAL;
    };
  return ({ headers }, scope) => {
    const given = /^Bearer +(?<token>\S+)$/iu.exec(headers.authorization ?? '')?.groups?.['token'];
    const digest = digestOf(given ?? '');
    let found: Asker | undefined;
    // Every token is looked at, so that the time tells nothing about which one it was.
    for (const { digest: own, asker } of known) if (timingSafeEqual(own, digest) && given !== undefined) found = asker;
    if (found === undefined)
      throw new Problem(
        401,
        'unauthorized',
        'Send Authorization: Bearer with one of the tokens of console.http.tokens.',
        {
          headers: { 'www-authenticate': 'Bearer realm="foghorn"' },
        },
      );
    if (!found.scopes.has(scope))
      throw new Problem(403, 'forbidden', `The token ${found.actor} may not do that: it lacks the scope ${scope}.`);
    return found;
  };
}

/** Without tokens a page in this machine's browser could ask too, by a name that leads here or from another origin. */
function refuseForeignPages({ headers }: Pick<IncomingMessage, 'headers'>, allowInsecure: boolean): void {
  const { host = '', origin } = headers;
  const name = host.replace(/:\d+$/u, '').replace(/^\[(?<inner>.*)\]$/u, '$<inner>');
  if (!allowInsecure && !isLoopback(name))
    throw new Problem(
      403,
      'foreign_host',
      `The console is asked as ${host.slice(0, 100)}; without tokens it answers by a loopback name only.`,
    );
  const isForeign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
  if (isForeign || headers['sec-fetch-site'] === 'cross-site')
    throw new Problem(
      403,
      'foreign_origin',
      'The request comes from a page of another site; without tokens that is refused.',
    );
}

/** Whether a host name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
