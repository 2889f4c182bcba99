// The console's HTTP server: a listener, and the API behind it.
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Refusal } from '../../../shared/http/refusal.ts';
import { listen } from '../../../shared/runtime/admin-server.ts';
import { ConfigError, errorText } from '../../../shared/runtime/errors.ts';
import { isLoopback } from '../../../shared/runtime/web-pages.ts';
import type { ConsoleHttpConfig } from '../config.ts';
import { type Api, type ApiParts, createApi, problemAnswer } from './application.ts';

/** A server that listens. */
export interface ConsoleServer {
  readonly port: number;
  isListening(): boolean;
  /** Takes no new connection, ends the live streams, waits for the other answers until `deadline`. */
  stop(deadline: AbortSignal): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** Listens; `addOperations` gives the API its operations. Throws ConfigError when it may not or cannot. */
export async function startConsoleServer(parts: ApiParts, addOperations: (api: Api) => void): Promise<ConsoleServer> {
  const { settings, metrics, log } = parts;
  refuseOpenDoor(settings);
  const server = createListener(settings);
  const stopping = new AbortController();
  const api = createApi(parts);
  addOperations(api);
  server.maxConnections = settings.maxConnections;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS / 2;
  const answer = getRequestListener(
    (request, { incoming, outgoing }) =>
      api.fetch(request, {
        incoming,
        outgoing,
        address: incoming.socket.remoteAddress ?? '',
        signal: endOf(outgoing as ServerResponse, stopping.signal),
      }),
    {
      hostname: settings.host,
      errorHandler: () => {
        metrics.consoleRequests.inc({ route: 'none', status: 400 });
        const detail = 'The target of a request is a path such as /api/v1/incidents, its Host a name or an address.';
        return problemAnswer({ env: {} }, new Refusal(400, 'bad_target', detail));
      },
    },
  );
  server.on('request', (request, response) => void answer(request, response));
  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  log.info({ address: server.address(), tls: settings.tlsCert !== '' }, 'listening');
  return {
    port,
    isListening: () => server.listening,
    stop: async (deadline) => {
      stopping.abort();
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = (): void => server.closeAllConnections();
      deadline.addEventListener('abort', cut, { once: true });
      await closed;
      deadline.removeEventListener('abort', cut);
    },
  };
}

/** Aborts when the client is gone or the console stops. */
function endOf(outgoing: ServerResponse, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const end = (): void => gone.abort();
  stopping.addEventListener('abort', end, { once: true });
  outgoing.once('close', () => {
    stopping.removeEventListener('abort', end);
    end();
  });
  // A socket that breaks while it is written to is gone, and no bug of ours.
  outgoing.on('error', end);
  return gone.signal;
}
function createListener({ tlsCert, tlsKey }: ConsoleHttpConfig): Server {
  if (tlsCert === '') return createServer();
  try {
    return createTlsServer({ cert: readFileSync(tlsCert), key: readFileSync(tlsKey) });
  } catch (error) {
    throw new ConfigError(`console.http.tlsCert and tlsKey cannot be used: ${errorText(error)}`);
  }
}

function refuseOpenDoor({ host, tokens, tlsCert, allowInsecure }: ConsoleHttpConfig): void {
  if (isLoopback(host) || allowInsecure) return;
  const lacks = [Object.keys(tokens).length === 0 ? 'tokens' : '', tlsCert === '' ? 'tlsCert' : ''].filter(Boolean);
  if (lacks.length > 0)
    throw new ConfigError(
      `console.http.host = ${host} is reachable from outside, but console.http.${lacks.join(' and console.http.')} is not set. Set it, or console.http.allowInsecure = true if others guard the door.`,
    );
}
