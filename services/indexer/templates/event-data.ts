// Event data as a mapping: each name that is known is a field of its own, the others are kept and
// not mapped; the enricher puts those into one flattened field besides (`other-data.ts`).
import { EVENT_DATA_NAMES, USER_DATA_NAMES } from '../../../shared/ecs/event-data-names.ts';
import { KEYWORD, type Mapping, object, WILDCARD } from './field-types.ts';

/**
 * Texts that may be longer than a keyword takes, and paths with ever new values: as a
 * wildcard field a part of them is found without reading each. Fields that people count by, such as
 * Image, have few values and stay keywords.
 */
const LONG_VALUES: ReadonlySet<string> = new Set(
  `AdditionalInfo AttributeValue Binary CallTrace CommandLine Contents ContextInfo Data Detail Details HostApplication
  ImagePath Message NewTemplateContent NewValue ObjectName OldValue ParentCommandLine Payload Properties QueryResults
  ScriptBlockText SearchFilter SearchString ServiceFileName SourceCommandLine TargetFilename TargetObject TaskContent
  TaskContentNew TemplateContent Value param1 param2 param3 payload`.split(/\s+/u),
);

/**
 * `winlog.event_data`. An object, because EQL refuses every field below a flattened one, and not
 * dynamic, so that nobody who invents names takes the place of others'. Names with dots are names.
 */
export const EVENT_DATA: Mapping = dataOf(EVENT_DATA_NAMES);
/** `winlog.user_data`. */
export const USER_DATA: Mapping = dataOf(USER_DATA_NAMES);

function dataOf(names: readonly string[]): Mapping {
  const fields = names.map((name) => [name, LONG_VALUES.has(name) ? WILDCARD : KEYWORD]);
  return { dynamic: false, subobjects: false, ...object(Object.fromEntries(fields) as Mapping) };
}
