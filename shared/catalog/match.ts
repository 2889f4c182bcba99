// Finds the catalogue entry of an event, by provider and id and the entry's conditions, and takes
// the entry's parameters from the event.
import type { WindowsEvent } from '../contracts/windows-event.ts';
import { createTest, type EventTest, type EventValue, insertOf, valueOf } from './conditions.ts';
import { createTextReader, type TextReader } from './message-text.ts';
import { readValue, takePart } from './parameter-value.ts';
import { bySpecificity, providerKeysOf } from './precedence.ts';
import { providerKey, type Catalog, type CatalogEntry, type CatalogParameter } from './schema.ts';

/** An event's entry and what the event says of its parameters: valid values only. */
export interface CatalogMatch {
  readonly entry: CatalogEntry;
  readonly params: Readonly<Record<string, string | number>>;
  /** Where each of them was found. */
  readonly sources: Readonly<Record<string, ParameterSource>>;
  /**
   * `foghorn_<parameter>_invalid`: a value was there and unusable. `foghorn_<parameter>_mismatch`:
   * insertion string and text disagree; the former counts.
   */
  readonly tags: readonly string[];
}

/** An insertion string, a value with a name, or the words of the message. */
type ParameterSource = 'insert' | 'data' | 'text';

/** Finds an event's entry; undefined for the many events that no entry speaks of. */
export type Matcher = (event: WindowsEvent) => CatalogMatch | undefined;

interface Candidate {
  readonly entry: CatalogEntry;
  readonly isMet: EventTest;
  readonly readers: readonly ParameterReader[];
}

interface ParameterReader {
  readonly parameter: CatalogParameter;
  /** Where the parameter's value may stand, tried in order. */
  readonly places: readonly { readonly source: ParameterSource; readonly read: EventValue }[];
  readonly fromText: TextReader;
}

/**
 * Prepares a catalogue for matching. An event whose id no entry has costs a look-up of the id and
 * one of the provider.
 */
export function createMatcher(catalog: Catalog): Matcher {
  const byEventId = new Map<number, Map<string, Candidate[]>>();
  const withoutEventId = new Map<string, Candidate[]>();
  for (const entry of bySpecificity(catalog.entries)) {
    const candidate = {
      entry,
      isMet: createTest(entry.when),
      readers: entry.parameters.map(readerOf),
    };
    const add = (to: Map<string, Candidate[]>): void => {
      for (const key of providerKeysOf(entry)) to.set(key, [...(to.get(key) ?? []), candidate]);
    };
    if (entry.eventIds.length === 0) add(withoutEventId);
    for (const eventId of new Set(entry.eventIds)) {
      const byProvider = byEventId.get(eventId) ?? new Map<string, Candidate[]>();
      byEventId.set(eventId, byProvider);
      add(byProvider);
    }
  }
  return (event) => {
    const byProvider = byEventId.get(event.eventId);
    // Without an id of the catalogue only the message can match, and most events by far have
    // neither.
    if (byProvider === undefined && event.message === undefined) return undefined;
    const key = providerKey(event.providerName);
    const found = firstOf(byProvider?.get(key), event) ?? firstOf(withoutEventId.get(key), event);
    return found === undefined ? undefined : readParameters(found, event);
  };
}

function firstOf(candidates: readonly Candidate[] | undefined, event: WindowsEvent): Candidate | undefined {
  return candidates?.find(({ isMet }) => isMet(event));
}

function readerOf(parameter: CatalogParameter): ParameterReader {
  const { insert, dataNames } = parameter;
  const places: ParameterReader['places'][number][] = [];
  if (insert !== undefined) places.push({ source: 'insert', read: (event) => insertOf(event, insert) });
  for (const name of dataNames) places.push({ source: sourceOf(name), read: valueOf(name) });
  return { parameter, places, fromText: createTextReader(parameter) };
}

function readParameters({ entry, readers }: Candidate, event: WindowsEvent): CatalogMatch {
  const params: Record<string, string | number> = {};
  const sources: Record<string, ParameterSource> = {};
  const tags: string[] = [];
  for (const reader of readers) {
    const { name } = reader.parameter;
    const { found, source, isInvalid } = firstUsable(reader, event);
    const fromMessage = event.message === undefined ? undefined : reader.fromText(event.message);
    if (isInvalid) tags.push(`foghorn_${name}_invalid`);
    // Only numbers: a long text is wrapped, cut and quoted on its way into a message.
    if (typeof found === 'number' && fromMessage !== undefined && fromMessage !== found)
      tags.push(`foghorn_${name}_mismatch`);
    const best = found ?? fromMessage;
    if (best === undefined) continue;
    params[name] = best;
    sources[name] = source ?? 'text';
  }
  return { entry, params, sources, tags };
}

interface UsableValue {
  readonly found?: string | number;
  readonly source?: ParameterSource;
  /** Values were given and none is of the parameter's type. */
  readonly isInvalid: boolean;
}

function firstUsable({ parameter, places }: ParameterReader, event: WindowsEvent): UsableValue {
  let isInvalid = false;
  for (const { source, read } of places) {
    const value = read(event);
    const raw = value === undefined ? undefined : takePart(parameter.part, value);
    if (raw === undefined || raw.trim() === '') continue;
    const found = readValue(parameter.type, raw);
    if (found !== undefined) return { found, source, isInvalid: false };
    isInvalid = true;
  }
  return { isInvalid };
}

/** `param1` is how an insertion string is called that has no name. */
function sourceOf(dataName: string): ParameterSource {
  return /^param\d+$/u.test(dataName) ? 'insert' : 'data';
}
