// The routes without anything behind them, for the documentation.
import { allRoutes, type RouteParts } from './all-routes.ts';
import { openApiDocument } from './openapi.ts';
import { apiMarkdown } from './page.ts';

/** `docs/openapi.json`. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(documentedRoutes()), null, 2)}\n`;
}

/** `docs/api.md`. */
export function apiPage(): string {
  return apiMarkdown(documentedRoutes());
}

/** Their handlers are never called, so that they need nothing to work with. */
function documentedRoutes() {
  return allRoutes({} as RouteParts);
}
