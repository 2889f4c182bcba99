// The fields of `System` in every dialect, under one name each. They are checked here once; a
// reader only maps where its dialect keeps them.
import type { EventForm, EventUser, ReadResult, UserData, WindowsEvent } from '../../contracts/windows-event.ts';
import { foldedId } from '../event-id.ts';
import { withPlainLineEnds } from '../pairs.ts';
import { hasZone, normaliseTime, TIME_INVALID_TAG } from '../time.ts';
import { braced, keywordMask } from '../xml.ts';
import { scalarText, text, whole } from './fields.ts';

/** The tag of an event whose time came without a zone. */
export const ZONE_TAG = 'foghorn_time_zone_unknown';

/**
 * Values as in the dialect; unusable ones are left out, except event id and keywords, without which
 * there is no event.
 */
export interface SystemFields {
  readonly provider: unknown;
  readonly providerGuid?: unknown;
  readonly eventId: unknown;
  readonly qualifiers?: unknown;
  readonly version?: unknown;
  readonly level?: unknown;
  readonly levelName?: unknown;
  readonly task?: unknown;
  readonly taskName?: unknown;
  readonly opcode?: unknown;
  readonly opcodeName?: unknown;
  /**
   * The mask: hexadecimal or decimal text, or a number, negative where a writer treats the 64 bits
   * as signed.
   */
  readonly keywords?: unknown;
  readonly keywordNames?: readonly string[] | undefined;
  /** RFC 3339 in UTC; see `timeOf`. */
  readonly time?: string | undefined;
  /** See `localTimeOf`. */
  readonly localTime?: string | undefined;
  readonly recordId?: unknown;
  readonly activityId?: unknown;
  readonly relatedActivityId?: unknown;
  readonly processId?: unknown;
  readonly threadId?: unknown;
  readonly trace?: WindowsEvent['trace'];
  readonly channel?: unknown;
  readonly computer?: unknown;
  readonly user?: EventUser | undefined;
  readonly message?: unknown;
}

/** The fields of an event besides `System`. */
export interface EventContent {
  readonly eventData?: Readonly<Record<string, string>> | undefined;
  readonly userData?: UserData | undefined;
  readonly moreData?: WindowsEvent['moreData'];
  readonly error?: Pick<WindowsEvent, 'errorCode' | 'errorMessages'>;
  readonly tags: ReadonlySet<string>;
}

type Draft = { -readonly [K in keyof WindowsEvent]?: WindowsEvent[K] };

/** The event, or why it is none: an event id or keywords that are no number. */
export function eventOf(form: EventForm, fields: SystemFields, content: EventContent): ReadResult {
  const id = foldedId(scalarText(fields.eventId) ?? '', scalarText(fields.qualifiers));
  if (id === undefined) return bad(`the event id is ${shown(fields.eventId)}, not a number`);
  const mask = maskOf(fields.keywords);
  if (mask === 'invalid') return bad(`the keywords are ${shown(fields.keywords)}, not a number`);
  const draft: Draft = { form, providerName: text(fields.provider) ?? '', ...id };
  if (mask !== undefined) draft.keywordMask = mask;
  if (fields.keywordNames !== undefined) draft.keywordNames = fields.keywordNames;
  readNumbers(draft, fields);
  readTexts(draft, fields);
  readContent(draft, content);
  return { kind: 'event', event: draft as WindowsEvent };
}

/** A refusal with its reason. */
export function bad(detail: string): ReadResult {
  return { kind: 'bad', reason: 'invalid_event', detail };
}

/** An account written `DOMAIN\name`, or a SID. */
export function userOf(account: unknown): EventUser | undefined {
  const given = text(account);
  if (given === undefined) return undefined;
  if (given.startsWith('S-1-')) return { identifier: given };
  const slash = given.indexOf('\\');
  if (slash === -1) return { name: given };
  const domain = given.slice(0, slash);
  return { ...(domain === '' ? {} : { domain }), name: given.slice(slash + 1) };
}

/** The account of a SID, with its name if that was looked up. */
export function accountOf(sid: unknown, name: unknown): EventUser | undefined {
  const [named, known] = [userOf(name), userOf(sid)];
  return named === undefined ? known : { ...named, ...known };
}

/** A time in UTC, also without a zone. An unreadable time adds a tag. */
export function timeOf(value: unknown, tags: Set<string>): string | undefined {
  const given = scalarText(value);
  if (given === undefined) return undefined;
  const time = normaliseTime(given);
  if (time === undefined) tags.add(TIME_INVALID_TAG);
  return time;
}

