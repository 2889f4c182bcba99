// Sessions of browsers: who may begin one, what it may do, what ends it, and that no page of
// another site uses it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSessionOperations } from '../../../../services/console/api/session-operations.ts';
import { createGuard, type Guard, type RequestHead } from '../../../../services/console/api/authenticate.ts';
import { consoleSchema } from '../../../../services/console/config.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { apiParts, apiWith, ask } from '../../../support/console-api.ts';

const TOKENS = {
  viewer: { token: 'viewer-viewer-viewer' },
  kim: { token: 'kim-kim-kim-kim-kim', scopes: ['operate'] },
};
const KIM = { name: 'kim', token: 'kim-kim-kim-kim-kim' };
const PAGE = { host: 'localhost:3090', 'x-foghorn-page': '1' };
const HOUR_MS = 3_600_000;

let nowMs = Date.UTC(2026, 2, 1);
const now = (): number => nowMs;
const guardOf = (own: Readonly<Record<string, unknown>>): Guard =>
  createGuard(consoleSchema.parse({ console: { http: own } }).console.http, now);

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return `${error.status} ${error.code}`;
    throw error;
  }
  return 'served';
}

function cookieOf(guard: Guard, login = KIM): string {
  return `other=1; foghorn_session=${guard.logIn({ method: 'POST', headers: PAGE }, login).cookie}`;
}

test('a session is its token: same name, same scopes, on every console that has the token', () => {
  const guard = guardOf({ tokens: TOKENS });
  const cookie = cookieOf(guard);
  const other = guardOf({ tokens: TOKENS, port: 3091 });
  for (const one of [guard, other]) {
    const { actor, by } = one.authenticate({ method: 'POST', headers: { ...PAGE, cookie } }, 'operate');
    assert.deepEqual([actor, by], ['kim', 'session']);
  }
  const viewer = cookieOf(guard, { name: 'viewer', token: 'viewer-viewer-viewer' });
  const request = { method: 'POST', headers: { ...PAGE, cookie: viewer } };
  assert.equal(guard.authenticate(request, 'read').actor, 'viewer');
  assert.equal(
    refusalOf(() => guard.authenticate(request, 'operate')),
    '403 forbidden',
  );
});

test('name and token have to belong together', () => {
  const guard = guardOf({ tokens: TOKENS });
  for (const login of [
    { ...KIM, name: 'viewer' },
    { ...KIM, token: 'kim-kim-kim-kim-kin' },
    { ...KIM, token: '' },
    { name: 'constructor', token: '' },
  ])
    assert.equal(
      refusalOf(() => cookieOf(guard, login)),
      '401 wrong_login',
      JSON.stringify(login),
    );
});

test('a session ends with its time, and with its token', () => {
  const guard = guardOf({ tokens: TOKENS, sessionHours: 2 });
  const headers = { ...PAGE, cookie: cookieOf(guard) };
  const isServed = (by: Guard): boolean => by.identify({ method: 'GET', headers }) !== undefined;
  assert.equal(isServed(guard), true);
  const { viewer } = TOKENS;
  assert.equal(isServed(guardOf({ tokens: { viewer } })), false, 'the token was removed');
  const changed = { viewer, kim: { ...TOKENS.kim, token: 'another-token-of-kim' } };
  assert.equal(isServed(guardOf({ tokens: changed })), false, 'the token was changed');
  const lowered = guardOf({ tokens: { kim: { token: TOKENS.kim.token } } });
  assert.equal(
    refusalOf(() => lowered.authenticate({ method: 'POST', headers }, 'operate')),
    '403 forbidden',
    'the scope was taken away',
  );
  nowMs += 2 * HOUR_MS - 1;
  assert.equal(isServed(guard), true);
  nowMs += 1;
  assert.equal(isServed(guard), false);
});

