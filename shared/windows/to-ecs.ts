// A Windows event as the ECS document that Winlogbeat would have written; unknown, zero and empty
// values are absent.
import type { EcsDocument } from '../contracts/enriched-event.ts';
import { ECS_VERSION } from '../ecs/ecs-fields.ts';
import type { UserData, WindowsEvent } from '../contracts/windows-event.ts';
import { addOtherData } from './other-data.ts';
import { type Settled, settleFields } from './settle-fields.ts';
import { keywordNames, knownUser, levelName, opcodeName, outcomeOf, taskName } from './names.ts';

/** What the document has besides the event: when it was received, RFC 3339. */
interface EcsContext {
  readonly receivedAt: string;
}

/** `host.os.type` of every computer that a Windows event names. */
const WINDOWS = 'windows';
/** `rule.ruleset` of what the catalogue tagged. */
const RULESET = 'foghorn';
/** The tag of an event without a time of its own. */
const TIME_TAG = 'foghorn_time_missing';
/**
 * The tag of a document whose `host` was another machine than the event's: a collector of forwarded
 * events, or a sender that names a host at will.
 */
const OTHER_HOST_TAG = 'foghorn_host_of_sender';

/**
 * Writes the document. The event's `ecs` object, where there is one, is taken over and completed.
 */
export function toEcs(event: WindowsEvent, context: EcsContext): EcsDocument {
  const { ecs } = event;
  const tags = new Set(event.tags);
  const settled = ecs === undefined ? NOTHING : settle(event, ecs, tags);
  const document = ecs === undefined ? freshDocument(event, context) : completed(event, ecs);
  const senderHost = ecs === undefined ? undefined : settleHost(document, event);
  if (ecs !== undefined) setSystem(document, event);
  if (senderHost !== undefined) tags.add(OTHER_HOST_TAG);
  if (event.timeCreated === undefined) {
    document['@timestamp'] = context.receivedAt;
    tags.add(TIME_TAG);
  }
  if (tags.size > 0) document['tags'] = [...new Set([...tagsOf(document['tags']), ...tags])];
  const own: EcsDocument = { form: event.form };
  if (senderHost !== undefined) own['sender_host'] = senderHost;
  if (settled !== NOTHING) Object.assign(own, settled);
  addOtherData(own, document['winlog'] as EcsDocument);
  document['foghorn'] = own;
  return document;
}

const NOTHING: Settled = {};

/** Misplaced values move aside first, so that Foghorn's own fields overwrite none. */
function settle({ ecsAside, isEcsOrdinary }: WindowsEvent, document: EcsDocument, tags: Set<string>): Settled {
  dropSendersOwn(document);
  if (isEcsOrdinary === true) return NOTHING;
  const winlog = document['winlog'] as EcsDocument;
  // The event has both within its bounds.
  for (const data of ['event_data', 'user_data']) if (isObject(winlog[data])) winlog[data] = undefined;
  return settleFields(document, tags, ecsAside);
}

/**
 * A document that was ECS already keeps its fields; those that Foghorn searches by get their places
 * and types.
 */
function completed(event: WindowsEvent, document: EcsDocument): EcsDocument {
  const winlog = childOf(document, 'winlog');
  winlog['event_id'] = String(event.eventId);
  winlog['provider_name'] = providerOf(event);
  if (event.recordId !== undefined) winlog['record_id'] = recordIdOf(event);
  winlog['event_data'] = eventDataOf(event);
  if (hasValues(event.userData)) winlog['user_data'] = userDataOf(event.userData);
  else leaveOut(winlog, 'user_data');
  const fields = childOf(document, 'event');
  fields['kind'] ??= 'event';
  fields['code'] = String(event.eventId);
  fields['provider'] ??= providerOf(event);
  if (event.message !== undefined) document['message'] = event.message;
  if (event.timeCreated !== undefined) document['@timestamp'] = event.timeCreated;
  childOf(document, 'ecs')['version'] ??= ECS_VERSION;
  return document;
}

/**
 * The host of a document is the computer of its event, as in id, incident, routes and silences. An
 * agent's fields about another machine, its own, as on a collector of forwarded events, move to
 * `observer`; returns that machine's name. https://www.elastic.co/docs/reference/ecs/ecs-observer.
 */
function settleHost(document: EcsDocument, { computer }: WindowsEvent): string | undefined {
  if (computer === undefined) return undefined;
  const host = childOf(document, 'host');
  const { name } = host;
  if (typeof name !== 'string' || name === '' || isSameMachine(name, computer)) {
    host['name'] = computer;
    return undefined;
  }
  document['host'] = { name: computer };
  const observer = childOf(document, 'observer');
  observer['hostname'] ??= name;
  for (const field of OF_A_MACHINE) if (host[field] !== undefined) observer[field] ??= host[field];
  return name;
}

/** Elastic's rules ask for it in every event. */
function setSystem(document: EcsDocument, { computer }: WindowsEvent): void {
  const host = document['host'];
  if (computer === undefined || !isObject(host)) return;
  if (host['os'] === undefined) host['os'] = { type: WINDOWS };
  else if (isObject(host['os'])) host['os']['type'] ??= WINDOWS;
}

/** What ECS has for hosts and for observers. */
const OF_A_MACHINE = ['ip', 'mac', 'os'];

