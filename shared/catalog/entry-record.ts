// Catalogue entries on `foghorn.catalog`, each under the digest of its content: alerts and
// incidents name the entry that they matched, whatever the catalogue says by now.
import { z } from 'zod';
import { digestId } from '../contracts/ids.ts';
import type { Decoded, InRecord, OutRecord, Topic } from '../contracts/record.ts';
import { decodeBySchema, problemsIn } from '../contracts/schema.ts';
import { type CatalogEntry, entrySchema } from './schema.ts';

/** An entry, and the id under which alerts and incidents name it. */
export interface NamedEntry {
  readonly id: string;
  readonly entry: CatalogEntry;
}

const ids = new WeakMap<CatalogEntry, string>();

/** The id of an entry: the digest of its content. */
export function entryIdOf(entry: CatalogEntry): string {
  const known = ids.get(entry);
  if (known !== undefined) return known;
  const id = digestId([JSON.stringify(entry)]);
  ids.set(entry, id);
  return id;
}

/** Puts an entry on the compacted topic. */
export function encodeEntry(entry: CatalogEntry): OutRecord {
  return { topic: 'catalog', key: entryIdOf(entry), value: JSON.stringify(entry) };
}

/** `foghorn.catalog`. */
export const catalogTopic: Topic<NamedEntry> = { key: 'catalog', decode: decodeEntry };

const anyObject = z.record(z.string(), z.unknown());

function decodeEntry(record: InRecord): Decoded<NamedEntry> {
  const { key, value } = record;
  if (value === null) return { kind: 'none' };
  const id = key?.toString('utf8') ?? '';
  if (digestId([value.toString('utf8')]) !== id)
    return { kind: 'bad', detail: 'the key is not the digest of the value' };
  const object = decodeBySchema(anyObject, record);
  const read = object.kind === 'value' ? readEntry(object.value) : object;
  return read.kind === 'value' ? { kind: 'value', value: { id, entry: read.value } } : read;
}

/**
 * A later version of Foghorn may write fields that this one does not know; the text can do without
 * them.
 */
function readEntry(value: unknown): Decoded<CatalogEntry> {
  for (;;) {
    const parsed = entrySchema.safeParse(value);
    if (parsed.success) return { kind: 'value', value: parsed.data };
    const { issues } = parsed.error;
    if (issues.some(({ code }) => code !== 'unrecognized_keys'))
      return { kind: 'bad', detail: problemsIn(parsed.error) };
    for (const issue of issues) {
      if (issue.code !== 'unrecognized_keys') continue;
      let object = value as Record<PropertyKey, unknown>;
      for (const part of issue.path) object = object[part] as Record<PropertyKey, unknown>;
      for (const name of issue.keys) delete object[name];
    }
  }
}
