// Event XML, rendered or not, to a Windows event.
// Source: https://learn.microsoft.com/windows/win32/wes/eventschema-schema; conversions as
// Winlogbeat's.
import type { EventForm, ReadResult, WindowsEvent } from '../contracts/windows-event.ts';
import { joined, readEventData, readMoreData, readUserData } from './event-data.ts';
import { foldedId } from './event-id.ts';
import { CUT_OFF_TAG } from './limits.ts';
import { withPlainLineEnds } from './pairs.ts';
import { parsePlainXml } from './plain-xml.ts';
import { processingError } from './processing-error.ts';
import { normaliseTime, TIME_INVALID_TAG } from './time.ts';
import { traceOf } from './trace-fields.ts';
import { wholeNumber } from './whole-number.ts';
import { showForbidden, withoutRendering } from './xml-repair.ts';
import { parseXml, type XmlElement } from './xml-tree.ts';

/** The tag of an event whose rendering arrived cut off or malformed. */
const RENDERING_TAG = 'foghorn_rendering_cut_off';

type Draft = { -readonly [K in keyof WindowsEvent]?: WindowsEvent[K] };

/** Reads one `<Event>`. Never throws. */
export function readEventXml(text: string): ReadResult {
  const safe = showForbidden(text);
  const plain = parsePlainXml(safe);
  if (plain !== undefined) return readEventTree(plain, XML);
  const parsed = parseXml(safe);
  if (parsed.kind === 'root') return readEventTree(parsed.root, XML);
  const shortened = withoutRendering(safe);
  const again = shortened === undefined ? undefined : parseXml(shortened);
  if (again?.kind === 'root') {
    const fault = `RenderingInfo was cut off or malformed and is left out: ${parsed.detail}`;
    return readEventTree(again.root, { form: 'event-xml', tags: [RENDERING_TAG], fault });
  }
  if (parsed.whole === undefined || hasEnd(safe) || !parsed.whole.children.some(({ name }) => name === 'System'))
    return { kind: 'bad', reason: 'invalid_xml', detail: parsed.detail };
  const fault = `The event was cut off; what was whole is kept: ${parsed.detail}`;
  return readEventTree(parsed.whole, { form: 'event-xml', tags: [CUT_OFF_TAG], fault });
}

const END_LENGTH = 100;

/** Whether the event has its end tag, so that it was not cut off. */
function hasEnd(text: string): boolean {
  return /<\/(?:[\w.-]{1,64}:)?Event\s*>$/u.test(text.slice(-END_LENGTH).trimEnd());
}

/** The context of a tree: its recorded form, its tags so far, and the errors so far. */
interface TreeSource {
  readonly form: EventForm;
  readonly tags?: Iterable<string>;
  readonly fault?: string;
}

const XML: TreeSource = { form: 'event-xml' };

/** Reads the tree of one `<Event>`. Never throws. */
export function readEventTree(root: XmlElement, { form, tags: given = [], fault }: TreeSource): ReadResult {
  const system = root.name === 'Event' ? child(root, 'System') : undefined;
  if (system === undefined) return bad(`the root is <${root.name.slice(0, 40)}> and not an <Event> with <System>`);
  if (root.children.some((other) => other.name === 'System' && other !== system))
    return bad('there are two <System> in one <Event>');
  const tags = new Set(given);
  const draft: Draft = { form };
  const refusal = readSystem(draft, system, tags);
  if (refusal !== undefined) return bad(refusal);
  for (const section of root.children) readSection(draft, section, tags);
  if (leavesBracesOff(system, form)) brace(draft);
  if (fault !== undefined) draft.errorMessages = [...(draft.errorMessages ?? []), fault];
  if (tags.size > 0) draft.tags = [...tags];
  return { kind: 'event', event: draft as WindowsEvent };
}

/**
 * Whether the writer is a parser of log files that writes GUIDs in capitals without the braces
 * Windows has. It shows in the GUIDs of System; where there are none, in the six digits of its
 * seconds, of which Windows writes seven or nine. A text in event data that only looks like a GUID
 * has small letters there and stays.
 */
function leavesBracesOff(system: XmlElement, form: EventForm): boolean {
  const guid = attributeOf(system, 'Provider', 'Guid');
  if (guid.startsWith('{')) return false;
  const [activity, related] = [
    attributeOf(system, 'Correlation', 'ActivityID'),
    attributeOf(system, 'Correlation', 'RelatedActivityID'),
  ];
  if (activity.startsWith('{') || related.startsWith('{')) return false;
  if (form !== 'event-xml' || guid !== '' || activity !== '' || related !== '') return true;
  return SIX_DIGITS.test(attributeOf(system, 'TimeCreated', 'SystemTime'));
}

