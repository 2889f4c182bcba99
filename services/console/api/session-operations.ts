// The operations on the session of a browser: log in, who am I, log out.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { setCookie } from 'hono/cookie';
import { ACTOR, SCOPES } from '../config.ts';
import type { Api, ApiEnv } from './application.ts';
import type { Principal } from './authenticate.ts';
import { headOf, operation } from './operation.ts';
import { problem } from './shapes.ts';
import { SESSION_COOKIE } from './session-cookie.ts';

/** Who asks. */
export const sessionView = z
  .object({
    name: z.string().optional().meta({ description: 'The actor of changes; missing while nobody is logged in.' }),
    rights: z.array(z.enum(SCOPES)),
    by: z
      .enum(['token', 'login window', 'session', 'proxy', 'machine'])
      .optional()
      .meta({ description: 'What showed who it is; machine: there is nothing to log in with.' }),
    logIn: z.enum(['token', 'name', 'proxy']).meta({
      description: 'How to log in: with name and token, with a name alone (no tokens), or at the reverse proxy.',
    }),
    ends: z.iso.datetime().optional().meta({ description: 'When the session ends, UTC.' }),
  })
  .openapi('Session');

const showSession = operation({
  method: 'get',
  path: '/api/v1/session',
  operationId: 'showSession',
  summary: 'Shows who asks and what they may do; nobody is no error',
  scope: 'none',
  answers: { 200: sessionView, 403: problem },
});

const logIn = operation({
  method: 'post',
  path: '/api/v1/session',
  operationId: 'logIn',
  summary: 'Logs a browser in: answers with the cookie of a session. Needs the header X-Foghorn-Page',
  scope: 'none',
  body: z.strictObject({
    name: z.string().trim().regex(ACTOR).meta({ description: 'The name of the token; without tokens any name.' }),
    token: z.string().max(1000).default('').meta({ description: 'The token; without tokens nothing.' }),
  }),
  answers: { 200: sessionView, 400: problem, 401: problem, 403: problem },
});

const logOut = operation({
  method: 'delete',
  path: '/api/v1/session',
  operationId: 'logOut',
  summary: 'Logs a browser out: removes the cookie. Needs the header X-Foghorn-Page',
  scope: 'none',
  answers: { 200: z.object({}), 403: problem },
});

/** Adds the operations. */
export function addSessionOperations(api: Api): void {
  api.openapi(showSession, (c) => c.json(viewOf(c, c.var.guard.identify(headOf(c)))));
  api.openapi(logIn, (c) => {
    const { principal, cookie } = c.var.guard.logIn(headOf(c), c.req.valid('json'));
    const { endsAtMs = 0 } = principal;
    set(c, cookie, new Date(endsAtMs));
    return c.json(viewOf(c, principal));
  });
  api.openapi(logOut, (c) => {
    c.var.guard.checkPage(headOf(c));
    set(c, '', new Date(0));
    return c.json({});
  });
}

function set(c: Context<ApiEnv>, value: string, expires: Date): void {
  // Behind a proxy that has the certificate only the browser says that it came by TLS.
  const secure = [c.req.url, c.req.header('origin')].some((address) => address?.startsWith('https://') === true);
  setCookie(c, SESSION_COOKIE, value, { httpOnly: true, sameSite: 'Strict', path: '/', secure, expires });
}

function viewOf(c: Context<ApiEnv>, principal: Principal | undefined): z.output<typeof sessionView> {
  const { logInKind } = c.var.guard;
  if (principal === undefined) return { rights: [], logIn: logInKind };
  const { actor, scopes, by, endsAtMs } = principal;
  const ends = endsAtMs === undefined ? {} : { ends: new Date(endsAtMs).toISOString() };
  return { name: actor, rights: SCOPES.filter((scope) => scopes.has(scope)), by, logIn: logInKind, ...ends };
}
