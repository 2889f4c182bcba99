// Routes by method and path, and the document that is made of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allRoutes, type RouteParts } from '../../../../services/console/api/all-routes.ts';
import { openApiDocument } from '../../../../services/console/api/openapi.ts';
import { Problem } from '../../../../services/console/api/problem.ts';
import { findRoute } from '../../../../services/console/api/route.ts';

const routes = allRoutes({} as RouteParts);

test('a path finds its route and its variables', () => {
  const { route, params } = findRoute(routes, 'POST', '/api/v1/incidents/a%2Fb/snooze');
  assert.deepEqual([route.name, params], ['snoozeIncident', { id: 'a/b' }]);
  assert.equal(findRoute(routes, 'POST', '/api/v1/incidents/bulk').route.name, 'bulkIncidents');
  const statusOf = (method: string, path: string): number | undefined => {
    try {
      findRoute(routes, method, path);
    } catch (error) {
      if (error instanceof Problem) return error.status;
    }
    return undefined;
  };
  assert.equal(statusOf('GET', '/api/v1/incidents/'), 404);
  assert.equal(statusOf('GET', '/api/v1/incidents/a/b/c'), 404);
  assert.equal(statusOf('GET', `/api/v1/incidents/${'a'.repeat(201)}`), 404);
  assert.equal(statusOf('PUT', '/api/v1/incidents/a'), 405);
  assert.equal(statusOf('GET', '/api/v1/incidents/%'), 400);
});

test('every route has a name of its own, and every reference in the document leads somewhere', () => {
  assert.equal(new Set(routes.map(({ name }) => name)).size, routes.length);
  const document = openApiDocument(routes) as {
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(?<name>[^"]+)"/gu);
  const names = new Set([...references].map((found) => found.groups?.['name'] ?? ''));
  assert.deepEqual([...names].toSorted(), Object.keys(document.components.schemas).toSorted());
  assert.ok(!JSON.stringify(document).includes('$defs'));
});

test('every change takes the scope to operate', () => {
  for (const { method, name, scope } of routes)
    assert.equal(
      scope,
      method !== 'GET' && name !== 'slackInteractions'
        ? 'operate'
        : ['openapi', 'slackInteractions'].includes(name)
          ? 'none'
          : 'read',
      name,
    );
});