function attributeOf(system: XmlElement, element: string, name: string): string {
  return child(system, element)?.attributes[name] ?? '';
}

const SIX_DIGITS = /\.\d{6}(?:Z| UTC)$/u;

function brace({ eventData = {}, userData }: Draft): void {
  for (const values of [eventData, userData?.values ?? {}] as Record<string, string>[])
    for (const [name, value] of Object.entries(values))
      if (value.length === GUID_LENGTH && !/[a-z]/u.test(value))
        Object.defineProperty(values, name, {
          value: braced(value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
}

const GUID_LENGTH = 36;

function bad(detail: string): ReadResult {
  return { kind: 'bad', reason: 'invalid_event', detail };
}

/**
 * Fills in what `System` has, of elements with one name the last; gives the reason when the event
 * cannot be one.
 */
function readSystem(draft: Draft, system: XmlElement, tags: Set<string>): string | undefined {
  const refusal =
    readProvider(draft, lastChild(system, 'Provider')) ??
    readId(draft, lastChild(system, 'EventID')) ??
    readKeywords(draft, lastText(system, 'Keywords'));
  if (refusal !== undefined) return refusal;
  readNumbers(draft, system);
  readTime(draft, lastAttributes(system, 'TimeCreated'), tags);
  readPlaces(draft, system);
  return undefined;
}

function lastChild({ children }: XmlElement, name: string): XmlElement | undefined {
  for (let at = children.length - 1; at >= 0; at -= 1) if (children[at]?.name === name) return children[at];
  return undefined;
}

function lastText(system: XmlElement, name: string): string {
  return lastChild(system, name)?.text.trim() ?? '';
}

function lastAttributes(system: XmlElement, name: string): Readonly<Record<string, string>> {
  return lastChild(system, name)?.attributes ?? {};
}

/** Damaged records have none, and Winlogbeat writes those, too. */
function readProvider(draft: Draft, provider: XmlElement | undefined): string | undefined {
  const { Name: name, EventSourceName: source, Guid: guid } = provider?.attributes ?? {};
  draft.providerName = name || source || '';
  if (guid !== undefined && guid !== '') draft.providerGuid = braced(guid);
  if (draft.providerName !== '' || provider === undefined) return undefined;
  // A provider under another name would be lost, and the identity with it.
  const others = [...Object.keys(provider.attributes), ...provider.children.map(({ name }) => name)];
  const other = others.find((name) => /(?:^|\W|_)name$/iu.test(name) && name !== 'Name' && name !== 'EventSourceName');
  return other === undefined ? undefined : `System/Provider has ${other.slice(0, 40)} and no Name`;
}

function readId(draft: Draft, element: XmlElement | undefined): string | undefined {
  const text = element?.text.trim() ?? '';
  const id = foldedId(text, element?.attributes['Qualifiers']);
  if (id === undefined) return `System/EventID is "${text.slice(0, 40)}", not a number`;
  draft.eventId = id.eventId;
  if (id.qualifiers !== undefined) draft.qualifiers = id.qualifiers;
  return undefined;
}

function readKeywords(draft: Draft, text: string): string | undefined {
  if (text === '') return undefined;
  const mask = keywordMask(text);
  if (mask === undefined) return `System/Keywords is "${text.slice(0, 40)}", not a number`;
  draft.keywordMask = mask;
  return undefined;
}

function readNumbers(draft: Draft, system: XmlElement): void {
  const set = (
    key: 'version' | 'level' | 'task' | 'opcode' | 'processId' | 'threadId',
    value: string | undefined,
    largest: number,
  ): void => {
    const number = value === undefined ? undefined : wholeNumber(value, largest);
    if (number !== undefined) draft[key] = number;
  };
  set('version', lastText(system, 'Version'), 0xff);
  set('level', lastText(system, 'Level'), 0xff);
  // A missing one is 0 to Winlogbeat, which has a name for it.
  set('task', lastText(system, 'Task') || '0', 0xff_ff);
  set('opcode', lastText(system, 'Opcode'), 0xff);
  const execution = lastAttributes(system, 'Execution');
  set('processId', execution['ProcessID'], 0xff_ff_ff_ff);
  set('threadId', execution['ThreadID'], 0xff_ff_ff_ff);
  const trace = Object.keys(execution).length > 2 ? traceOf((attribute) => execution[attribute]) : undefined;
  if (trace !== undefined) draft.trace = trace;
}

function readTime(draft: Draft, attributes: Readonly<Record<string, string>>, tags: Set<string>): void {
  const given = attributes['SystemTime'];
  const time = given === undefined ? undefined : normaliseTime(given);
  if (time !== undefined) draft.timeCreated = time;
  else if (given !== undefined && given !== '') tags.add(TIME_INVALID_TAG);
}

function readPlaces(draft: Draft, system: XmlElement): void {
  const recordId = lastText(system, 'EventRecordID');
  if (/^[1-9]\d{0,19}$/u.test(recordId)) draft.recordId = recordId;
  const correlation = lastAttributes(system, 'Correlation');
  const set = (key: 'channel' | 'computer' | 'activityId' | 'relatedActivityId', value: string | undefined): void => {
    if (value !== undefined && value !== '') draft[key] = value;
  };
  set('channel', lastText(system, 'Channel'));
  set('computer', lastText(system, 'Computer'));
  set('activityId', braced(correlation['ActivityID'] ?? ''));
  set('relatedActivityId', braced(correlation['RelatedActivityID'] ?? ''));
  const user = lastAttributes(system, 'Security')['UserID'] ?? '';
  if (user !== '') draft.user = { identifier: user };
}

function readSection(draft: Draft, section: XmlElement, tags: Set<string>): void {
  if (section.name === 'EventData') {
    const data = readEventData(section, tags);
    if (data !== undefined) draft.eventData = joined(draft.eventData, data, tags);
    if (section.attributes['Name'] !== undefined) addMore(draft, readMoreData(section, tags));
  } else if (section.name === 'UserData') {
    const data = readUserData(section, tags);
    const { userData: first } = draft;
    if (data !== undefined)
      draft.userData = first === undefined ? data : { ...first, values: joined(first.values, data.values, tags) };
  } else if (section.name === 'RenderingInfo') readRendering(draft, section);
  else if (section.name === 'ProcessingErrorData') readProcessingError(draft, section);
  if (!WITHOUT_MORE.has(section.name)) addMore(draft, readMoreData(section, tags));
}

/** Read elsewhere, or not part of the event. */
const WITHOUT_MORE = new Set(['System', 'EventData', 'UserData', 'RenderingInfo', 'SubscriptionBookmarkXml']);

function addMore(draft: Draft, data: WindowsEvent['moreData']): void {
  if (data !== undefined) draft.moreData = { ...draft.moreData, ...data };
}

function readRendering(draft: Draft, section: XmlElement): void {
  const message = withPlainLineEnds(child(section, 'Message')?.text ?? '');
  if (message.trim() !== '') draft.message = message;
  const set = (key: 'levelName' | 'taskName' | 'opcodeName', name: string): void => {
    const value = child(section, name)?.text.trim() ?? '';
    if (value !== '') draft[key] = value;
  };
  set('levelName', 'Level');
  set('taskName', 'Task');
  set('opcodeName', 'Opcode');
  const keywords = child(section, 'Keywords')
    ?.children.map((keyword) => keyword.text.trim())
    .filter((keyword) => keyword !== '');
  if (keywords !== undefined && keywords.length > 0) draft.keywordNames = keywords;
}

function readProcessingError(draft: Draft, section: XmlElement): void {
  const text = (name: string): string | undefined => child(section, name)?.text;
  Object.assign(draft, processingError(text('ErrorCode'), text('DataItemName')));
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  for (const candidate of element.children) if (candidate.name === name) return candidate;
  return undefined;
}

/** Decimal or hexadecimal, at most 64 bits; undefined otherwise. */
export function keywordMask(text: string): bigint | undefined {
  if (!/^(?:0x[\da-f]{1,16}|\d{1,20})$/iu.test(text)) return undefined;
  const mask = BigInt(text);
  return mask === BigInt.asUintN(64, mask) ? mask : undefined;
}

const GUID_OF_WINDOWS = /^\{[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\}$/u;
const GUID = /^\{?([\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})\}?$/iu;

/**
 * A GUID with braces and in small letters, as Windows writes it; parsers of log files leave the
 * ones out, and those and others write large letters.
 */
export function braced(guid: string): string {
  if (guid.length < GUID_LENGTH) return guid;
  // Checked before the pattern that parses it: nearly every one is as Windows writes it.
  if (GUID_OF_WINDOWS.test(guid)) return guid;
  const digits = GUID.exec(guid)?.[1];
  return digits === undefined ? guid : `{${digits.toLowerCase()}}`;
}
