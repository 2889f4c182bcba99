// The operations without handlers' dependencies, for the documentation.
import { OpenAPIHono } from '@hono/zod-openapi';
import { addOperations, type OperationParts } from './all-operations.ts';
import type { ApiEnv } from './application.ts';
import { openApiDocument, type OpenApiDocument } from './openapi.ts';
import { apiMarkdown } from './page.ts';

/** `docs/openapi.json`. */
export function openApiText(): string {
  return `${JSON.stringify(documented(), null, 2)}\n`;
}

/** `docs/api.md`. */
export function apiPage(): string {
  return apiMarkdown(documented());
}

/** The handlers are never called, so they need no dependencies. */
function documented(): OpenApiDocument {
  const api = new OpenAPIHono<ApiEnv>();
  addOperations(api, {} as OperationParts);
  return openApiDocument(api);
}