/** A name alone and one with its domain may be the same machine. */
function isSameMachine(name: string, computer: string): boolean {
  const [one, other] = [name.toLowerCase(), computer.toLowerCase()];
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

/** Fields for the sender's own destination, and a match, which only the catalogue may set. */
function dropSendersOwn(document: EcsDocument): void {
  leaveOut(document, '@metadata');
  // Elasticsearch refuses a document that names another stream than the one it goes to.
  leaveOut(document, 'data_stream');
  if (document['rule'] !== undefined && isOurRule(document['rule'])) leaveOut(document, 'rule');
}

/** Whether a sender set a match, which only the catalogue may. */
function isOurRule(rule: unknown): boolean {
  return [rule].flat().some((item) => [(item as EcsDocument | null | undefined)?.['ruleset']].flat().includes(RULESET));
}

/**
 * Undefined fields are not serialised; deleting one would make the whole object slow to serialise.
 */
function leaveOut(document: EcsDocument, key: string): void {
  if (key in document) document[key] = undefined;
}

/** Texts; lists only where the sender's scripts made them. */
function eventDataOf({ eventData, eventLists, moreData }: WindowsEvent): EcsDocument | undefined {
  if (eventLists === undefined && moreData === undefined) return eventData;
  return { ...moreData, ...eventData, ...Object.fromEntries(eventLists ?? []) };
}

function freshDocument(event: WindowsEvent, context: EcsContext): EcsDocument {
  const document: EcsDocument = { '@timestamp': event.timeCreated };
  const fields: EcsDocument = {
    kind: 'event',
    code: String(event.eventId),
    created: context.receivedAt,
  };
  set(fields, 'provider', event.providerName);
  set(fields, 'action', taskOf(event));
  const outcome = event.keywordMask === undefined ? undefined : outcomeOf(event.keywordMask);
  if (outcome !== undefined) fields['outcome'] = outcome;
  document['event'] = fields;
  document['winlog'] = winlogOf(event);
  const level = (event.level === undefined ? undefined : levelName(event.level)) ?? event.levelName?.toLowerCase();
  if (level !== undefined) document['log'] = { level };
  if (event.message !== undefined) document['message'] = event.message;
  if (event.computer !== undefined) document['host'] = { name: event.computer, os: { type: WINDOWS } };
  const error = errorOf(event);
  if (error !== undefined) document['error'] = error;
  document['ecs'] = { version: ECS_VERSION };
  return document;
}

function winlogOf(event: WindowsEvent): EcsDocument {
  const winlog: EcsDocument = {
    api: 'wineventlog',
    event_id: String(event.eventId),
  };
  set(winlog, 'provider_name', event.providerName);
  set(winlog, 'provider_guid', event.providerGuid);
  set(winlog, 'channel', event.channel);
  set(winlog, 'computer_name', event.computer);
  set(winlog, 'record_id', recordIdOf(event));
  set(winlog, 'version', event.version);
  set(winlog, 'task', taskOf(event));
  set(winlog, 'opcode', event.opcodeName ?? (event.opcode === undefined ? undefined : opcodeName(event.opcode)));
  const keywords = event.keywordNames ?? (event.keywordMask === undefined ? [] : keywordNames(event.keywordMask));
  if (keywords.length > 0) winlog['keywords'] = keywords;
  set(winlog, 'activity_id', event.activityId);
  set(winlog, 'related_activity_id', event.relatedActivityId);
  setProcess(winlog, event);
  if (event.trace !== undefined) Object.assign(winlog, event.trace);
  if (event.user !== undefined) winlog['user'] = knownUser(event.user);
  const data = eventDataOf(event);
  if (data !== undefined) winlog['event_data'] = data;
  if (hasValues(event.userData)) winlog['user_data'] = userDataOf(event.userData);
  set(winlog, 'time_created', event.timeCreated);
  return winlog;
}

function providerOf({ providerName }: WindowsEvent): string | undefined {
  return providerName === '' ? undefined : providerName;
}

function taskOf({ task, taskName: name }: WindowsEvent): string | undefined {
  return name ?? (task === undefined ? undefined : taskName(task));
}

/** A number as Winlogbeat has it, or the digits where a number would lose some. */
function recordIdOf({ recordId }: WindowsEvent): string | number | undefined {
  const number = Number(recordId);
  return Number.isSafeInteger(number) ? number : recordId;
}

/** User data without values is not written, not even its name. */
function hasValues(userData: UserData | undefined): userData is UserData {
  return userData !== undefined && Object.keys(userData.values).length > 0;
}

function userDataOf({ values, xmlName }: UserData): EcsDocument {
  return { ...values, ...(xmlName === '' ? {} : { xml_name: xmlName }) };
}

function setProcess(winlog: EcsDocument, { processId = 0, threadId = 0 }: WindowsEvent): void {
  if (processId === 0 && threadId === 0) return;
  const process: EcsDocument = {};
  if (processId !== 0) process['pid'] = processId;
  if (threadId !== 0) process['thread'] = { id: threadId };
  winlog['process'] = process;
}

function errorOf({ errorCode, errorMessages }: WindowsEvent): EcsDocument | undefined {
  if (errorCode === undefined && errorMessages === undefined) return undefined;
  const error: EcsDocument = {};
  set(error, 'code', errorCode);
  if (errorMessages !== undefined) error['message'] = errorMessages.length === 1 ? errorMessages[0] : errorMessages;
  return error;
}

/** Zero and empty are absent. */
function set(target: EcsDocument, key: string, value: string | number | undefined): void {
  if (value !== undefined && value !== '' && value !== 0) target[key] = value;
}

function childOf(document: EcsDocument, key: string): EcsDocument {
  const present = document[key];
  if (isObject(present)) return present;
  const made: EcsDocument = {};
  document[key] = made;
  return made;
}

function isObject(value: unknown): value is EcsDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tagsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