test('no cookie but one that a console signed is a session', () => {
  const guard = guardOf({ tokens: TOKENS });
  const value = cookieOf(guard).split('foghorn_session=')[1] ?? '';
  const [payload = '', signature = ''] = value.split('.');
  const longer = Buffer.from(JSON.stringify(['kim', nowMs + 9000 * HOUR_MS])).toString('base64url');
  const asViewer = Buffer.from(JSON.stringify(['viewer', nowMs + HOUR_MS])).toString('base64url');
  for (const forged of [
    '',
    '.',
    payload,
    `${payload}.`,
    `${payload}.${signature.slice(0, -2)}`,
    `${longer}.${signature}`,
    `${asViewer}.${signature}`,
    `${Buffer.from('["__proto__",9e15]').toString('base64url')}.${signature}`,
    `${Buffer.from('{}').toString('base64url')}.${signature}`,
    '%',
  ])
    assert.equal(
      guard.identify({ method: 'GET', headers: { ...PAGE, cookie: `foghorn_session=${forged}` } }),
      undefined,
      forged,
    );
});

test('no page of another site changes anything by a session, nor reads, nor logs anybody in or out', () => {
  const guard = guardOf({ tokens: TOKENS });
  const cookie = cookieOf(guard);
  const { 'x-foghorn-page': _, ...plain } = PAGE;
  const foreign: readonly RequestHead['headers'][] = [
    { ...PAGE, origin: 'https://evil.example' },
    { ...PAGE, origin: 'null' },
    // Another port of the same machine is the same site to a cookie.
    { ...PAGE, origin: 'http://localhost:8080' },
    { ...PAGE, 'sec-fetch-site': 'same-site' },
    { ...PAGE, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  ];
  for (const headers of foreign) {
    const request = { method: 'POST', headers: { ...headers, cookie } };
    assert.equal(
      refusalOf(() => guard.authenticate(request, 'operate')),
      '403 foreign_origin',
    );
    assert.equal(
      refusalOf(() => guard.identify({ ...request, method: 'GET' })),
      '403 foreign_origin',
    );
    assert.equal(
      refusalOf(() => guard.logIn(request, KIM)),
      '403 foreign_origin',
    );
    assert.equal(
      refusalOf(() => guard.checkPage({ ...request, method: 'DELETE' })),
      '403 foreign_origin',
    );
  }
  // What a form of an old browser sends, which names no origin.
  const form = { method: 'POST', headers: { ...plain, cookie } };
  assert.equal(
    refusalOf(() => guard.authenticate(form, 'operate')),
    '403 no_page_header',
  );
  assert.equal(
    refusalOf(() => guard.logIn(form, KIM)),
    '403 no_page_header',
  );
  const own = { ...PAGE, cookie, origin: 'http://localhost:3090', 'sec-fetch-site': 'same-origin' };
  assert.equal(guard.authenticate({ method: 'DELETE', headers: own }, 'operate').actor, 'kim');
  assert.equal(guard.authenticate({ method: 'GET', headers: { ...plain, cookie } }, 'read').actor, 'kim');
});

test('without tokens nobody has to log in, and whoever says a name acts by it', () => {
  const guard = guardOf({});
  assert.equal(guard.authenticate({ method: 'POST', headers: { host: 'localhost' } }, 'operate').actor, 'local');
  const cookie = cookieOf(guard, { name: 'kim', token: '' });
  const headers = { ...PAGE, cookie };
  assert.equal(guard.authenticate({ method: 'POST', headers }, 'operate').actor, 'kim');
  const rebound = { method: 'POST', headers: { ...headers, host: 'evil.example' } };
  assert.equal(
    refusalOf(() => guard.authenticate(rebound, 'operate')),
    '403 foreign_host',
  );
  assert.equal(
    refusalOf(() => guard.logIn(rebound, KIM)),
    '403 foreign_host',
  );
  // The same cookie opens nothing once there are tokens.
  assert.equal(guardOf({ tokens: TOKENS }).identify({ method: 'GET', headers }), undefined);
});

test('a user that a proxy names counts only from the address of the proxy', () => {
  const proxy = { addresses: ['10.0.0.7/32'], userHeader: 'X-Remote-User', scopes: ['read'] };
  const named = { host: '10.0.0.1:3090', 'x-remote-user': 'lee', 'x-foghorn-page': '1' };
  const from = (address: string, headers: RequestHead['headers'] = named): RequestHead => ({
    method: 'POST',
    headers,
    address,
  });
  for (const guard of [guardOf({ proxy }), guardOf({ proxy, tokens: TOKENS })]) {
    assert.equal(guard.authenticate(from('::ffff:10.0.0.7'), 'read').actor, 'lee');
    assert.equal(
      refusalOf(() => guard.authenticate(from('10.0.0.7'), 'operate')),
      '403 forbidden',
    );
    assert.equal(
      refusalOf(() => guard.authenticate(from('10.0.0.8'), 'read')),
      '401 unauthorized',
    );
    for (const user of ['lee, kim', 'le e', '', 'a'.repeat(101)])
      assert.equal(
        refusalOf(() => guard.authenticate(from('10.0.0.7', { ...named, 'x-remote-user': user }), 'read')),
        '401 unauthorized',
        user,
      );
    const { 'x-foghorn-page': _, ...plain } = named;
    assert.equal(
      refusalOf(() => guard.authenticate(from('10.0.0.7', plain), 'read')),
      '403 no_page_header',
    );
    // A page that leads a name of its own to the proxy's machine could add the header itself.
    const rebound = from('10.0.0.7', { ...named, host: 'evil.example' });
    assert.equal(
      refusalOf(() => guard.authenticate(rebound, 'read')),
      '403 foreign_host',
    );
  }
  const both = guardOf({ proxy, tokens: TOKENS });
  const kim = from('10.0.0.7', { ...named, 'x-remote-user': 'kim' });
  assert.equal(both.authenticate(kim, 'operate').actor, 'kim', 'who has a token of the name may do what it may');
  assert.equal(
    refusalOf(() => guardOf({}).authenticate(from('10.0.0.7', { ...named, host: 'a' }), 'read')),
    '403 foreign_host',
  );
  assert.equal(guardOf({}).authenticate(from('10.0.0.7'), 'read').actor, 'local', 'nobody named a proxy');
});

test('the cookie is for the server alone, for the same site alone, and for TLS where the browser came by TLS', async () => {
  const api = apiWith(addSessionOperations, apiParts({ tokens: TOKENS, allowedHosts: ['foghorn.example.org'] }));
  const logIn = async (own: Record<string, string>, body: unknown = KIM): Promise<Response> =>
    await ask(api, '/api/v1/session', {
      method: 'POST',
      headers: { ...PAGE, 'content-type': 'application/json', ...own },
      body: JSON.stringify(body),
    });
  const plain = await logIn({});
  assert.equal(plain.status, 200);
  const cookie = plain.headers.get('set-cookie') ?? '';
  assert.match(cookie, /^foghorn_session=[\w.-]+; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Strict$/u);
  const answer = (await plain.json()) as Readonly<Record<string, unknown>>;
  assert.deepEqual([answer['name'], answer['rights'], answer['logIn']], ['kim', ['read', 'operate'], 'token']);
  const behindProxy = await logIn({ origin: 'https://foghorn.example.org' });
  assert.match(behindProxy.headers.get('set-cookie') ?? '', /; Secure/u);
  const session = { ...PAGE, cookie: cookie.split(';')[0] ?? '' };
  const shown = async (headers: Record<string, string>): Promise<unknown> =>
    await (await ask(api, '/api/v1/session', { headers })).json();
  assert.equal(((await shown(session)) as { readonly name: string }).name, 'kim');
  assert.deepEqual(await shown(PAGE), { rights: [], logIn: 'token' });
  const out = await ask(api, '/api/v1/session', { method: 'DELETE', headers: session });
  assert.match(out.headers.get('set-cookie') ?? '', /^foghorn_session=; .*Expires=Thu, 01 Jan 1970/u);
  const wrong = await logIn({}, { ...KIM, token: 'x' });
  assert.deepEqual([wrong.status, wrong.headers.get('set-cookie')], [401, null]);
  assert.equal((await logIn({}, { ...KIM, name: 'k\nm' })).status, 400);
});
