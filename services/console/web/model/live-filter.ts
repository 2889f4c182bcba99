// Whether an incident that has just begun belongs to a list, as far as its activity entry shows.
// Pure.
import type { LiveEntry } from '../api/types.ts';
import type { FilterName } from '../../read/filter-fields.ts';
import { conditionsIn } from './filter.ts';

const BEGINNINGS = new Set<LiveEntry['type']>(['opened', 'reopened']);

/** A field that the entry does not have does not speak against it. */
export function isListed(entry: LiveEntry, typed: string): boolean {
  if (!BEGINNINGS.has(entry.type)) return false;
  const known: Partial<Record<FilterName, string | undefined>> = {
    state: 'open',
    severity: entry.severity,
    host: entry.host,
    rule: entry.ruleId,
    class: entry.faultClass,
  };
  return conditionsIn(typed).every(({ name, values, isNot }) => {
    const value = known[name];
    return value === undefined || values.some((pattern) => matches(pattern, value)) !== isNot;
  });
}

function matches(pattern: string, value: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'iu').test(value);
}
