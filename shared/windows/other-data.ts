// Event data under names that are no fields of their own, for one flattened field beside them.
// Pure.
import type { EcsDocument } from '../contracts/enriched-event.ts';
import { EVENT_DATA_NAMES, USER_DATA_NAMES } from '../ecs/event-data-names.ts';
import { isBadName } from './settle-fields.ts';

const KNOWN: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['event_data', new Set(EVENT_DATA_NAMES)],
  ['user_data', new Set(USER_DATA_NAMES)],
];

/**
 * Adds to `own` what `winlog.event_data` and `winlog.user_data` hold under other names than the
 * known ones, by the same two names. It stays where it is, too, unless Elasticsearch refuses such a
 * name in an object.
 */
export function addOtherData(own: EcsDocument, winlog: EcsDocument): void {
  for (const [section, known] of KNOWN) {
    const data = winlog[section] as EcsDocument | undefined;
    const others = data === undefined ? undefined : othersOf(data, known);
    if (others === undefined) continue;
    own[section] = others;
    const names = Object.keys(others);
    if (names.some(isBadName)) winlog[section] = withoutBadNames(data as EcsDocument);
  }
}

function othersOf(data: EcsDocument, known: ReadonlySet<string>): EcsDocument | undefined {
  let others: EcsDocument | undefined;
  for (const name in data)
    if (!known.has(name)) {
      others ??= {};
      put(others, name, data[name]);
    }
  return others;
}

function withoutBadNames(data: EcsDocument): EcsDocument {
  const rest: EcsDocument = {};
  for (const [name, value] of Object.entries(data)) if (!isBadName(name)) put(rest, name, value);
  return rest;
}

/** A name like `__proto__` is a name like any other. */
function put(target: EcsDocument, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}
