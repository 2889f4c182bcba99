// The console's API without Kafka, Elasticsearch and, where it is not started, without a socket.
import { createApi, type Api } from '../../services/console/api/application.ts';
import { operation } from '../../services/console/api/operation.ts';
import { consoleSchema } from '../../services/console/config.ts';
import { declareConsoleMetrics } from '../../services/console/metrics.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import { quietLog } from './log.ts';

/**
 * What an API is made of: the settings of `console.http` with `own` beside the defaults, and a free
 * port.
 */
export function apiParts(own: Readonly<Record<string, unknown>> = {}) {
  const settings = consoleSchema.parse({ console: { http: { port: 0, ...own } } }).console.http;
  return { settings, metrics: declareConsoleMetrics(createRegistry('console')), log: quietLog };
}

/** Adds an operation that fails. */
export function addFailing(api: Api, path: `/${string}`, error: Error): void {
  const failing = operation({
    method: 'get',
    path,
    operationId: 'failing',
    summary: 'Fails',
    scope: 'read',
    answers: {},
  });
  api.openapi(failing, () => {
    throw error;
  });
}

/** Asks an API in this process, as a program on this machine does. */
export async function ask(
  api: Api,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Response> {
  const init = { method, headers: { host: 'localhost', ...headers }, ...(body === undefined ? {} : { body }) };
  const { signal } = new AbortController();
  return await api.request(`http://localhost${path}`, init, { address: '127.0.0.1', signal });
}

/** An API with its operations. */
export function apiWith(addOperations: (api: Api) => void, parts = apiParts()): Api {
  const api = createApi(parts);
  addOperations(api);
  return api;
}
