// Authentication: tokens compared in constant time, as bearer (RFC 6750 section 2.1) or, for
// reading only, from a browser's login window (RFC 7617); anybody on this machine where there are
// none.
import type { IncomingMessage } from 'node:http';
import { rejectCrossSite, rejectForeignHost } from '../../../shared/http/cross-site.ts';
import type { ConsoleHttpConfig, Scope } from '../config.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import { basicOf, bearerOf, createHolders, type FindHolder } from '../../../shared/http/tokens.ts';

/** The authenticated caller and its scopes. */
export interface Principal {
  readonly actor: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** The part of a request that authenticates it. */
type RequestHead = Pick<IncomingMessage, 'method' | 'headers'>;

/** The principal of a request, checked for `scope`. Throws Refusal 401 or 403. */
export type Authenticate = (request: RequestHead, scope: Scope) => Principal;

/** The principal where there are no tokens. */
export const LOCAL_ACTOR = 'local';

const LOCAL: Principal = { actor: LOCAL_ACTOR, scopes: new Set<Scope>(['read', 'operate']) };
const BEARER = 'Bearer realm="foghorn"';
const BASIC = 'Basic realm="Foghorn"';

/**
 * By the settings. A token for changes may also read; from a browser's login window every token may
 * only read.
 */
export function createAuthenticate({ tokens, host, allowedHosts }: ConsoleHttpConfig): Authenticate {
  const known = Object.entries(tokens).map(([actor, { token, scopes }]) => ({
    token,
    holder: { actor, scopes: new Set<Scope>([...scopes, 'read']) },
  }));
  if (known.length === 0)
    return (request) => {
      rejectForeignHost(request.headers, { host, allowedHosts }, 'console.http');
      rejectPages(request, allowedHosts);
      return LOCAL;
    };
  const findHolder = createHolders<Principal>(known);
  return (request, scope) => {
    const bearer = bearerOf(request.headers.authorization);
    const principal = bearer === undefined ? browserOf(request, findHolder) : findHolder(bearer);
    if (principal === undefined) throw unauthorized(request);
    // A browser sends the credentials with every request that any page makes it send here.
    if (bearer === undefined) rejectPages(request, allowedHosts);
    if (!principal.scopes.has(scope))
      throw new Refusal(403, 'forbidden', `The token ${principal.actor} may not do that: it lacks the scope ${scope}.`);
    return principal;
  };
}

/**
 * The principal of a login with a token's name and the token, for reading only: browsers send these
 * by themselves, so no page may change anything with them.
 */
function browserOf({ method, headers }: RequestHead, findHolder: FindHolder<Principal>): Principal | undefined {
  const given = method === 'GET' ? basicOf(headers.authorization) : undefined;
  const found = given === undefined ? undefined : findHolder(given.password);
  return found?.actor === given?.user && found !== undefined
    ? { actor: found.actor, scopes: new Set<Scope>(['read']) }
    : undefined;
}

/**
 * Makes a browser ask for name and token. The challenges are headers of their own, because not
 * every browser reads two in one.
 */
function unauthorized(request: RequestHead): Refusal {
  return new Refusal(401, 'unauthorized', 'Send Authorization: Bearer with one of the tokens of console.http.tokens.', {
    headers: { 'www-authenticate': isForPerson(request) ? [BEARER, BASIC] : BEARER },
  });
}

/**
 * Browsers send Fetch Metadata only to TLS or loopback addresses; elsewhere the Accept header shows
 * a navigation.
 */
function isForPerson(request: RequestHead): boolean {
  const { method, headers } = request;
  const mode = headers['sec-fetch-mode'];
  return mode === undefined
    ? method === 'GET' && headers.accept?.includes('text/html') === true
    : isNavigation(request);
}

/** A followed link: the page it was on cannot read the answer. */
function isNavigation({ method, headers }: RequestHead): boolean {
  return method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

/** A page of another origin could make the browser send the request; plain links are allowed. */
function rejectPages(request: RequestHead, allowedHosts: readonly string[]): void {
  if (isNavigation(request)) return;
  const message =
    'The request comes from a page of another site; only with a token as bearer, or as a link that is followed, is it served.';
  rejectCrossSite(request.headers, allowedHosts, message);
}
