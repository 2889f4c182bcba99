// The console in a browser: one HTML for all addresses of pages, and the files that it loads.
import type { Context } from 'hono';
import { Refusal } from '../../../shared/http/refusal.ts';
import { type Api, type ApiEnv, problemAnswer, unknownPath } from '../api/application.ts';
import type { BuiltPages } from './built-pages.ts';

/** The addresses of pages, as the router in `web/routes.ts` knows them. */
const PAGE_PATHS = [
  '/',
  '/login',
  '/incidents',
  '/incidents/:id',
  '/g/:id',
  '/hosts/:name',
  '/silences',
  '/silences/new',
  '/deliveries',
  '/catalogue',
  '/catalogue/:entry',
  '/sources',
  '/handover',
] as const;

/**
 * Nothing but what this console itself serves is loaded, run or asked, and no other page frames it.
 * https://www.w3.org/TR/CSP3/
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

const ASSET_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'accept-encoding',
} as const;

/**
 * Adds the pages; call it after the operations. They take no token: they hold nothing but
 * themselves, and what they show they ask the API for. Without `pages` their addresses answer 503.
 */
export function addPages(api: Api, pages: BuiltPages | undefined): void {
  const page = (c: Context<ApiEnv>, status: 200 | 404 = 200): Response => {
    c.set('operationId', 'page');
    if (pages === undefined)
      throw new Refusal(503, 'no_pages', 'The pages are not built; npm run build makes them. The API is at /api/v1.');
    return c.body(pages.html, status, PAGE_HEADERS);
  };
  for (const path of PAGE_PATHS) api.get(path, (c) => page(c));
  api.get('/assets/:name', (c) => {
    c.set('operationId', 'asset');
    const asset = pages?.assets.get(c.req.param('name'));
    if (asset === undefined) return problemAnswer(c, unknownPath(c.req.path));
    const takesGzip = /\bgzip\b/iu.test(c.req.header('accept-encoding') ?? '');
    const headers = { ...ASSET_HEADERS, 'content-type': asset.type };
    return takesGzip
      ? c.body(asset.gzip, 200, { ...headers, 'content-encoding': 'gzip' })
      : c.body(asset.plain, 200, headers);
  });
  // A person who follows a wrong link sees a page that says so.
  api.notFound((c) => {
    const isForPerson = c.req.method === 'GET' && c.req.header('accept')?.includes('text/html') === true;
    const isPage = isForPerson && pages !== undefined && !c.req.path.startsWith('/api/');
    return isPage ? page(c, 404) : problemAnswer(c, unknownPath(c.req.path));
  });
}
