// Exported rows of Azure Monitor's tables: WindowsEvent, Event and SecurityEvent of the Azure
// Monitor Agent, and records of Azure's diagnostics extension.
// Sources: https://learn.microsoft.com/azure/azure-monitor/reference/tables/windowsevent, …/event,
// …/securityevent.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { readEventData, readUserData } from '../event-data.ts';
import type { XmlElement } from '../xml-tree.ts';
import { boundedData } from './bounded-data.ts';
import { eventOfXml } from './embedded-xml.ts';
import { isObject, type Json, objectOf, scalarText, text, whole } from './fields.ts';
import { bad, type EventContent, eventOf, type SystemFields, timeOf, userOf } from './system-fields.ts';
import { sectionOf } from './xml-section.ts';

type Table = 'WindowsEvent' | 'Event' | 'SecurityEvent';

/**
 * Whether it is a row of one of these tables, or a record of the diagnostics extension with the
 * event's XML.
 */
export function isAzure(value: Json): boolean {
  return tableOf(value) !== undefined || isDiagnostics(value);
}

/**
 * Reads such a row. Event and SecurityEvent have no record number, and Event has no names. Never
 * throws.
 */
export function readAzure(value: Json): ReadResult {
  if (isDiagnostics(value)) {
    const { RawXml: xml, Description: message } = objectOf(value['properties']);
    return eventOfXml('azure', xml, { message }) ?? bad('the XML in properties.RawXml is not a whole event');
  }
  const table = tableOf(value);
  if (table === 'WindowsEvent') return readWindowsEvent(value);
  return table === 'Event' ? readEventRow(value) : readSecurityEvent(value);
}

/** By the columns that no other table has; the column `Type` may be renamed on the way. */
function tableOf(value: Json): Table | undefined {
  if (!('TimeGenerated' in value && 'EventID' in value && 'Computer' in value)) return undefined;
  if ('Provider' in value && 'Channel' in value) return 'WindowsEvent';
  if ('EventLog' in value && 'Source' in value) return 'Event';
  return 'EventSourceName' in value && 'Channel' in value ? 'SecurityEvent' : undefined;
}

function isDiagnostics(value: Json): boolean {
  const properties = objectOf(value['properties']);
  return 'RawXml' in properties && 'EventId' in properties;
}

function readWindowsEvent(value: Json): ReadResult {
  const raw = eventOfXml('azure', value['RawEventData'], {});
  if (raw !== undefined) return raw;
  const tags = new Set<string>();
  const data = parsedOf(value['EventData']);
  if (data === 'broken') return bad('EventData is no JSON object, and RawEventData is no whole event');
  const correlation = parsedOf(value['Correlation']);
  const { ActivityID: activityId, RelatedActivityID: relatedActivityId } = correlation === 'broken' ? {} : correlation;
  return eventOf(
    'azure',
    {
      ...commonOf(value, tags),
      provider: value['Provider'],
      version: value['Version'],
      level: value['EventLevel'],
      levelName: value['EventLevelName'],
      task: value['Task'] ?? 0,
      opcode: value['Opcode'],
      keywords: value['Keywords'],
      recordId: scalarText(value['EventRecordId']),
      activityId: activityId ?? value['Correlation'],
      relatedActivityId,
      processId: value['SystemProcessId'],
      threadId: value['SystemThreadId'],
      channel: value['Channel'],
      user: userOf(value['SystemUserId']),
    },
    { eventData: boundedData(data, tags), tags },
  );
}

/**
 * The parameters are XML without names; EventData is the XML of the section, in an element of the
 * agent's own.
 */
function readEventRow(value: Json): ReadResult {
  const tags = new Set<string>();
  const section = sectionOf(text(value['EventData']) ?? value['ParameterXml'], tags);
  return eventOf(
    'azure',
    {
      ...commonOf(value, tags),
      provider: value['Source'],
      level: levelOf(value),
      levelName: value['EventLevelName'],
      task: value['EventCategory'],
      channel: value['EventLog'],
      user: userOf(value['UserName']),
      message: text(value['RenderedDescription']) ?? value['Message'],
    },
    { ...dataOf(section, tags), tags },
  );
}

function dataOf(section: XmlElement | undefined, tags: Set<string>): Pick<EventContent, 'eventData' | 'userData'> {
  if (section === undefined) return {};
  return section.name === 'UserData'
    ? { userData: readUserData(section, tags) }
    : { eventData: readEventData(section, tags) };
}

/**
 * Windows numbers from 1 critical; the earlier agent had 1 error, 2 warning, 4 information. The
 * name distinguishes them.
 */
function levelOf(value: Json): number | undefined {
  const named = LEVELS[(text(value['EventLevelName']) ?? '').toLowerCase()];
  return named ?? whole(value['EventLevel'], 0xff);
}

const LEVELS: Readonly<Record<string, number>> = { critical: 1, error: 2, warning: 3, information: 4, verbose: 5 };

/**
 * The table's own columns; every other one is event data, empty where the event has none of that
 * name.
 */
const OWN_COLUMNS = new Set(
  (
    'TenantId TimeGenerated SourceSystem Computer EventSourceName Channel Task Level EventData EventID Activity Type _ResourceId _SubscriptionId _BilledSize _IsBillable MG ' +
    'ManagementGroupName SourceComputerId EventOriginId TimeCollected EventLevelName EventRecordId Keywords Opcode Version Correlation SystemProcessId SystemThreadId SystemUserId ' +
    'PartitionKey RowKey StorageAccount AzureDeploymentID AzureTableName Role _TimeReceived _ItemId'
  ).split(' '),
);
/** Made by the agent from other columns. */
const MADE_COLUMNS = new Set('Account AccountType LogonTypeName Process SubjectAccount TargetAccount'.split(' '));

function readSecurityEvent(value: Json): ReadResult {
  const tags = new Set<string>();
  const section = sectionOf(value['EventData'], tags);
  const columns = Object.entries(value).filter(
    ([name, item]) => !OWN_COLUMNS.has(name) && !MADE_COLUMNS.has(name) && item !== '' && item !== null,
  );
  const activity = /^\d+ - (.+)$/su.exec(text(value['Activity']) ?? '')?.[1];
  return eventOf(
    'azure',
    {
      ...commonOf(value, tags),
      provider: value['EventSourceName'],
      version: value['Version'],
      level: value['Level'],
      levelName: value['EventLevelName'],
      task: value['Task'],
      opcode: value['Opcode'],
      keywords: value['Keywords'],
      recordId: scalarText(value['EventRecordId']),
      processId: value['SystemProcessId'],
      threadId: value['SystemThreadId'],
      channel: value['Channel'],
      user: userOf(value['SystemUserId']),
      message: activity,
    },
    {
      eventData: boundedData(Object.fromEntries(columns), tags),
      ...dataOf(section, tags),
      tags,
    },
  );
}

function commonOf(value: Json, tags: Set<string>): Pick<SystemFields, 'provider' | 'eventId' | 'time' | 'computer'> {
  return {
    provider: undefined,
    eventId: value['EventID'],
    time: timeOf(text(value['TimeCreated']) ?? value['TimeGenerated'], tags),
    computer: value['Computer'],
  };
}

/** A dynamic column, which an export may write as text; empty where there is none. */
function parsedOf(value: unknown): Json | 'broken' {
  if (isObject(value)) return value;
  const given = text(value);
  if (given === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(given);
    return isObject(parsed) ? parsed : 'broken';
  } catch {
    // The caller reports invalid JSON.
    return 'broken';
  }
}
