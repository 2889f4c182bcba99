// What agents ask for before they send events, answered no further than they need: this is no
// Elasticsearch, and what they set up in one is not used. Pure.
import { Refusal } from '../../../../shared/http/refusal.ts';
import type { Answer } from '../http/request-input.ts';

/**
 * The version that agents see: Beats 8.1 to 8.10 refuse an older one than their own, Logstash one
 * for which it has no template (decision 60).
 */
const VERSION = '8.19.0';

const NAME = 'foghorn';

/** The answer to `GET /`. `uuid` is that of the process. */
export function rootBody(uuid: string): object {
  return {
    name: NAME,
    cluster_name: NAME,
    cluster_uuid: uuid,
    version: { number: VERSION, build_flavor: 'default', build_snapshot: false },
    tagline: 'You Know, for Search',
  };
}

/** The answer to `GET /_license`. */
export function licenseBody(uuid: string): object {
  return { license: { status: 'active', uid: uuid, type: 'basic' } };
}

/** The answer to `GET /_xpack`: agents that ask it whether there are lifecycles set up none. */
export const XPACK_BODY = { features: { ilm: { available: false, enabled: false } } };

/** The answer to `GET /_cluster/health`. */
export function healthBody(isHealthy: boolean): object {
  return { cluster_name: NAME, status: isHealthy ? 'green' : 'red', timed_out: false, number_of_nodes: 1 };
}

/** The answer to an order to set something up. */
export const ACKNOWLEDGED: Answer = { status: 200, body: { acknowledged: true } };

/** The answer to a question about what agents set up. */
export function absent(path: string): Answer {
  const refusal = new Refusal(404, 'not_found', `${path} is not there: Foghorn keeps nothing that agents set up.`);
  return { status: 404, body: refusalBody(refusal) };
}

/** Elasticsearch's names for the codes of ours. */
const TYPES: Readonly<Record<string, string>> = {
  overloaded: 'es_rejected_execution_exception',
  unauthorized: 'security_exception',
  foreign_origin: 'security_exception',
  foreign_host: 'security_exception',
  not_found: 'resource_not_found_exception',
  internal: 'exception',
  unavailable: 'unavailable_shards_exception',
  full: 'es_rejected_execution_exception',
};

/** The body of a refusal. */
export function refusalBody({ code, status, message }: Refusal): object {
  const cause = { type: TYPES[code] ?? 'illegal_argument_exception', reason: message };
  return { error: { root_cause: [cause], ...cause }, status };
}
