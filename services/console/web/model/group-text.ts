// What a group is called: its values in words. Pure.
import type { IncidentGroup } from '../api/types.ts';

type Keyed = Pick<IncidentGroup, 'key' | 'title'>;

/** A headline, and what else the incidents share. */
export function groupTitle({ key, title }: Keyed): { readonly title: string; readonly details: string } {
  const details = Object.entries(key).flatMap(([name, value]) => (name === 'rule' ? [] : detailOf(name, value)));
  if (details.length === 0 && !('rule' in key))
    return { title: Object.keys(key).map((name) => `no ${WORDS[name] ?? name}`)[0] ?? title, details: title };
  if ('rule' in key) return { title, details: details.join(' · ') };
  return { title: details.join(' · '), details: title };
}

const WORDS: Readonly<Record<string, string>> = { holder: 'known holder' };

function detailOf(name: string, value: string | number | null): readonly string[] {
  if (name === 'port') return value === null ? [] : [`port ${value}`];
  if (name === 'holder') return value === null ? [] : [String(value).replace(/\.$/u, '')];
  if (name === 'assignee') return [value === null ? 'nobody' : String(value)];
  return [value === null ? `no ${name}` : String(value)];
}
