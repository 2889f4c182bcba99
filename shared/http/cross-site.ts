// What a browser lets a page of another site do to a server on this machine or behind it, and how a
// server sees it: by the names it is asked by (DNS rebinding) and by where the asking page is from.
// Sources: RFC 9110 section 7.2 (Host), Fetch standard (Origin goes with every POST), Fetch
// Metadata.
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { Refusal } from './refusal.ts';

/** What a server is known by. */
interface KnownHosts {
  /** The address it listens on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
}

/**
 * Whether a Host header names another than this server. An IP address never does: a page that leads
 * a name of its own here shows that name. None at all does, because browsers always send one.
 */
export function isForeignHost(header: string | undefined, { host, allowedHosts }: KnownHosts): boolean {
  if (allowedHosts.includes('*')) return false;
  const name = nameOf(header ?? '');
  if (name === '') return true;
  if (isIP(name) !== 0 || isLoopback(name)) return false;
  return ![host, ...allowedHosts].some((known) => known.toLowerCase() === name);
}

/**
 * Whether a page of another origin makes the browser ask. Programs that are no browser send none of
 * these headers.
 */
function isForeignPage(headers: IncomingHttpHeaders, allowedHosts: readonly string[]): boolean {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined)
    return origin !== `http://${host}` && origin !== `https://${host}` && !isOf(origin, allowedHosts);
  return site === 'cross-site' || site === 'same-site';
}

/**
 * Throws Refusal 403 for a request by a foreign name: a page could reach a server that takes no
 * token by a name of its own. `section`, e.g. `console.http`, allows more names.
 */
export function rejectForeignHost({ host }: IncomingHttpHeaders, known: KnownHosts, section: string): void {
  if (isForeignHost(host, known))
    throw new Refusal(
      403,
      'foreign_host',
      `The ${section.split('.')[0]} is asked as ${(host ?? 'nobody').slice(0, 100)}; without tokens it answers by a loopback name, an address or one of ${section}.allowedHosts.`,
    );
}

/**
 * Throws Refusal 403 with these words for a request that a page of another origin makes the browser
 * send.
 */
export function rejectCrossSite(headers: IncomingHttpHeaders, allowedHosts: readonly string[], message: string): void {
  if (isForeignPage(headers, allowedHosts)) throw new Refusal(403, 'foreign_origin', message);
}

/**
 * Whether a host name, in small letters, or an address is this machine's own (RFC 6761 section 6.3
 * for names under `localhost`).
 */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** A reverse proxy may ask by another name than the one that the page was opened by. */
function isOf(origin: string, allowedHosts: readonly string[]): boolean {
  const name = /^https?:\/\/(?<host>.+)$/iu.exec(origin)?.groups?.['host'];
  return name !== undefined && allowedHosts.some((known) => known.toLowerCase() === nameOf(name));
}

/** In small letters, without port, brackets and the dot of the root. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/u, '')
    .replace(/^\[(?<inner>.*)\]$/u, '$<inner>')
    .replace(/\.$/u, '');
}
