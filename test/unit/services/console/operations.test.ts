// Operations by method and path, and the document that is made of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addOperations, type OperationParts } from '../../../../services/console/api/all-operations.ts';
import type { Api } from '../../../../services/console/api/application.ts';
import { openApiDocument } from '../../../../services/console/api/openapi.ts';
import type { CommandDraft } from '../../../../services/console/change/command-sender.ts';
import { apiParts, apiWith, ask } from '../../../support/console-api.ts';
import { anId } from '../../../support/ids.ts';

const drafts: CommandDraft[] = [];
const sender: OperationParts['sender'] = {
  submit: (draft) => {
    drafts.push(draft);
    return Promise.resolve({ status: 'accepted', commandId: 'c' });
  },
  prepare: () => [],
  send: () => Promise.reject(new Error('nobody asks for many')),
};
const addAll = (own: Api): void => addOperations(own, { sender, now: () => 0 } as unknown as OperationParts);
const api = apiWith(addAll);
const document = openApiDocument(api);
const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
  Object.entries(methods as Readonly<Record<string, Operation>>).map(([method, one]) => ({ path, method, ...one })),
);

interface Operation {
  readonly operationId: string;
  readonly description?: string;
}

const statusOf = async (method: string, path: string): Promise<number> => (await ask(api, path, { method })).status;

test('a path finds its operation and its variables', async () => {
  const silence = 'a%2Fb';
  assert.equal(await statusOf('DELETE', `/api/v1/silences/${silence}`), 202);
  assert.deepEqual(drafts.at(-1), { kind: 'expire_silence', reason: '', silenceId: 'a/b' });
  const headers = { 'content-type': 'application/json' };
  const path = `/api/v1/incidents/${anId('i')}/snooze?wait=0`;
  const body = JSON.stringify({ until: '2026-03-01T22:00:00Z' });
  assert.equal((await ask(api, path, { method: 'POST', headers, body })).status, 202);
  assert.equal(drafts.at(-1)?.kind, 'snooze');
  const bulk = await ask(api, '/api/v1/incidents/bulk', { method: 'POST', headers, body: '{"filter":{}}' });
  assert.match(await bulk.text(), /ask for something/u);
  for (const [status, method, unserved] of [
    [404, 'GET', '/api/v1/incidents/'],
    [404, 'GET', '/api/v1/incidents/a/b/c'],
    [404, 'GET', `/api/v1/incidents/${'a'.repeat(301)}`],
    [405, 'PUT', '/api/v1/incidents/a'],
    [400, 'GET', '/api/v1/incidents/%'],
  ] as const)
    assert.equal(await statusOf(method, unserved), status, unserved);
});

test('no body is an empty object, whatever type it is said to have', async () => {
  const path = `/api/v1/incidents/${anId('i')}/acknowledge`;
  const headers = { 'content-type': 'application/json' };
  for (const init of [{}, { headers }, { headers, body: '' }, { headers, body: '{}' }]) {
    assert.equal((await ask(api, path, { method: 'POST', ...init })).status, 202, JSON.stringify(init));
    assert.deepEqual(drafts.at(-1), { kind: 'acknowledge', incidentId: anId('i'), reason: '' });
  }
});

test('what cannot be used is refused with all that is wrong with it', async () => {
  const path = `/api/v1/incidents/${anId('i')}/note`;
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const detailOf = async (url: string, init: Parameters<typeof ask>[2]): Promise<unknown> => {
    const response = await ask(api, url, init);
    const { code, errors } = (await response.json()) as { readonly code: string; readonly errors?: readonly object[] };
    return [response.status, code, ...(errors ?? []).map((error) => (error as { readonly at: string }).at)];
  };
  const post = { method: 'POST', headers };
  assert.deepEqual(await detailOf(path, { ...post, body: '{' }), [400, 'invalid_json']);
  assert.deepEqual(await detailOf(path, { ...post, body: '{"text":"","episode":0}' }), [
    400,
    'invalid_body',
    'episode',
    'text',
  ]);
  assert.deepEqual(await detailOf(path, { ...post, body: `{"text":"${'x'.repeat(1_100_000)}"}` }), [413, 'too_large']);
  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'text=x' };
  assert.deepEqual(await detailOf(path, form), [415, 'unsupported_media_type']);
  assert.deepEqual(await detailOf(path, { method: 'POST', body: '{"text":"x"}' }), [415, 'unsupported_media_type']);
  const badKey = { ...post, headers: { ...headers, 'idempotency-key': 'a b' }, body: '{"text":"x"}' };
  assert.deepEqual(await detailOf(path, badKey), [400, 'bad_idempotency_key']);
  assert.deepEqual(await detailOf('/api/v1/silences?state=x&colour=red&limit=0', {}), [
    400,
    'invalid_query',
    'state',
    'limit',
    '',
  ]);
});

test('every operation has a name of its own, and every reference in the document leads somewhere', () => {
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(?<name>[^"]+)"/gu);
  const names = new Set([...references].map((found) => found.groups?.['name'] ?? ''));
  assert.deepEqual([...names].toSorted(), Object.keys(document.components?.schemas ?? {}).toSorted());
  assert.ok(!JSON.stringify(document).includes('$defs'));
});

test('every change takes the scope to operate, as the document says', async () => {
  const token = 'viewer-viewer-viewer';
  const guarded = apiWith(addAll, apiParts({ tokens: { viewer: { token } } }));
  assert.ok(operations.length >= 15);
  for (const { path, method, operationId, description } of operations) {
    const isOpen = ['openapi', 'slackInteractions', 'showSession', 'logIn', 'logOut'].includes(operationId);
    const scope = method === 'get' ? 'read' : 'operate';
    assert.equal(description, isOpen ? undefined : `Takes a token with the scope \`${scope}\`.`, operationId);
    const headers = { authorization: `Bearer ${token}`, 'x-foghorn-page': '1' };
    const { status } = await ask(guarded, path.replace('{id}', 'x'), { method: method.toUpperCase(), headers });
    assert.equal(status === 403, !isOpen && scope === 'operate', `${operationId}: ${status}`);
  }
});
