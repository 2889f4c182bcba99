// Which entry wins where two could match one event: declared precedence, checked so that the answer
// never depends on the order of files.
import type { EntryProblem } from './lint.ts';
import { providerKey, type CatalogCondition, type CatalogEntry } from './schema.ts';

/** A fault of an entry among the others. */
interface EntryConflict extends EntryProblem {
  readonly entry: CatalogEntry;
}

/**
 * Problems of the entries taken together: repeated ids, circular references, two entries for one
 * event without precedence, and, if these are all entries there are, references to unknown ones.
 */
export function findConflicts(entries: readonly CatalogEntry[], areAll: boolean): readonly EntryConflict[] {
  const byId = new Map<string, CatalogEntry>();
  const conflicts: EntryConflict[] = [];
  for (const entry of entries) {
    if (byId.has(entry.id))
      conflicts.push({ entry, path: ['id'], message: `another entry has the id "${entry.id}" already` });
    else byId.set(entry.id, entry);
  }
  for (const entry of entries) {
    const unknown = (path: readonly (string | number)[], id: string): void => {
      if (areAll && !byId.has(id)) conflicts.push({ entry, path, message: `no entry has the id "${id}"` });
    };
    for (const [index, id] of entry.moreSpecificThan.entries()) unknown(['moreSpecificThan', index], id);
    for (const [index, related] of entry.related.entries())
      if (related.entry !== undefined) unknown(['related', index, 'entry'], related.entry);
    if (lowerEntries(entry, byId).has(entry.id))
      conflicts.push({
        entry,
        path: ['moreSpecificThan'],
        message: 'the entry is, by way of others, more specific than itself',
      });
  }
  return [...conflicts, ...findOverlaps([...byId.values()], byId)];
}

/** The entries so ordered that a more specific one stands before those that give way to it. */
export function bySpecificity(entries: readonly CatalogEntry[]): readonly CatalogEntry[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const rank = new Map(entries.map((entry) => [entry.id, lowerEntries(entry, byId).size]));
  // Whoever stands above another also stands above all that is below it, so it has more below
  // itself.
  return entries.toSorted((one, other) => (rank.get(other.id) ?? 0) - (rank.get(one.id) ?? 0));
}

/** The names under which an entry's provider is known, as compared. */
export function providerKeysOf(entry: CatalogEntry): ReadonlySet<string> {
  return new Set([entry.provider.name, ...entry.provider.aliases].map(providerKey));
}

function lowerEntries(entry: CatalogEntry, byId: ReadonlyMap<string, CatalogEntry>): ReadonlySet<string> {
  const lower = new Set<string>();
  const open = [...entry.moreSpecificThan];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (lower.has(id)) continue;
    lower.add(id);
    open.push(...(byId.get(id)?.moreSpecificThan ?? []));
  }
  return lower;
}

function findOverlaps(
  entries: readonly CatalogEntry[],
  byId: ReadonlyMap<string, CatalogEntry>,
): readonly EntryConflict[] {
  const conflicts: EntryConflict[] = [];
  const lower = new Map(entries.map((entry) => [entry.id, lowerEntries(entry, byId)]));
  for (const [index, entry] of entries.entries())
    for (const other of entries.slice(0, index)) {
      const isOrdered = lower.get(entry.id)?.has(other.id) === true || lower.get(other.id)?.has(entry.id) === true;
      const shared = isOrdered ? undefined : sharedEvent(entry, other);
      if (shared !== undefined)
        conflicts.push({
          entry,
          path: ['eventIds'],
          message: `"${other.id}" could match the same event (${shared}); let one of the two say moreSpecificThan, or make their conditions exclude each other`,
        });
    }
  return conflicts;
}

function sharedEvent(one: CatalogEntry, other: CatalogEntry): string | undefined {
  const bothLackId = one.eventIds.length === 0 && other.eventIds.length === 0;
  const eventId = bothLackId ? 'without an id' : one.eventIds.find((id) => other.eventIds.includes(id));
  if (eventId === undefined) return undefined;
  const keys = providerKeysOf(other);
  const key = [...providerKeysOf(one)].find((it) => keys.has(it));
  if (key === undefined) return undefined;
  const areApart =
    one.when.length > 0 &&
    other.when.length > 0 &&
    one.when.every((left) => other.when.every((right) => excludeEachOther(left, right)));
  return areApart ? undefined : `${key} ${eventId}`;
}

/** Only what can be proved: two texts to be contained never exclude each other. */
function excludeEachOther(left: CatalogCondition, right: CatalogCondition): boolean {
  if (areDisjoint(left.channels, right.channels) || areDisjoint(left.eventVersions, right.eventVersions)) return true;
  if (beginApart(left.messageStarts, right.messageStarts)) return true;
  return Object.entries(left.data ?? {}).some(([name, test]) => areDisjoint(test.equals, right.data?.[name]?.equals));
}

function areDisjoint(
  left: readonly (string | number)[] | undefined,
  right: readonly (string | number)[] | undefined,
): boolean {
  if (left === undefined || right === undefined) return false;
  const values = new Set(left.map(comparable));
  return !right.some((value) => values.has(comparable(value)));
}

function beginApart(left: readonly string[] = [], right: readonly string[] = []): boolean {
  const isSame = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);
  return (
    left.length > 0 &&
    right.length > 0 &&
    !left.some((one) => right.some((other) => isSame(comparable(one), comparable(other))))
  );
}

function comparable(value: string | number): string {
  return String(value).trim().toLowerCase();
}
