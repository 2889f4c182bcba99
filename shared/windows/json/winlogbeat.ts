// Winlogbeat 7 to 9 and Elastic Agent documents: ECS already, so the document is kept and only the
// fields that Foghorn needs are read.
import type { EventUser, ReadResult, WindowsEvent } from '../../contracts/windows-event.ts';
import { foldedId } from '../event-id.ts';
import { MAX_DOCUMENT_DEPTH } from '../limits.ts';
import { normaliseTime, TIME_INVALID_TAG } from '../time.ts';
import { arePairs, boundedData } from './bounded-data.ts';
import { eventOfXml } from './embedded-xml.ts';
import { isObject, type Json, objectOf, scalarText, text, textList } from './fields.ts';

type TextKey =
  | 'timeCreated'
  | 'channel'
  | 'computer'
  | 'message'
  | 'levelName'
  | 'taskName'
  | 'opcodeName'
  | 'providerGuid';
type Draft = { -readonly [K in keyof WindowsEvent]?: WindowsEvent[K] };

/** Whether a JSON object is such a document: it has `winlog`, nested or with dotted names. */
export function isWinlogbeat(value: Json): boolean {
  return isObject(value['winlog']) || 'winlog.event_id' in value || 'winlog.provider_name' in value;
}

/**
 * Reads a document. The object is taken over: the event's `ecs` is the same object, without
 * `@metadata`. Never throws.
 */
export function readWinlogbeat(given: Json): ReadResult {
  const longest = longestPath(given);
  if (longest > MAX_DOCUMENT_DEPTH) return bad(`objects or lists are nested deeper than ${MAX_DOCUMENT_DEPTH}`);
  const aside: Record<string, unknown> = {};
  const flat = withLiftedNames(given);
  const document = longest > 1 || flat !== given ? nested(flat, aside) : given;
  const read = readDocument(document);
  if (read.kind === 'bad' || Object.keys(aside).length === 0) return read;
  return { kind: 'event', event: { ...read.event, ecsAside: aside } };
}

/**
 * Reads an ordinary document: its fields are at their own places and need no further check. Never
 * throws.
 */
export function readOrdinary(document: Json): ReadResult {
  const read = readDocument(document);
  if (read.kind === 'event') (read.event as Draft).isEcsOrdinary = true;
  return read;
}

function readDocument(document: Json): ReadResult {
  const winlog = document['winlog'] as Json;
  const event = objectOf(document['event']);
  const providerName = text(winlog['provider_name']) ?? text(event['provider']) ?? '';
  const id = idOf(winlog, event);
  if (id === undefined) return bad('neither winlog.event_id nor event.code is an event id');
  const draft: Draft = { form: 'winlogbeat', providerName, ...id };
  readNumbers(draft, winlog);
  readTexts(draft, { document, winlog });
  readData(draft, { document, winlog });
  draft.ecs = document;
  return { kind: 'event', event: draft as WindowsEvent };
}

function readData(draft: Draft, { document, winlog }: { readonly document: Json; readonly winlog: Json }): void {
  const data = winlog['event_data'];
  const isSpoiled = isTimeSpoiled(draft, { document, winlog });
  if (isObject(data) && arePairs(data) && winlog['user_data'] === undefined) {
    draft.eventData = data;
    if (isSpoiled) draft.tags = [TIME_INVALID_TAG];
    return;
  }
  const tags = new Set(isSpoiled ? [TIME_INVALID_TAG] : []);
  readOtherData(draft, { document, winlog }, tags);
  if (tags.size > 0) draft.tags = [...tags];
}

