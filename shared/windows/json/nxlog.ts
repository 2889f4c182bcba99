// NXLog's im_msvistalog as JSON. Source: https://docs.nxlog.co/refman/current/im/msvistalog.html.
import type { EventUser, ReadResult } from '../../contracts/windows-event.ts';
import { boundedPairs } from './bounded-data.ts';
import { eventOfXml } from './embedded-xml.ts';
import { type Json, text, whole } from './fields.ts';
import { eventOf, localTimeOf, type SystemFields, userOf, ZONE_TAG } from './system-fields.ts';

/** NXLog's fields for `System` and its own; every other field is event data. */
const OWN = new Set(
  (
    'EventTime Hostname Keywords SeverityValue Severity EventID SourceName ProviderGuid Version Task TaskValue OpcodeValue Opcode RecordNumber ' +
    'ActivityID RelatedActivityID ExecutionProcessID ExecutionThreadID ThreadID Channel Domain AccountName AccountType UserID Message Category ' +
    'EventReceivedTime SourceModuleName SourceModuleType EventXML EventTypeOrignal Level Qualifiers'
  ).split(' '),
);
/** Fields that Logstash adds. */
const LOGSTASH = new Set(['host', 'port', 'tags', 'type', 'path']);

/** Level numbers of `EventType`; audits have level 0. */
const LEVELS: Readonly<Record<string, number>> = {
  CRITICAL: 1,
  ERROR: 2,
  WARNING: 3,
  INFO: 4,
  VERBOSE: 5,
  AUDIT_SUCCESS: 0,
  AUDIT_FAILURE: 0,
};
/** By `SeverityValue`, NXLog's own scale from 1 debug to 5 critical. */
const LEVEL_OF_SEVERITY: readonly (number | undefined)[] = [undefined, 5, 4, 3, 2, 1];

/** Whether it is of that module, or has fields that only NXLog names so. */
export function isNxlog(value: Json): boolean {
  if (!('SourceName' in value && 'EventID' in value)) return false;
  return value['SourceModuleType'] === 'im_msvistalog' || 'EventTime' in value || 'EventReceivedTime' in value;
}

/**
 * Reads such an event. A time without a zone, as NXLog writes it by default, is kept in the event
 * data as it is. Never throws.
 */
export function readNxlog(value: Json): ReadResult {
  const known = { message: value['Message'], taskName: value['Category'], opcodeName: value['Opcode'] };
  const carried = eventOfXml('nxlog', value['EventXML'], known);
  if (carried !== undefined) return carried;
  const tags = new Set<string>();
  const times = localTimeOf(value['EventTime'], [value['@timestamp']], tags);
  const data = dataOf(value);
  if (tags.has(ZONE_TAG)) data.push(['EventTime', value['EventTime']]);
  return eventOf('nxlog', { ...systemOf(value), ...known, ...times }, { eventData: boundedPairs(data, tags), tags });
}

function systemOf(value: Json): Omit<SystemFields, 'time' | 'localTime'> {
  return {
    provider: value['SourceName'],
    providerGuid: value['ProviderGuid'],
    eventId: value['EventID'],
    qualifiers: value['Qualifiers'],
    version: value['Version'],
    level: levelOf(value),
    task: value['TaskValue'] ?? value['Task'] ?? (isOldModule(value) ? value['CategoryNumber'] : undefined),
    opcode: value['OpcodeValue'],
    keywords: value['Keywords'],
    recordId: value['RecordNumber'],
    activityId: value['ActivityID'],
    relatedActivityId: value['RelatedActivityID'],
    // With ExecutionProcessID, ProcessID is event data, as in the events of the filtering platform.
    processId: value['ExecutionProcessID'] ?? value['ProcessID'],
    threadId: value['ExecutionThreadID'] ?? value['ThreadID'],
    channel: isOldModule(value) ? value['FileName'] : value['Channel'],
    computer: value['Hostname'],
    user: accountOf(value),
  };
}

/**
 * im_mseventlog, of Windows before Vista, has the log in FileName.
 * Source: https://docs.nxlog.co/refman/current/im/mseventlog.html.
 */
function isOldModule(value: Json): boolean {
  return value['SourceModuleType'] === 'im_mseventlog' || ('EventTimeWritten' in value && !('Channel' in value));
}

const OF_OLD_MODULE = new Set(['FileName', 'EventTimeWritten', 'CategoryNumber']);

function levelOf(value: Json): number | undefined {
  const type = text(value['EventType']);
  const known = type !== undefined && Object.hasOwn(LEVELS, type) ? LEVELS[type] : undefined;
  return known ?? LEVEL_OF_SEVERITY[whole(value['SeverityValue'], LEVEL_OF_SEVERITY.length) ?? 0];
}

function accountOf(value: Json): EventUser | undefined {
  const user: { -readonly [K in keyof EventUser]: EventUser[K] } = { ...userOf(value['UserID']) };
  const [name, domain, type] = [text(value['AccountName']), text(value['Domain']), text(value['AccountType'])];
  if (name !== undefined) user.name = name;
  if (domain !== undefined) user.domain = domain;
  if (type !== undefined) user.type = type;
  return Object.keys(user).length === 0 ? undefined : user;
}

/** Event data is in the same flat object; unnamed items are `Data`, `Data_1` and so on. */
function dataOf(value: Json): (readonly [string, unknown])[] {
  const data: (readonly [string, unknown])[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (isOwn(name, value)) continue;
    const position = /^Data(?:_(\d{1,3}))?$/u.exec(name);
    data.push([position === null ? name : `param${Number(position[1] ?? 0) + 1}`, item]);
  }
  return data;
}

/**
 * Whether a field is NXLog's or Logstash's; two names are NXLog's or event data, depending on other
 * fields.
 */
function isOwn(name: string, value: Json): boolean {
  if (OWN.has(name) || name.startsWith('@')) return true;
  if (OF_OLD_MODULE.has(name)) return isOldModule(value);
  if (name === 'EventType') return Object.hasOwn(LEVELS, text(value['EventType']) ?? '');
  if (name === 'ProcessID') return !('ExecutionProcessID' in value);
  return '@version' in value && LOGSTASH.has(name);
}
