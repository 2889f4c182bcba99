// The target of a request, as RFC 9112 section 3.2 has it: its path and its query, or a refusal in words. Pure.
import { Problem } from './problem.ts';

/** The path as it was sent, its escapes not decoded, and the query. */
export interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

const ABSOLUTE = /^https?:\/\/[^/?#]*/iu;

/** Reads `/path?query`, or the same behind `http://host`, as a proxy sends it. Throws Problem 400 for everything else, `*` and what no client sends included. */
export function targetOf(text: string): Target {
  const local = text.replace(ABSOLUTE, '');
  const rest = local !== text && !local.startsWith('/') ? `/${local}` : local;
  if (!rest.startsWith('/'))
    throw new Problem(400, 'bad_target', 'The target of a request is a path such as /api/v1/incidents.');
  const [beforeFragment = ''] = rest.split('#', 1);
  const mark = beforeFragment.indexOf('?');
  const path = mark < 0 ? beforeFragment : beforeFragment.slice(0, mark);
  return { path, query: new URLSearchParams(mark < 0 ? '' : beforeFragment.slice(mark + 1)) };
}
