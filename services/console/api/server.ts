// The console's HTTP server: the limits of every server, and the API behind them.
import type { ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { rateLimited } from '../../../shared/runtime/rate-limited-log.ts';
import { Refusal } from '../../../shared/http/refusal.ts';
import { startHttpServer } from '../../../shared/http/server.ts';
import { type Api, type ApiParts, createApi, PROBLEM_FORM, problemAnswer } from './application.ts';

/** A server that listens. */
export interface ConsoleServer {
  readonly port: number;
  isListening(): boolean;
  /**
   * Takes no new connection, ends the live streams, waits for the other answers until `deadline`.
   */
  stop(deadline: AbortSignal): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Listens; `addOperations` gives the API its operations. Throws ConfigError when it may not or
 * cannot.
 */
export async function startConsoleServer(parts: ApiParts, addOperations: (api: Api) => void): Promise<ConsoleServer> {
  const { settings, log } = parts;
  const stopping = new AbortController();
  const api = createApi(parts);
  addOperations(api);
  const limited = rateLimited(log);
  const options = {
    section: 'console.http',
    needsLogIn: Object.keys(settings.tokens).length + settings.proxy.addresses.length > 0,
    logInSettings: ['tokens'],
    tlsReports: parts,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    form: PROBLEM_FORM,
    events: {
      onCount: () => undefined,
      onEnd: (reason: string, address: string) =>
        limited.warn('connection', { reason, address }, 'a connection was closed by this side'),
    },
  };
  // Behind a reverse proxy everybody has one address.
  const limits = { ...settings, maxConnectionsPerAddress: settings.maxConnections };
  const answer = listenerOf(api, parts, stopping.signal);
  const server = await startHttpServer(limits, options, (...exchange) => void answer(...exchange));
  log.info({ address: server.address, tls: settings.tlsCert !== '' }, 'listening');
  return {
    port: server.address.port,
    isListening: () => server.isListening(),
    stop: async (deadline) => {
      stopping.abort();
      await server.stop(deadline);
    },
  };
}

function listenerOf(api: Api, { settings, metrics }: ApiParts, stopping: AbortSignal) {
  return getRequestListener(
    (request, { incoming, outgoing }) =>
      api.fetch(request, {
        incoming,
        outgoing,
        address: incoming.socket.remoteAddress ?? '',
        signal: endOf(outgoing as ServerResponse, stopping),
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
