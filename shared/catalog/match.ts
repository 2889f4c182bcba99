// Finds the catalogue entry of an event, by provider and id and the entry's conditions, and takes the entry's parameters from the event.
import type { WindowsEvent } from '../contracts/windows-event.ts';
import { createTextReader, type TextReader } from './message-text.ts';
import { readValue, takePart } from './parameter-value.ts';
import { bySpecificity, providerKeysOf } from './precedence.ts';
import {
  providerKey,
  type Catalog,
  type CatalogCondition,
  type CatalogEntry,
  type CatalogParameter,
} from './schema.ts';

/** An event's entry and what the event says of its parameters: valid values only. */
export interface CatalogMatch {
  readonly entry: CatalogEntry;
  readonly params: Readonly<Record<string, string | number>>;
  /** Where each of them was found. */
  readonly sources: Readonly<Record<string, ParameterSource>>;
  /** `foghorn_<parameter>_invalid`: a value was there and unusable. `foghorn_<parameter>_mismatch`: insertion string and text disagree; the former counts. */
  readonly tags: readonly string[];
}

/** An insertion string, a value with a name, or the words of the message. */
export type ParameterSource = 'insert' | 'data' | 'text';

/** Finds an event's entry; undefined for the many events that no entry speaks of. */
export type Matcher = (event: WindowsEvent) => CatalogMatch | undefined;

interface Candidate {
  readonly entry: CatalogEntry;
  readonly readers: readonly { readonly parameter: CatalogParameter; readonly fromText: TextReader }[];
}

/** Prepares a catalogue for matching. An event whose id no entry has costs a look-up of the id and one of the provider. */
export function createMatcher(catalog: Catalog): Matcher {
  const byEventId = new Map<number, Map<string, Candidate[]>>();
  const withoutEventId = new Map<string, Candidate[]>();
  for (const entry of bySpecificity(catalog.entries)) {
    const candidate = {
      entry,
      readers: entry.parameters.map((parameter) => ({ parameter, fromText: createTextReader(parameter) })),
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
    // Without an id of the catalogue only the message can tell, and most events by far have neither.
    if (byProvider === undefined && event.message === undefined) return undefined;
    const key = providerKey(event.providerName);
    const found = firstOf(byProvider?.get(key), event) ?? firstOf(withoutEventId.get(key), event);
    return found === undefined ? undefined : readParameters(found, event);
  };
}

function firstOf(candidates: readonly Candidate[] | undefined, event: WindowsEvent): Candidate | undefined {
  return candidates?.find(({ entry }) => meetsConditions(entry.when, event));
}

/** Whether an event meets one of the conditions, or there are none. */
export function meetsConditions(conditions: readonly CatalogCondition[], event: WindowsEvent): boolean {
  return conditions.length === 0 || conditions.some((condition) => meets(condition, event));
}

/** The insertion string `%position` of an event. A form that counts from `param0` is recognised by having one. */
export function insertOf(event: WindowsEvent, position: number): string | undefined {
  const data = event.eventData;
  if (data === undefined) return undefined;
  return own(data, `param${Object.hasOwn(data, 'param0') ? position - 1 : position}`);
}

function readParameters({ entry, readers }: Candidate, event: WindowsEvent): CatalogMatch {
  const params: Record<string, string | number> = {};
  const sources: Record<string, ParameterSource> = {};
  const tags: string[] = [];
  for (const { parameter, fromText } of readers) {
    const { name } = parameter;
    const { found, source, isInvalid } = firstUsable(parameter, event);
    const told = event.message === undefined ? undefined : fromText(event.message);
    if (isInvalid) tags.push(`foghorn_${name}_invalid`);
    // Only numbers: a long text is wrapped, cut and quoted on its way into a message.
    if (typeof found === 'number' && told !== undefined && told !== found) tags.push(`foghorn_${name}_mismatch`);
    const best = found ?? told;
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

function firstUsable(parameter: CatalogParameter, event: WindowsEvent): UsableValue {
  const given = givenValues(parameter, event);
  for (const { raw, source } of given) {
    const found = readValue(parameter.type, raw);
    if (found !== undefined) return { found, source, isInvalid: false };
  }
  return { isInvalid: given.length > 0 };
}

interface GivenValue {
  readonly raw: string;
  readonly source: ParameterSource;
}

function givenValues({ insert, dataNames, part }: CatalogParameter, event: WindowsEvent): readonly GivenValue[] {
  const values = [
    { source: 'insert' as const, value: insert === undefined ? undefined : insertOf(event, insert) },
    ...dataNames.map((name) => ({ source: sourceOf(name), value: namedValue(event, name) })),
  ];
  return values.flatMap(({ source, value }) => {
    const raw = value === undefined ? undefined : takePart(part, value);
    return raw === undefined || raw.trim() === '' ? [] : [{ raw, source }];
  });
}

/** `param1` is how an insertion string is called that has no name. */
function sourceOf(dataName: string): ParameterSource {
  return /^param\d+$/u.test(dataName) ? 'insert' : 'data';
}

function meets(condition: CatalogCondition, event: WindowsEvent): boolean {
  if (condition.channels !== undefined && !isOneOf(condition.channels, event.channel)) return false;
  if (condition.eventVersions !== undefined && !condition.eventVersions.includes(event.version ?? 0)) return false;
  if (condition.messageStarts !== undefined && !startsWithOneOf(condition.messageStarts, event.message)) return false;
  if (condition.messageContains !== undefined && !containsOneOf(condition.messageContains, event.message)) return false;
  return Object.entries(condition.data ?? {}).every(([name, test]) => {
    const value = namedValue(event, name);
    return (
      (test.equals === undefined || isOneOf(test.equals, value)) &&
      (test.contains === undefined || containsOneOf(test.contains, value))
    );
  });
}

function namedValue(event: WindowsEvent, name: string): string | undefined {
  const position = /^param([1-9]\d?)$/u.exec(name)?.[1];
  if (position !== undefined) return insertOf(event, Number(position));
  return own(event.eventData, name) ?? own(event.userData?.values, name);
}

function own(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function isOneOf(allowed: readonly string[], value: string | undefined): boolean {
  const key = value?.trim().toLowerCase();
  return key !== undefined && allowed.some((it) => it.trim().toLowerCase() === key);
}

function containsOneOf(texts: readonly string[], value: string | undefined): boolean {
  const searched = value?.toLowerCase();
  return searched !== undefined && texts.some((it) => searched.includes(it.toLowerCase()));
}

function startsWithOneOf(texts: readonly string[], value: string | undefined): boolean {
  const longest = Math.max(...texts.map((it) => it.length));
  const searched = value?.trimStart().slice(0, longest).toLowerCase();
  return searched !== undefined && texts.some((it) => searched.startsWith(it.toLowerCase()));
}
