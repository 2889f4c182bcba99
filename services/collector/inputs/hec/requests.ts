// What a request of HEC asks for: its path, its data channel, and the ids in a question about
// acknowledgements. Pure.
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { pathOf } from '../http/admit.ts';

/** What a path is for. */
export type Endpoint = 'event' | 'raw' | 'ack' | 'health';

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/services/collector': 'event',
  '/services/collector/event': 'event',
  '/services/collector/raw': 'raw',
  '/services/collector/ack': 'ack',
  '/services/collector/health': 'health',
};

/** The endpoint of a request; a path may end with the version 1.0. Throws Refusal (404, 405). */
export function endpointOf({ url = '', method }: IncomingMessage): Endpoint {
  const path = pathOf(url).replace(/\/1\.0$/u, '');
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (endpoint === undefined)
    throw new Refusal(
      404,
      'not_found',
      `There is no ${path.slice(0, 100)} here; send events to /services/collector/event or /services/collector/raw.`,
    );
  const expected = endpoint === 'health' ? 'GET' : 'POST';
  if (method === expected) return endpoint;
  throw new Refusal(405, 'method_not_allowed', `${path} takes ${expected}.`, { headers: { allow: expected } });
}

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;

/**
 * The data channel of a request, which a header or the query names; undefined where neither does.
 * Throws Refusal (400) for one that is no GUID.
 */
export function channelOf({ headers, url = '' }: IncomingMessage): string | undefined {
  const header = headers['x-splunk-request-channel'];
  const query = url.includes('?') ? new URLSearchParams(url.slice(url.indexOf('?'))).get('channel') : undefined;
  const channel = typeof header === 'string' ? header : (query ?? undefined);
  if (channel === undefined || GUID.test(channel)) return channel?.toLowerCase();
  throw new Refusal(
    400,
    'invalid_channel',
    'The data channel is a GUID: eight, four, four, four and twelve hex digits.',
  );
}

/** The ids in the body of a question. Throws Refusal (400). */
export function idsOf(body: Buffer, maxIds: number): readonly number[] {
  const acks = acksOf(body);
  if (!Array.isArray(acks) || acks.length > maxIds || !acks.every((id) => Number.isSafeInteger(id) && id >= 0))
    throw new Refusal(400, 'invalid_data', `The body is {"acks":[…]} with at most ${maxIds} ids, e.g. {"acks":[0,1]}.`);
  return acks as readonly number[];
}

function acksOf(body: Buffer): unknown {
  try {
    return (JSON.parse(body.toString('utf8')) as { readonly acks?: unknown } | null)?.acks;
  } catch {
    // The caller says what a body looks like.
    return undefined;
  }
}
