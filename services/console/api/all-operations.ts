// The whole API.
import { z } from '@hono/zod-openapi';
import type { Streams } from '../live/stream.ts';
import type { Api } from './application.ts';
import { addBulkOperations, type BulkParts } from './bulk-operations.ts';
import { addCatalogOperation, type CatalogParts } from './catalog-operations.ts';
import { addContextOperations, type ContextParts } from './context-operations.ts';
import { addDeliveryOperations } from './delivery-operations.ts';
import { addEventOperations } from './event-operations.ts';
import { addGroupOperations } from './group-operations.ts';
import { addIncidentOperations, type IncidentParts } from './incident-operations.ts';
import { openApiDocument } from './openapi.ts';
import { operation } from './operation.ts';
import { addSessionOperations } from './session-operations.ts';
import { addSilenceOperations } from './silence-operations.ts';
import { addSourceOperations } from './source-operations.ts';
import { addSlackOperation, type SlackParts } from './slack-operation.ts';
import { addStreamOperation } from './stream-operation.ts';

/** What the operations use. */
export type OperationParts = IncidentParts &
  ContextParts &
  BulkParts &
  CatalogParts &
  SlackParts & { readonly streams: Streams };

const openapi = operation({
  method: 'get',
  path: '/api/v1/openapi.json',
  operationId: 'openapi',
  summary: 'This document',
  scope: 'none',
  answers: { 200: z.record(z.string(), z.unknown()) },
});

/** Adds every operation; where two match a path, the one with fewer variables comes first. */
export function addOperations(api: Api, parts: OperationParts): void {
  addSessionOperations(api);
  // Before those whose path has a variable where theirs has a word.
  addContextOperations(api, parts);
  addEventOperations(api, parts);
  addBulkOperations(api, parts);
  addIncidentOperations(api, parts);
  addSilenceOperations(api, parts);
  addGroupOperations(api, parts);
  addDeliveryOperations(api, parts);
  addSourceOperations(api, parts);
  addCatalogOperation(api, parts);
  addStreamOperation(api, parts);
  addSlackOperation(api, parts);
  api.openapi(openapi, (c) => c.json(openApiDocument(api)));
}
