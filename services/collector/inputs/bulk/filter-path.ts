// The parameter filter_path, by which clients ask for less of an answer. Pure.
// Source: https://www.elastic.co/docs/reference/elasticsearch/rest-apis/common-options
const MAX_PATHS = 20;

/**
 * What the comma-separated paths leave of an answer; `*` stands for any name or part of one. An
 * answer is left whole by what no agent asks: exclusions, `**`, and more than 20 paths.
 */
export function filteredBy(filterPath: string | null, answer: object): object {
  const paths = (filterPath ?? '').split(',').filter((path) => path !== '');
  const isOther = paths.some((path) => path.startsWith('-') || path.includes('**'));
  if (paths.length === 0 || paths.length > MAX_PATHS || isOther) return answer;
  const patterns = paths.map((path) => path.split('.').map(patternOf));
  return filtered(answer, patterns) ?? {};
}

function patternOf(segment: string): RegExp {
  return new RegExp(`^${segment.split('*').map(escaped).join('.*')}$`, 'u');
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}]/gu, '\\$&');
}

/** Undefined where nothing is left. */
function filtered(value: unknown, paths: readonly (readonly RegExp[])[]): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    const kept = value.map((item) => filtered(item, paths)).filter((item) => item !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  const kept = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const rest = paths.filter(([first]) => first?.test(name)).map((path) => path.slice(1));
    const left = rest.some((path) => path.length === 0) ? inner : filtered(inner, rest);
    return left === undefined ? [] : [[name, left]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
