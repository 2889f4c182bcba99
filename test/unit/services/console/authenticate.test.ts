// Who may ask the console.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGuard } from '../../../../services/console/api/authenticate.ts';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { consoleSchema } from '../../../../services/console/config.ts';

const http = (own: Readonly<Record<string, unknown>>) => consoleSchema.parse({ console: { http: own } }).console.http;
const withTokens = createGuard(
  http({
    tokens: {
      viewer: { token: 'viewer-viewer-viewer' },
      kim: { token: 'kim-kim-kim-kim-kim', scopes: ['operate'] },
    },
  }),
).authenticate;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const statusOf = (work: () => unknown): number => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.status;
    throw error;
  }
  return 200;
};

test('a token is its name, and may do what its scopes say', () => {
  assert.equal(withTokens(bearer('kim-kim-kim-kim-kim'), 'operate').actor, 'kim');
  assert.equal(withTokens(bearer('kim-kim-kim-kim-kim'), 'read').actor, 'kim');
  assert.equal(withTokens(bearer('viewer-viewer-viewer'), 'read').actor, 'viewer');
  assert.equal(
    statusOf(() => withTokens(bearer('viewer-viewer-viewer'), 'operate')),
    403,
  );
  assert.equal(
    statusOf(() => withTokens(bearer('viewer-viewer-viewe'), 'read')),
    401,
  );
  assert.equal(
    statusOf(() => withTokens({ headers: {} }, 'read')),
    401,
  );
  assert.equal(
    statusOf(() => withTokens({ headers: { authorization: 'Basic a2lt' } }, 'read')),
    401,
  );
});

test('without tokens this machine may ask, and no page of another site or by another name', () => {
  const open = createGuard(http({})).authenticate;
  assert.equal(open({ headers: { host: '127.0.0.1:3090' } }, 'operate').actor, 'local');
  assert.equal(
    open({ headers: { host: 'localhost:3090', origin: 'http://localhost:3090' } }, 'operate').actor,
    'local',
  );
  assert.equal(open({ headers: { host: '[::1]:3090' } }, 'operate').actor, 'local');
  for (const headers of [
    {},
    { host: 'evil.example:3090' },
    { host: '127.0.0.1.evil.example' },
    { host: 'localhost:3090', origin: 'https://evil.example' },
    { host: 'localhost:3090', origin: 'null' },
    { host: 'localhost:3090', 'sec-fetch-site': 'cross-site' },
  ])
    assert.equal(
      statusOf(() => open({ headers }, 'operate')),
      403,
      JSON.stringify(headers),
    );
});

/** What a browser sends when somebody follows a link on a page of another site. */
const FOLLOWED = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

test('without tokens a link on another page may be followed here, and nothing else of that page gets in', () => {
  const open = createGuard(http({})).authenticate;
  const headers = { host: 'localhost:3090', ...FOLLOWED };
  assert.equal(open({ method: 'GET', headers }, 'read').actor, 'local');
  for (const request of [
    { method: 'POST', headers },
    { method: 'GET', headers: { ...headers, 'sec-fetch-dest': 'iframe' } },
    { method: 'GET', headers: { ...headers, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' } },
    { method: 'GET', headers: { ...headers, host: 'evil.example:3090' } },
  ])
    assert.equal(
      statusOf(() => open(request, 'read')),
      403,
      JSON.stringify(request),
    );
});

const basic = (name: string, token: string) => `Basic ${Buffer.from(`${name}:${token}`).toString('base64')}`;

test('a browser logs in by the name of a token and the token, to look and never to change', () => {
  const headers = { authorization: basic('kim', 'kim-kim-kim-kim-kim') };
  const asker = withTokens({ method: 'GET', headers: { ...headers, ...FOLLOWED } }, 'read');
  assert.deepEqual([asker.actor, [...asker.scopes]], ['kim', ['read']]);
  assert.equal(withTokens({ method: 'GET', headers }, 'read').actor, 'kim');
  for (const [status, request, scope] of [
    [403, { method: 'GET', headers }, 'operate'],
    [401, { method: 'POST', headers }, 'operate'],
    [401, { method: 'DELETE', headers }, 'operate'],
    [401, { method: 'GET', headers: { authorization: basic('viewer', 'kim-kim-kim-kim-kim') } }, 'read'],
    [401, { method: 'GET', headers: { authorization: basic('kim', 'kim-kim-kim-kim-ki') } }, 'read'],
    [401, { method: 'GET', headers: { authorization: basic('kim', '') } }, 'read'],
    [401, { method: 'GET', headers: { authorization: 'Basic a2lt' } }, 'read'],
    // The browser would add name and token to what a page of another site loads from here.
    [403, { method: 'GET', headers: { ...headers, ...FOLLOWED, 'sec-fetch-dest': 'image' } }, 'read'],
    [403, { method: 'GET', headers: { ...headers, origin: 'https://evil.example' } }, 'read'],
  ] as const)
    assert.equal(
      statusOf(() => withTokens(request, scope)),
      status,
      JSON.stringify(request),
    );
});

test('whoever guards the door from outside, a page still reaches it by no name of its own [security M13]', () => {
  const open = createGuard(
    http({ host: '0.0.0.0', allowInsecure: true, allowedHosts: ['console.example.org'] }),
  ).authenticate;
  const origin = 'http://evil.example:3090';
  for (const headers of [
    { host: 'evil.example:3090' },
    { host: 'evil.example:3090', origin },
    { host: '127.0.0.1', origin },
  ])
    assert.equal(
      statusOf(() => open({ headers }, 'operate')),
      403,
    );
  for (const host of ['console.example.org', 'CONSOLE.example.org:443', '192.0.2.7:3090', 'localhost:3090'])
    assert.equal(open({ headers: { host } }, 'operate').actor, 'local');
  const proxied = { host: '127.0.0.1:3090', origin: 'https://console.example.org' };
  assert.equal(open({ headers: proxied }, 'operate').actor, 'local');
});
