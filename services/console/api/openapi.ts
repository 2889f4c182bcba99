// The OpenAPI document of an API, made of the schemas that check requests.
// https://spec.openapis.org/oas/v3.1.1.html
import type { Api } from './application.ts';
import { SESSION_COOKIE } from './session-cookie.ts';

/** The document. */
export type OpenApiDocument = ReturnType<Api['getOpenAPI31Document']>;

const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'The cookie of POST /api/v1/session; changes need the header X-Foghorn-Page too.',
  },
  browser: { type: 'http', scheme: 'basic', description: 'The name of a token and the token, to look only.' },
} as const;

/** The document of the operations added so far. */
export function openApiDocument(api: Api): OpenApiDocument {
  const document = api.getOpenAPI31Document({
    openapi: '3.1.1',
    info: {
      title: 'Foghorn',
      version: '1',
      description:
        'Incidents and silences: look, change, follow. Changes are commands: answered 202 once they are safe, and 200 with ?wait= when they were done in that time.',
    },
  });
  return { ...document, components: { ...document.components, securitySchemes: SECURITY_SCHEMES } };
}
