// Who may ask the console.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthenticate, isLoopback } from '../../../../services/console/api/authenticate.ts';
import { Problem } from '../../../../services/console/api/problem.ts';
import { consoleSchema } from '../../../../services/console/config.ts';

const http = (own: Readonly<Record<string, unknown>>) => consoleSchema.parse({ console: { http: own } }).console.http;
const withTokens = createAuthenticate(
  http({
    tokens: {
      viewer: { token: 'viewer-viewer-viewer' },
      kim: { token: 'kim-kim-kim-kim-kim', scopes: ['operate'] },
    },
  }),
);
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const statusOf = (work: () => unknown): number => {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error.status;
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
  const open = createAuthenticate(http({}));
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

test('loopback is known by all its names', () => {
  assert.deepEqual(['localhost', '::1', '127.8.8.8', '0.0.0.0', '10.0.0.1', '::'].map(isLoopback), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
