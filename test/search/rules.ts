// Detection rules from a folder: Elastic's (`rules/windows/*.toml`, in EQL or KQL) and Sigma's as
// pySigma renders them to Lucene and EQL (`windows__<category>__…__<rule>.lucene`, `.eql`). Their
// licences keep them out of this repository.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readEql } from './eql.ts';
import type { Expression } from './expression.ts';
import { readKql } from './kql.ts';
import { readLucene } from './lucene.ts';
import { inRawNames } from './raw-names.ts';
import { NotExpressed } from './tokens.ts';

/** One rule: what each of its events has to be, or why that cannot be asked of single events. */
export interface Rule {
  readonly source: 'Elastic' | 'Sigma';
  readonly language: 'eql' | 'kuery' | 'lucene' | 'esql';
  readonly name: string;
  readonly events: readonly Expression[];
  readonly leftOut?: string;
}

const READERS = {
  eql: readEql,
  kuery: (query: string) => [readKql(query)],
  lucene: (query: string) => [readLucene(query)],
} as const;

/** All rules below a folder that are for Windows. */
export function rulesIn(folder: string): readonly Rule[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return paths.flatMap((path) => {
    if (/rules\/windows\/[^/]+\.toml$/u.test(path)) return [elasticRule(join(folder, path))];
    return /(?:^|\/)windows__[^/]+\.(?:eql|lucene)$/u.test(path) ? sigmaRules(join(folder, path)) : [];
  });
}

function elasticRule(path: string): Rule {
  const text = readFileSync(path, 'utf8');
  const [, language = ''] = /^language = "(\w+)"/mu.exec(text) ?? [];
  // Tables of other queries, for osquery, may come before or after.
  const [, long] = /^query = '''\n?([^]*?)'''/mu.exec(text) ?? [];
  const [, short = ''] = /^query = "(?!SELECT)([^\n]*)"$/mu.exec(text) ?? [];
  const about = { source: 'Elastic', language: language as Rule['language'], name: basename(path, '.toml') } as const;
  return read(about, long ?? short, (events) => events);
}

/** A file may hold several queries, with an empty line between. */
function sigmaRules(path: string): readonly Rule[] {
  const language = path.endsWith('.eql') ? 'eql' : 'lucene';
  const name = basename(path).replace(/\.\w+$/u, '');
  const categories = name.split('__').slice(1, -1);
  const queries = readFileSync(path, 'utf8')
    .split(/\n\s*\n/u)
    .map((query) => query.trim())
    .filter((query) => query !== '');
  return queries.map((query, at) =>
    read({ source: 'Sigma', language, name: at === 0 ? name : `${name} (${at + 1})` }, query, (events) =>
      events.map((event) => inRawNames(event, categories)),
    ),
  );
}

type About = Pick<Rule, 'source' | 'language' | 'name'>;

function read(about: About, query: string, change: (events: readonly Expression[]) => readonly Expression[]): Rule {
  if (about.language === 'esql') return { ...about, events: [], leftOut: 'ES|QL computes over what it finds' };
  try {
    return { ...about, events: change(READERS[about.language](query)) };
  } catch (error) {
    if (!(error instanceof NotExpressed)) throw error;
    return { ...about, events: [], leftOut: error.message };
  }
}
