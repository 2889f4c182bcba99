// Whether a cluster has an API at all: some come with a licence, some with a module, some not with
// serverless.
import type { ElasticsearchResponse } from './client.ts';

const MESSAGES =
  /no handler found for uri|Incorrect HTTP method for uri|must not start with '_'|api_not_available_exception|not available when running in serverless|Security must be explicitly enabled|Security is not enabled/u;
const STATUSES: ReadonlySet<number> = new Set([400, 404, 405, 410, 500, 501]);

/** True when the answer means that the cluster does not know the API, whatever was asked of it. */
export function lacksApi({ status, body }: ElasticsearchResponse): boolean {
  return STATUSES.has(status) && MESSAGES.test(typeof body === 'string' ? body : JSON.stringify(body));
}
