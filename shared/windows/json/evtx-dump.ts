// Event XML turned to JSON element by element, as evtx_dump and its like write it: attributes in `#attributes`, in `NAME_attributes` or behind `@`.
// OpenWEC's JSON has the same bones with a rendering beside them. Sources: https://github.com/omerbenamram/evtx, https://github.com/cea-sec/openwec.
import type { EventForm, ReadResult, UserData } from '../../contracts/windows-event.ts';
import { CUT_TAG, MAX_DEPTH } from '../limits.ts';
import { processingError } from '../processing-error.ts';
import { traceOf } from '../trace-fields.ts';
import { braced } from '../xml.ts';
import { boundedData, boundedPairs } from './bounded-data.ts';
import { isObject, type Json, objectOf, text, textList } from './fields.ts';
import { insertData, joinedData } from './inserts.ts';
import { eventOf, userOf, timeOf } from './system-fields.ts';

/** Whether it has `Event.System`, or `System` with an event id. */
export function isEvtxDump(value: Json): boolean {
  const event = value['Event'];
  if (isObject(event)) return isObject(event['System']);
  return isObject(value['System']) && 'EventID' in value['System'];
}

/** Reads such an event. Never throws. */
export function readEvtxDump(value: Json): ReadResult {
  const event = isObject(value['Event']) ? value['Event'] : value;
  const form: EventForm = 'OpenWEC' in value ? 'openwec' : 'evtx-json';
  const system = objectOf(event['System']);
  const attribute = (element: string, name: string): unknown => attributeOf(system, element, name);
  const [rendering, failure] = [objectOf(event['RenderingInfo']), objectOf(event['ProcessingErrorData'])];
  const tags = new Set<string>();
  const keywordNames = textList(rendering['Keywords']);
  return eventOf(
    form,
    {
      provider: text(attribute('Provider', 'Name')) ?? attribute('Provider', 'EventSourceName'),
      providerGuid: attribute('Provider', 'Guid'),
      eventId: valueOf(system['EventID']),
      qualifiers: attribute('EventID', 'Qualifiers') ?? system['EventIDQualifiers'],
      version: valueOf(system['Version']),
      level: valueOf(system['Level']),
      levelName: rendering['Level'],
      task: valueOf(system['Task']) ?? 0,
      taskName: rendering['Task'],
      opcode: valueOf(system['Opcode']),
      opcodeName: rendering['Opcode'],
      keywords: valueOf(system['Keywords']),
      keywordNames,
      time: timeOf(attribute('TimeCreated', 'SystemTime') ?? system['TimeCreated'], tags),
      recordId: valueOf(system['EventRecordID']),
      activityId: attribute('Correlation', 'ActivityID'),
      relatedActivityId: attribute('Correlation', 'RelatedActivityID'),
      processId: attribute('Execution', 'ProcessID'),
      threadId: attribute('Execution', 'ThreadID'),
      trace: traceOf((name) => attribute('Execution', name)),
      channel: valueOf(system['Channel']),
      computer: valueOf(system['Computer']),
      user: userOf(attribute('Security', 'UserID')),
      message: rendering['Message'],
    },
    {
      eventData: eventDataOf(event['EventData'], tags),
      userData: userDataOf(event['UserData'], tags),
      error: processingError(valueOf(failure['ErrorCode']), valueOf(failure['DataItemName'])),
      tags,
    },
  );
}

function attributeOf(parent: Json, element: string, name: string): unknown {
  const node = objectOf(parent[element]);
  const beside = objectOf(parent[`${element}_attributes`]);
  return objectOf(node['#attributes'])[name] ?? beside[name] ?? node[`@${name}`] ?? node[name];
}

/** The text of an element, which stands alone or, beside attributes, in `#text`. */
function valueOf(node: unknown): unknown {
  return isObject(node) ? node['#text'] : node;
}

/** GUIDs with their braces, which the writers take off and Windows never does; the rare text that only looks like one gets them too. */
function eventDataOf(section: unknown, tags: Set<string>) {
  const data = pairsOf(section, tags);
  if (data === undefined) return undefined;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, braced(value)]));
}

/** Named data are fields; unnamed ones a list in `Data`. Writers that keep the elements have a list of `@Name` and `#text`. */
function pairsOf(section: unknown, tags: Set<string>) {
  if (!isObject(section)) return undefined;
  const { Data: data, ...others } = withoutAttributes(section);
  const named = boundedData(others, tags);
  const list = valueOf(data);
  if (list === undefined || list === null) return named;
  const items: readonly unknown[] = Array.isArray(list) ? list : [list];
  if (!items.some(isObject)) return joinedData(named, insertData(items, tags), tags);
  const pairs = items.map((item, index) => {
    const name = text(isObject(item) ? (item['@Name'] ?? objectOf(item['#attributes'])['Name']) : undefined);
    return [name ?? `param${index + 1}`, valueOf(item)] as const;
  });
  return joinedData(named, boundedPairs(pairs, tags), tags);
}

/** As of the XML: the first element with its children, and attributes by dotted names. */
function userDataOf(section: unknown, tags: Set<string>): UserData | undefined {
  const [first, ...others] = Object.entries(withoutAttributes(objectOf(section)));
  if (first === undefined) return undefined;
  if (others.length > 0) tags.add(CUT_TAG);
  const [xmlName] = first;
  const element = objectOf(objectOf(section)[xmlName]);
  const values = joinedData(pairsOf(element, tags), boundedPairs(attributesIn(element, '', 1), tags), tags) ?? {};
  return { xmlName, values };
}

/** The attributes of nested elements, `path` before their names; those that declare namespaces are the writing's and not the event's. */
function attributesIn(element: Json, path: string, depth: number): readonly (readonly [string, unknown])[] {
  if (depth > MAX_DEPTH) return [];
  return Object.entries(element).flatMap(([name, item]) => {
    if (name === '#attributes' || name.endsWith('_attributes')) return [];
    const own = { ...objectOf(element[`${name}_attributes`]), ...objectOf(objectOf(item)['#attributes']) };
    for (const [key, value] of Object.entries(objectOf(item))) if (key.startsWith('@')) own[key.slice(1)] = value;
    const kept = Object.entries(own).filter(([key]) => key !== 'Name' && !/^xmlns(?::|$)/u.test(key));
    return [
      ...kept.map(([key, value]) => [`${path}${name}.${key}`, value] as const),
      ...attributesIn(objectOf(item), `${path}${name}.`, depth + 1),
    ];
  });
}

/** Without attributes at any of the places where writers put them; those of nested elements go too. */
function withoutAttributes(node: Json): Json {
  const kept: [string, unknown][] = [];
  for (const [name, item] of Object.entries(node)) {
    if (name === '#attributes' || name.startsWith('@') || name.endsWith('_attributes')) continue;
    kept.push([name, isObject(item) ? unwrapped(item) : item]);
  }
  return Object.fromEntries(kept);
}

function unwrapped(item: Json): unknown {
  const inner = withoutAttributes(item);
  return Object.keys(inner).length === 1 && '#text' in inner ? inner['#text'] : inner;
}
