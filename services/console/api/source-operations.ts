// The operation that lists sources.
import type { Reader } from '../read/reader.ts';
import { sourcePage, sourceQuery } from '../read/sources.ts';
import type { Api } from './application.ts';
import { operation } from './operation.ts';
import { problem } from './shapes.ts';

const listSources = operation({
  method: 'get',
  path: '/api/v1/sources',
  operationId: 'listSources',
  summary: 'Lists who sends what, with the state of each source',
  scope: 'read',
  query: sourceQuery,
  answers: { 200: sourcePage, 400: problem },
});

/** Adds it. */
export function addSourceOperations(api: Api, { reader }: { readonly reader: Pick<Reader, 'sources'> }): void {
  api.openapi(listSources, async (c) => c.json(await reader.sources(c.req.valid('query'), c.env.signal)));
}
