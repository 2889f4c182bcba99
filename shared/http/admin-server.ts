// The admin port of a service: /healthz (alive), /readyz (dependencies reachable, work assigned),
// /metrics (Prometheus).
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { errorText } from '../runtime/errors.ts';
import { METRICS_CONTENT_TYPE } from '../runtime/metrics.ts';
import { setting, wholeNumber } from '../runtime/settings.ts';
import { isForeignHost, isLoopback } from './cross-site.ts';
import { drain, listen, type ListenAddress } from './listener.ts';

/** The section `admin` of a service; `port` is its default. */
export function adminSettings(port: number) {
  return z
    .strictObject({
      host: setting(z.string().min(1).default('127.0.0.1'), {
        description: 'The address that /healthz, /readyz and /metrics listen on.',
      }),
      port: wholeNumber(
        port,
        { min: 0, max: 65535 },
        { description: 'The port that /healthz, /readyz and /metrics listen on; 0 takes a free one.' },
      ),
    })
    .prefault({});
}

/**
 * What the admin port serves. `metrics` gives Prometheus' text format; `ready` says what is
 * missing, or undefined.
 */
interface AdminSource {
  metrics(): Promise<string>;
  ready(): Promise<string | undefined>;
}

/** Listens; throws ConfigError when the address is taken. */
export async function startAdminServer(
  address: ListenAddress,
  source: AdminSource,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  // On loopback, a page under another name could make a browser of this machine read it (DNS
  // rebinding); beyond loopback anybody in the network may read it anyway.
  const isForeign = (host: string | undefined): boolean =>
    isLoopback(address.host) && isForeignHost(host, { host: address.host, allowedHosts: [] });
  const server = createServer((request, response) => {
    if (isForeign(request.headers.host))
      response.writeHead(403).end('This port answers by a loopback name or an address.\n');
    else void answer(request, response, source);
  });
  await listen(server, address);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () => drain(server, AbortSignal.abort()),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, source: AdminSource): Promise<void> {
  try {
    const { status, type, body } = await route(request.url ?? '/', source);
    response.writeHead(status, { 'content-type': type }).end(body);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(`${errorText(error)}\n`);
  }
}

async function route(url: string, source: AdminSource): Promise<{ status: number; type: string; body: string }> {
  const type = 'text/plain; charset=utf-8';
  if (url === '/healthz') return { status: 200, type, body: 'alive\n' };
  if (url === '/metrics') return { status: 200, type: METRICS_CONTENT_TYPE, body: await source.metrics() };
  if (url !== '/readyz') return { status: 404, type, body: 'This port has /healthz, /readyz and /metrics.\n' };
  const missing = await source.ready();
  return missing === undefined
    ? { status: 200, type, body: 'ready\n' }
    : { status: 503, type, body: `not ready: ${missing}\n` };
}
