// The differences of two definitions, one line each, whatever form Elasticsearch returns them in.
import type { Json } from './resource.ts';

/** Keys that a cluster adds by itself. */
const ITS_OWN =
  /(?:^|\.)(?:created_date\w*|modified_date\w*|in_use_by.*|data_stream\.(?:hidden|allow_custom_routing)|lifecycle\.enabled)$/u;

/** `+ path = value` for additions and `- path = value` for removals, by path. */
export function differences(found: Json, wanted: Json): readonly string[] {
  const before = leavesOf(found);
  const after = leavesOf(wanted);
  const lines: string[] = [];
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now || ITS_OWN.test(path)) continue;
    if (old !== undefined) lines.push(`- ${path} = ${old}`);
    if (now !== undefined) lines.push(`+ ${path} = ${now}`);
  }
  return lines;
}

function leavesOf(definition: Json): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  collect(definition, '', leaves);
  return leaves;
}

function collect(value: unknown, path: string, leaves: Map<string, string>): void {
  // An empty object has no fields to compare.
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) collect(child, path === '' ? key : `${path}.${key}`, leaves);
    return;
  }
  // Settings come back as strings, whatever they were.
  leaves.set(path, typeof value === 'string' ? value : JSON.stringify(value));
}
