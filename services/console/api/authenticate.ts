// Who asks: a token as bearer (RFC 6750 section 2.1); for reading only, a browser's login window
// (RFC 7617); a session's cookie; a user whom a reverse proxy names; anybody on this machine where
// there is nothing to log in with.
import type { IncomingMessage } from 'node:http';
import { allowedBy } from '../../../shared/http/connections.ts';
import { rejectCrossSite, rejectForeignHost } from '../../../shared/http/cross-site.ts';
import { plainAddress } from '../../../shared/http/network-of.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import { basicOf, bearerOf, createHolders } from '../../../shared/http/tokens.ts';
import { ACTOR, type ConsoleHttpConfig, type Scope } from '../config.ts';
import { createSessionCookies, type Session, sessionValueIn } from './session-cookie.ts';

/** The authenticated caller and its scopes. */
export interface Principal {
  readonly actor: string;
  readonly scopes: ReadonlySet<Scope>;
  /** What showed who it is. */
  readonly by: 'token' | 'login window' | 'session' | 'proxy' | 'machine';
  /** When the session ends, epoch milliseconds. */
  readonly endsAtMs?: number;
}

/** The part of a request that authenticates it; `address` is where it comes from. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'headers'> & { readonly address?: string };

/** How a person logs in: with a name and a token, with a name alone, or at the reverse proxy. */
export type LogInKind = 'token' | 'name' | 'proxy';

/** Lets in. */
export interface Guard {
  readonly logInKind: LogInKind;
  /** The principal of a request, checked for `scope`. Throws Refusal 401 or 403. */
  authenticate(request: RequestHead, scope: Scope): Principal;
  /** The principal of a request; undefined for nobody. Throws Refusal 403 for a foreign page. */
  identify(request: RequestHead): Principal | undefined;
  /** Throws Refusal 403 for a change that no page of the console itself asks for. */
  checkPage(request: RequestHead): void;
  /**
   * Begins a session. Throws Refusal 401 for a name and a token that are not together, and 403 for
   * a foreign page.
   */
  logIn(request: RequestHead, login: LogIn): { readonly principal: Principal; readonly cookie: string };
}

/** What a person logs in with. */
export interface LogIn {
  readonly name: string;
  readonly token: string;
}

/** The principal where there is nothing to log in with. */
const LOCAL_ACTOR = 'local';

/**
 * A browser adds cookies and a proxy's user to whatever a page makes it send. This header it adds
 * only for a page of the same origin: for another it would ask the console first, which never
 * allows it.
 */
export const PAGE_HEADER = 'x-foghorn-page';

const ALL_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['read', 'operate']);
const BEARER = 'Bearer realm="foghorn"';
const BASIC = 'Basic realm="Foghorn"';
const HOUR_MS = 3_600_000;

/** By the settings; `now` gives epoch milliseconds. */
export function createGuard(settings: ConsoleHttpConfig, now: () => number = Date.now): Guard {
  const { host, allowedHosts } = settings;
  const logInKind = logInKindOf(settings);
  const { find, begin } = createPrincipals(settings, logInKind, now);
  const rejectOtherHost = ({ headers }: RequestHead): void =>
    rejectForeignHost(headers, { host, allowedHosts }, 'console.http');
  const identify = (request: RequestHead): Principal | undefined => {
    const principal = find(request);
    // Both are trusted because of where they come from, and a page could come by a name of its own.
    if (logInKind === 'name' || principal?.by === 'proxy') rejectOtherHost(request);
    // A browser sends the credentials with every request that any page makes it send here.
    if (principal?.by !== 'token') rejectPages(request, allowedHosts);
    return principal;
  };
  const checkPage = (request: RequestHead): void => {
    if (logInKind === 'name') rejectOtherHost(request);
    rejectPages(request, allowedHosts);
    demandPageHeader(request);
  };
  return {
    logInKind,
    identify,
    authenticate: (request, scope) => {
      const principal = identify(request);
      if (principal === undefined) throw unauthorized(request);
      if (principal.by === 'session' || principal.by === 'proxy') demandPageHeader(request);
      if (!principal.scopes.has(scope)) throw forbidden(principal, scope);
      return principal;
    },
    checkPage,
    logIn: (request, login) => {
      checkPage(request);
      return begin(login);
    },
  };
}

/** Finds who asks. */
interface Principals {
  find(request: RequestHead): Principal | undefined;
  /** Begins a session. Throws Refusal 401. */
  begin(login: LogIn): ReturnType<Guard['logIn']>;
}

