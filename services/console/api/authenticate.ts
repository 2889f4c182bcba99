// Who asks: tokens compared in constant time, as bearer (RFC 6750 section 2.1) or, to look only, from a browser's login window (RFC 7617); or anybody on
// this machine where there are none.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isForeignHost, isForeignPage, type KnownHosts } from '../../../shared/runtime/web-pages.ts';
import type { ConsoleHttpConfig, Scope } from '../config.ts';
import { Refusal } from '../../../shared/http/refusal.ts';

/** Who asks and what they may. */
export interface Principal {
  readonly actor: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** What of a request tells who asks. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'headers'>;

/** Gives the principal of a request who may do what `scope` says. Throws Refusal 401 or 403. */
export type Authenticate = (request: RequestHead, scope: Scope) => Principal;

/** Who asks where there are no tokens. */
export const LOCAL_ACTOR = 'local';

const LOCAL: Principal = { actor: LOCAL_ACTOR, scopes: new Set<Scope>(['read', 'operate']) };
const BEARER = 'Bearer realm="foghorn"';
const BASIC = 'Basic realm="Foghorn"';

/** By the settings. A token that may change may look too; one that comes from a browser's login window may look only. */
export function createAuthenticate({ tokens, host, allowedHosts }: ConsoleHttpConfig): Authenticate {
  const known = Object.entries(tokens).map(([actor, { token, scopes }]) => ({
    digest: digestOf(token),
    principal: { actor, scopes: new Set<Scope>([...scopes, 'read']) },
  }));
  if (known.length === 0)
    return (request) => {
      refuseForeignNames(request, { host, allowedHosts });
      refuseForeignPages(request, allowedHosts);
      return LOCAL;
    };
  return (request, scope) => {
    const given = bearerOf(request) ?? basicOf(request);
    const principal = given === undefined ? undefined : principalOf(known, given);
    if (principal === undefined) throw unauthorized(request);
    // A browser shows what it was told once for every page that makes it ask here.
    if (given?.name !== undefined) refuseForeignPages(request, allowedHosts);
    if (!principal.scopes.has(scope))
      throw new Refusal(403, 'forbidden', `The token ${principal.actor} may not do that: it lacks the scope ${scope}.`);
    return principal;
  };
}

interface Known {
  readonly digest: Buffer;
  readonly principal: Principal;
}

/** Every token is looked at, so that the time tells nothing about which one it was. */
function principalOf(known: readonly Known[], { name, token }: Given): Principal | undefined {
  const digest = digestOf(token);
  let found: Principal | undefined;
  for (const { digest: own, principal } of known) if (timingSafeEqual(own, digest)) found = principal;
  if (found === undefined || name === undefined) return found;
  return name === found.actor ? { actor: name, scopes: new Set<Scope>(['read']) } : undefined;
}

/** A token as it was shown; `name` where it came as a password. */
interface Given {
  readonly token: string;
  readonly name?: string;
}

function bearerOf({ headers }: RequestHead): Given | undefined {
  const token = /^Bearer +(?<token>\S+)$/iu.exec(headers.authorization ?? '')?.groups?.['token'];
  return token === undefined ? undefined : { token };
}

/** The name of a token as the user and the token as the password (RFC 7617), for looking only: browsers add them by themselves, so no page may change a thing by them. */
function basicOf({ method, headers }: RequestHead): Given | undefined {
  const encoded = /^Basic +(?<encoded>[\w+/=-]+)$/iu.exec(headers.authorization ?? '')?.groups?.['encoded'];
  if (method !== 'GET' || encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), token: text.slice(colon + 1) };
}

/** Asks a person at a browser for name and token. The challenges are headers of their own, because not every browser reads two in one. */
function unauthorized(request: RequestHead): Refusal {
  return new Refusal(401, 'unauthorized', 'Send Authorization: Bearer with one of the tokens of console.http.tokens.', {
    headers: { 'www-authenticate': isForPerson(request) ? [BEARER, BASIC] : BEARER },
  });
}

/** Browsers say what they navigate to only to a TLS or loopback address; elsewhere they are known by what they want to read. */
function isForPerson(request: RequestHead): boolean {
  const { method, headers } = request;
  const mode = headers['sec-fetch-mode'];
  return mode === undefined
    ? method === 'GET' && headers.accept?.includes('text/html') === true
    : isNavigation(request);
}

/** A link that somebody followed, from wherever: the page it stood on does not get to see the answer. */
function isNavigation({ method, headers }: RequestHead): boolean {
  return method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

/** Without tokens a page in a browser could ask by a name of its own that leads here. */
function refuseForeignNames({ headers: { host } }: RequestHead, known: KnownHosts): void {
  if (isForeignHost(host, known))
    throw new Refusal(
      403,
      'foreign_host',
      `The console is asked as ${(host ?? 'nobody').slice(0, 100)}; without tokens it answers by a loopback name, an address or one of console.http.allowedHosts.`,
    );
}

/** A page of another origin could make the browser ask; what it only links to is let through. */
function refuseForeignPages(request: RequestHead, allowedHosts: readonly string[]): void {
  if (isForeignPage(request.headers, allowedHosts) && !isNavigation(request))
    throw new Refusal(
      403,
      'foreign_origin',
      'The request comes from a page of another site; only with a token as bearer, or as a link that is followed, is it served.',
    );
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
