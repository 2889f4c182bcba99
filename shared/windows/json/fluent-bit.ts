// Fluent Bit's winevtlog input, and Fluentd's windows_eventlog2, which has the same names but for
// the message and the inserts.
// Source: https://docs.fluentbit.io/manual/pipeline/inputs/windows-event-log-winevtlog.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { fluentBitText, isFluentBitText } from './fluent-bit-text.ts';
import { boundedData } from './bounded-data.ts';
import { eventOfXml } from './embedded-xml.ts';
import { type Json, scalarText, text } from './fields.ts';
import { insertData, joinedData } from './inserts.ts';
import { bad, eventOf, localTimeOf, userOf } from './system-fields.ts';
import { braced } from '../xml.ts';

/**
 * Whether it has the input's fields, or the event's XML in `System` as the input writes it with
 * `render_event_as_xml`.
 */
export function isFluentBit(value: Json): boolean {
  // Events of the filtering platform have a ProviderName in their data, which flat dialects put
  // next to EventID.
  return (
    ('ProviderName' in value && 'EventID' in value && 'Computer' in value) ||
    isXml(value['System']) ||
    isFluentBitText(value)
  );
}

/** Reads such an event. Its time has whole seconds only, in the sender's own zone. Never throws. */
export function readFluentBit(given: Json): ReadResult {
  const value = fluentBitText(given) ?? given;
  const message = text(value['Message']) ?? text(value['Description']);
  if (isXml(value['System']))
    return eventOfXml('fluent-bit', value['System'], { message }) ?? bad('the XML in System is not a whole event');
  const tags = new Set<string>();
  return eventOf(
    'fluent-bit',
    {
      provider: value['ProviderName'],
      providerGuid: value['ProviderGuid'] ?? value['ProviderGUID'],
      eventId: value['EventID'],
      qualifiers: value['Qualifiers'],
      version: value['Version'],
      level: value['Level'],
      task: value['Task'],
      opcode: value['Opcode'],
      keywords: value['Keywords'],
      ...localTimeOf(value['TimeCreated'], [value['@timestamp'], value['date']], tags),
      recordId: value['EventRecordID'],
      activityId: value['ActivityID'],
      relatedActivityId: value['RelatedActivityID'],
      processId: value['ProcessID'],
      threadId: value['ThreadID'],
      channel: value['Channel'],
      computer: value['Computer'],
      user: userOf(value['UserID']),
      message,
    },
    { eventData: dataOf(value, tags), tags },
  );
}

/** Names, inserts, or both; inserts equal to the values of the names are left out. */
function dataOf({ EventData: data, StringInserts: inserted }: Json, tags: Set<string>) {
  const given = isXml(inserted) || scalarText(inserted) === undefined ? inserted : [inserted];
  // Older versions have the map under the list's name.
  const map = [data, given].find((item) => !Array.isArray(item) && item !== '' && item !== undefined && item !== null);
  const named = withSmallGuids(boundedData(map, tags));
  const list = Array.isArray(given) ? given : data;
  const inserts = withSmallGuids(Array.isArray(list) ? insertData(list, tags) : undefined);
  if (named === undefined || inserts === undefined) return named ?? inserts;
  const values = new Set(Object.values(named));
  return Object.values(inserts).every((value) => values.has(value)) ? named : joinedData(named, inserts, tags);
}

const GUID_LENGTH = '{36885CA6-218D-4B27-A083-B213629DDB2F}'.length;

/** GUIDs come in capitals from Windows' own StringFromCLSID, where event XML has small letters. */
function withSmallGuids(data: Readonly<Record<string, string>> | undefined): typeof data {
  if (data === undefined || !Object.values(data).some(isGuid)) return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, isGuid(value) ? braced(value) : value]));
}

function isGuid(value: string): boolean {
  return value.length === GUID_LENGTH && value.startsWith('{');
}

function isXml(value: unknown): boolean {
  return typeof value === 'string' && /^\s*</u.test(value);
}