function createPrincipals(settings: ConsoleHttpConfig, logInKind: LogInKind, now: () => number): Principals {
  const { tokens, sessionHours } = settings;
  const scopesOf = (actor: string): ReadonlySet<Scope> | undefined =>
    Object.hasOwn(tokens, actor) ? new Set<Scope>([...(tokens[actor]?.scopes ?? []), 'read']) : undefined;
  const findHolder = createHolders<string>(Object.entries(tokens).map(([holder, { token }]) => ({ token, holder })));
  // Where nothing is secret, a name is what somebody on this machine says of himself.
  const cookies = createSessionCookies((actor) => {
    if (logInKind === 'name') return '';
    return Object.hasOwn(tokens, actor) ? tokens[actor]?.token : undefined;
  });
  const byToken = (token: string, by: Principal['by']): Principal | undefined => {
    const actor = findHolder(token);
    return actor === undefined ? undefined : { actor, scopes: scopesOf(actor) ?? new Set(), by };
  };
  const bySession = (session: Session): Principal => ({
    ...session,
    scopes: scopesOf(session.actor) ?? ALL_SCOPES,
    by: 'session',
  });
  const byProxy = createProxyReader(settings, scopesOf);
  return {
    find: (request) => {
      const { authorization, cookie } = request.headers;
      const session = cookies.read(sessionValueIn(cookie) ?? '', now());
      const known = session === undefined ? undefined : bySession(session);
      if (logInKind === 'name') return known ?? { actor: LOCAL_ACTOR, scopes: ALL_SCOPES, by: 'machine' };
      const bearer = bearerOf(authorization);
      if (bearer !== undefined) return byToken(bearer, 'token');
      return byLoginWindow(request, byToken) ?? known ?? byProxy(request);
    },
    begin: ({ name, token }) => {
      if (logInKind !== 'name' && findHolder(token) !== name) throw wrongLogIn(logInKind);
      const session = { actor: name, endsAtMs: now() + sessionHours * HOUR_MS };
      return { principal: bySession(session), cookie: cookies.valueOf(session) };
    },
  };
}

function logInKindOf({ tokens, proxy }: ConsoleHttpConfig): LogInKind {
  if (Object.keys(tokens).length > 0) return 'token';
  return proxy.addresses.length > 0 ? 'proxy' : 'name';
}

/** The user whom the proxy names, where the request comes from the proxy's address. */
function createProxyReader(
  { proxy }: ConsoleHttpConfig,
  scopesOf: (actor: string) => ReadonlySet<Scope> | undefined,
): (request: RequestHead) => Principal | undefined {
  if (proxy.addresses.length === 0) return () => undefined;
  const isProxy = allowedBy(proxy.addresses);
  const header = proxy.userHeader.toLowerCase();
  const scopes = new Set<Scope>([...proxy.scopes, 'read']);
  return ({ headers, address = '' }) => {
    const user = headers[header];
    // A header that came twice is joined by commas, and one of the two is not the proxy's.
    if (typeof user !== 'string' || !ACTOR.test(user) || !isProxy(plainAddress(address))) return undefined;
    return { actor: user, scopes: scopesOf(user) ?? scopes, by: 'proxy' };
  };
}

/**
 * The principal of a login with a token's name and the token, for reading only: browsers send these
 * by themselves, so no page may change anything with them.
 */
function byLoginWindow(
  { method, headers }: RequestHead,
  byToken: (token: string, by: Principal['by']) => Principal | undefined,
): Principal | undefined {
  const given = method === 'GET' ? basicOf(headers.authorization) : undefined;
  const found = given === undefined ? undefined : byToken(given.password, 'login window');
  return found?.actor === given?.user && found !== undefined
    ? { ...found, scopes: new Set<Scope>(['read']) }
    : undefined;
}

/**
 * Makes a browser ask for name and token. The challenges are headers of their own, because not
 * every browser reads two in one.
 */
function unauthorized(request: RequestHead): Refusal {
  return new Refusal(
    401,
    'unauthorized',
    'Log in, or send Authorization: Bearer with one of the tokens of console.http.tokens.',
    {
      headers: { 'www-authenticate': isForPerson(request) ? [BEARER, BASIC] : BEARER },
    },
  );
}

/** No challenge: a browser would open its login window over the page that asked. */
function wrongLogIn(kind: LogInKind): Refusal {
  const message =
    kind === 'proxy'
      ? 'Log in at the reverse proxy; the console has no tokens (console.http.tokens).'
      : 'Name and token are not those of one of console.http.tokens.';
  return new Refusal(401, 'wrong_login', message);
}

function forbidden({ actor, by }: Principal, scope: Scope): Refusal {
  const message =
    by === 'login window'
      ? `${actor} may only look by the browser's login window: log in on the console's page, or send the token as bearer.`
      : `${actor} may not do that: it lacks the scope ${scope} (console.http.tokens).`;
  return new Refusal(403, 'forbidden', message);
}

/** Throws Refusal 403 for a change without the header. */
function demandPageHeader({ method, headers }: RequestHead): void {
  if (method === 'GET' || headers[PAGE_HEADER] !== undefined) return;
  throw new Refusal(
    403,
    'no_page_header',
    'A change by a session or through the proxy needs the header X-Foghorn-Page: 1, which no page of another site can send.',
  );
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