/** Data other than the few texts of most events. */
function readOtherData(
  draft: Draft,
  { document, winlog }: { readonly document: Json; readonly winlog: Json },
  tags: Set<string>,
): void {
  const lists = new Map<string, readonly unknown[]>();
  const given = dataObject(winlog['event_data']);
  // It is read here, so it is not misplaced.
  if (given !== winlog['event_data']) define(winlog, 'event_data', given);
  const data = boundedData(given, tags, lists);
  if (data !== undefined) draft.eventData = data;
  if (lists.size > 0) draft.eventLists = lists;
  const { xml_name: xmlName, ...values } = boundedData(winlog['user_data'], tags) ?? {};
  if (Object.keys(values).length > 0 || xmlName !== undefined) draft.userData = { xmlName: xmlName ?? '', values };
  if (draft.eventData === undefined && draft.userData === undefined) readOriginal(draft, document, tags);
}

/** Event data that the document lacks, from the XML if its agent kept that. */
function readOriginal(draft: Draft, document: Json, tags: Set<string>): void {
  const read = eventOfXml('winlogbeat', objectOf(document['event'])['original'], {});
  if (read?.kind !== 'event') return;
  const { eventData, userData, message } = read.event;
  if (eventData !== undefined) draft.eventData = eventData;
  if (userData !== undefined) draft.userData = userData;
  if (draft.message === undefined && message !== undefined) draft.message = message;
  for (const tag of read.event.tags ?? []) tags.add(tag);
}

/** A script's list of lines is one message. */
function messageOf(value: unknown): string | undefined {
  return text(Array.isArray(value) ? textList(value)?.join('\n') : value);
}

/** Event data as names and values where a script left JSON of them, or a list of pairs. */
function dataObject(value: unknown): unknown {
  if (typeof value === 'string') return parsedObject(value) ?? value;
  if (!Array.isArray(value) || !value.every(isObject)) return value;
  const pairs = value.flatMap((item): readonly (readonly [string, unknown])[] => {
    const name = scalarText(item['Name'] ?? item['name'] ?? item['key']);
    const isPair = name !== undefined && Object.keys(item).length === 2;
    return isPair ? [[name, Object.entries(item).find(([, one]) => one !== name)?.[1] ?? name]] : Object.entries(item);
  });
  return new Set(pairs.map(([name]) => name)).size === pairs.length ? Object.fromEntries(pairs) : value;
}

function parsedObject(json: string): unknown {
  if (!json.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(json);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    // A text that is no JSON is kept.
    return undefined;
  }
}

function bad(detail: string): ReadResult {
  return { kind: 'bad', reason: 'invalid_event', detail };
}

function idOf(winlog: Json, event: Json) {
  const given = winlog['event_id'] ?? event['code'];
  const qualifiers = winlog['event_identifier_qualifiers'] ?? winlog['qualifiers'];
  const second = typeof qualifiers === 'string' || typeof qualifiers === 'number' ? qualifiers : undefined;
  return typeof given === 'string' || typeof given === 'number' ? foldedId(given, second) : undefined;
}

function readNumbers(draft: Draft, winlog: Json): void {
  const record = winlog['record_id'];
  // A number that JSON cannot hold exactly would make two events one.
  if (
    (Number.isSafeInteger(record) && Number(record) > 0) ||
    (typeof record === 'string' && /^[1-9]\d{0,19}$/u.test(record))
  )
    draft.recordId = String(record);
  const process = objectOf(winlog['process']);
  const [pid, thread] = [process['pid'], objectOf(process['thread'])['id']];
  if (typeof winlog['version'] === 'number') draft.version = winlog['version'];
  if (typeof pid === 'number') draft.processId = pid;
  if (typeof thread === 'number') draft.threadId = thread;
}

function readTexts(draft: Draft, { document, winlog }: { readonly document: Json; readonly winlog: Json }): void {
  const set = (key: TextKey, value: string | undefined): void => {
    if (value !== undefined) draft[key] = value;
  };
  set('timeCreated', timeIn(winlog['time_created']) ?? timeIn(document['@timestamp']));
  set('channel', text(winlog['channel']));
  set('computer', text(winlog['computer_name']) ?? text(objectOf(document['host'])['name']));
  set('message', messageOf(document['message']));
  set('levelName', text(objectOf(document['log'])['level']));
  set('taskName', text(winlog['task']));
  set('opcodeName', text(winlog['opcode']));
  set('providerGuid', text(winlog['provider_guid']));
  if (isObject(winlog['user'])) draft.user = userOf(winlog['user']);
}