/** The times of a sender whose clock may be of any zone. */
interface LocalTime {
  readonly time?: string;
  readonly localTime?: string;
}

/**
 * A time that is local without a zone: it then stays unconverted, for the identity and for a
 * configured zone, and `others`, the times that agents on the way gave the event, replace it.
 * Missing facts add tags.
 */
export function localTimeOf(value: unknown, others: readonly unknown[], tags: Set<string>): LocalTime {
  const time = timeOf(value, tags);
  const isLocal = time !== undefined && !hasZone(scalarText(value) ?? '');
  if (time !== undefined && !isLocal) return { time };
  if (isLocal) tags.add(ZONE_TAG);
  const other = others.map((each) => normaliseTime(scalarText(each) ?? '')).find((each) => each !== undefined);
  return { ...(other === undefined ? {} : { time: other }), ...(isLocal ? { localTime: time.slice(0, -1) } : {}) };
}

function readNumbers(draft: Draft, fields: SystemFields): void {
  const set = (
    key: 'version' | 'level' | 'task' | 'opcode' | 'processId' | 'threadId',
    value: unknown,
    most: number,
  ): void => {
    const number = whole(value, most);
    if (number !== undefined) draft[key] = number;
  };
  set('version', fields.version, 0xff);
  set('level', fields.level, 0xff);
  set('task', fields.task, 0xff_ff);
  set('opcode', fields.opcode, 0xff);
  set('processId', fields.processId, 0xff_ff_ff_ff);
  set('threadId', fields.threadId, 0xff_ff_ff_ff);
  // A number that JSON cannot hold exactly would make two events one.
  const isLossy = typeof fields.recordId === 'number' && !Number.isSafeInteger(fields.recordId);
  const record = isLossy ? undefined : scalarText(fields.recordId);
  if (record !== undefined && /^[1-9]\d{0,19}$/u.test(record)) draft.recordId = record;
}

function readTexts(draft: Draft, fields: SystemFields): void {
  const set = (
    key: 'levelName' | 'taskName' | 'opcodeName' | 'channel' | 'computer' | 'timeCreated' | 'localTime',
    value: unknown,
  ): void => {
    const given = text(value);
    if (given !== undefined) draft[key] = given;
  };
  set('levelName', fields.levelName);
  set('taskName', fields.taskName);
  set('opcodeName', fields.opcodeName);
  set('channel', fields.channel);
  set('computer', fields.computer);
  set('timeCreated', fields.time);
  set('localTime', fields.localTime);
  setGuids(draft, fields);
  const message = messageText(fields.message);
  if (message !== undefined) draft.message = message;
  if (fields.user !== undefined) draft.user = fields.user;
  if (fields.trace !== undefined) draft.trace = fields.trace;
}

/** A message that is not empty, with plain line ends. */
export function messageText(value: unknown): string | undefined {
  const message = withPlainLineEnds(text(value) ?? '');
  return message.trim() === '' ? undefined : message;
}

/** GUIDs with braces; a GUID of zeros means none. */
function setGuids(draft: Draft, fields: SystemFields): void {
  for (const key of ['providerGuid', 'activityId', 'relatedActivityId'] as const) {
    const given = text(fields[key]);
    if (given !== undefined && !/^[{}0-]+$/u.test(given)) draft[key] = braced(given);
  }
}

function readContent(draft: Draft, { eventData, userData, moreData, error, tags }: EventContent): void {
  if (eventData !== undefined) draft.eventData = eventData;
  if (userData !== undefined) draft.userData = userData;
  if (moreData !== undefined) draft.moreData = moreData;
  Object.assign(draft, error);
  if (tags.size > 0) draft.tags = [...tags];
}

/**
 * A number beyond 2^53 may have lost its low bits in a writer without such integers; its standard
 * bits, from 2^48 up, are exact.
 */
export function maskOf(value: unknown): bigint | 'invalid' | undefined {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < -(2 ** 63) || value >= 2 ** 64) return 'invalid';
    return BigInt.asUintN(64, BigInt(value));
  }
  const given = text(value)?.trim();
  if (given === undefined) return undefined;
  if (/^-?\d{16,20}$/u.test(given) && String(Number(given)) === given) return maskOf(Number(given));
  if (/^-\d{1,19}$/u.test(given)) return BigInt.asUintN(64, BigInt(given));
  return keywordMask(given) ?? 'invalid';
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : `"${(JSON.stringify(value) ?? '').slice(0, 40)}"`;
}
