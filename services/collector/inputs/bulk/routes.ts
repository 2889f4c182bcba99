// What a request asks for: to take events, or one of the questions and orders with which agents
// begin. Pure.
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../../../../shared/http/refusal.ts';
import { pathOf } from '../http/admit.ts';

/** What agents ask about the cluster. */
const QUESTIONS = {
  '/': 'root',
  '/_license': 'license',
  '/_xpack': 'xpack',
  '/_cluster/health': 'health',
} as const;

/** See `QUESTIONS`. */
export type Question = (typeof QUESTIONS)[keyof typeof QUESTIONS];

/** See `routeOf`. */
export type Route =
  | { readonly kind: 'bulk'; readonly index: string }
  | { readonly kind: Question }
  /** Asks for something that agents set up themselves. */
  | { readonly kind: 'absent'; readonly path: string }
  /** Sets it up. */
  | { readonly kind: 'setup'; readonly path: string };

/** For a request that names no index. */
const ANY_INDEX = 'foghorn';

const BULK = /^\/(?:(?<index>[^/]+)\/)?_bulk$/u;
/** A template, a policy, a data stream, an alias, a pipeline, or an index. */
const SETUP =
  /^\/(?:(?:_index_template|_component_template|_template|_cat\/templates|_ilm\/policy|_data_stream|_alias|_ingest\/pipeline)\/[^/]+|[^/_][^/]*)$/u;

const READ = ['GET', 'HEAD'];

/** The route of a request. Throws Refusal (404, 405). */
export function routeOf({ url = '', method = '' }: IncomingMessage): Route {
  const path = pathOf(url);
  const bulk = BULK.exec(path);
  if (bulk !== null) return allowed(method, ['POST', 'PUT'], { kind: 'bulk', index: decoded(bulk.groups?.['index']) });
  if (isQuestion(path)) return allowed(method, READ, { kind: QUESTIONS[path] });
  const shown = path.slice(0, 100);
  if (!SETUP.test(path))
    throw new Refusal(
      404,
      'not_found',
      `There is no ${shown} here: this is Foghorn, which takes events by POST /_bulk and answers no searches. Switch off what asks for it, e.g. sniffing.`,
    );
  const isRead = READ.includes(method);
  return allowed(method, [...READ, 'PUT'], { kind: isRead ? 'absent' : 'setup', path: shown });
}

function isQuestion(path: string): path is keyof typeof QUESTIONS {
  return Object.hasOwn(QUESTIONS, path);
}

function allowed(method: string, methods: readonly string[], route: Route): Route {
  if (methods.includes(method)) return route;
  const allow = methods.join(', ');
  throw new Refusal(405, 'method_not_allowed', `${method} is not taken here; ${allow} are.`, { headers: { allow } });
}

function decoded(index: string | undefined): string {
  if (index === undefined) return ANY_INDEX;
  try {
    return decodeURIComponent(index);
  } catch {
    // The name is only given back.
    return index;
  }
}