/**
 * Winlogbeat has the event's own time in `@timestamp`; Filebeat and Elastic Agent decode it to
 * `winlog.time_created`, and `@timestamp` is when they read the event.
 */
function isTimeSpoiled(
  { timeCreated }: Draft,
  { document, winlog }: { readonly document: Json; readonly winlog: Json },
): boolean {
  const own = winlog['time_created'] ?? undefined;
  if (own !== undefined) return timeIn(Array.isArray(own) ? own[0] : own) === undefined;
  return timeCreated === undefined && '@timestamp' in document;
}

function timeIn(value: unknown): string | undefined {
  return normaliseTime(scalarText(Array.isArray(value) && value.length === 1 ? value[0] : value) ?? '');
}

function userOf(user: Json): EventUser {
  const read: { -readonly [K in keyof EventUser]: EventUser[K] } = {};
  for (const key of ['identifier', 'name', 'domain', 'type'] as const) {
    const value = text(user[key]);
    if (value !== undefined) read[key] = value;
  }
  return read;
}

/** Objects in which some writers leave names dotted. */
const PARTLY_DOTTED = ['winlog', 'event', 'host', 'log'];

/** Moves the dotted names within those objects to the top. */
function withLiftedNames(given: Json): Json {
  let lifted: Record<string, unknown> | undefined;
  for (const object of PARTLY_DOTTED) {
    const place = given[object];
    if (!isObject(place) || !hasDottedName(place)) continue;
    lifted ??= { ...given };
    lifted[object] = undefined;
    for (const [name, item] of Object.entries(place)) lifted[`${object}.${name}`] = item;
  }
  return lifted ?? given;
}

function hasDottedName(place: Json): boolean {
  for (const name in place) if (name.includes('.')) return true;
  return false;
}

/**
 * Dotted names at the top become objects inside one another. A value in place of another name's
 * object, or with another value, goes to `aside` by its path.
 */
function nested(flat: Json, aside: Record<string, unknown>): Json {
  const document: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flat)) {
    const parts = name.split('.');
    let place = document;
    for (const [at, part] of parts.slice(0, -1).entries()) {
      const present = Object.hasOwn(place, part) ? place[part] : undefined;
      if (!isObject(present)) {
        setAside(aside, parts.slice(0, at + 1).join('.'), present);
        define(place, part, {});
      }
      place = place[part] as Record<string, unknown>;
    }
    put({ place, name: parts.at(-1) ?? name, path: name }, value, aside);
  }
  if (!isObject(document['winlog'])) document['winlog'] = {};
  return document;
}

interface Place {
  readonly place: Record<string, unknown>;
  readonly name: string;
  readonly path: string;
}

/** Two objects of one name become one, so that a document may name its fields either way. */
function put({ place, name, path }: Place, value: unknown, aside: Record<string, unknown>): void {
  const present = Object.hasOwn(place, name) ? place[name] : undefined;
  if (isObject(present) && isObject(value)) {
    for (const [key, item] of Object.entries(value))
      put({ place: present, name: key, path: `${path}.${key}` }, item, aside);
  } else if (isObject(present)) setAside(aside, path, value);
  else {
    if (present !== value) setAside(aside, path, present);
    define(place, name, value);
  }
}

function setAside(aside: Record<string, unknown>, path: string, value: unknown): void {
  if (value !== undefined && value !== null) define(aside, path, value);
}

/** The most parts that a dotted name at the top has. */
function longestPath(given: Json): number {
  let most = 1;
  for (const name in given) if (name.includes('.')) most = Math.max(most, name.split('.').length);
  return most;
}

/** A name like `__proto__` is a name like any other. */
function define(place: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(place, name, { value, enumerable: true, configurable: true, writable: true });
}
