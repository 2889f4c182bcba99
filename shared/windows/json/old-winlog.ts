// Fluent Bit's older input `winlog`, the only one for Windows before Vista, and Fluentd's
// `windows_eventlog`, which has the same under names in small letters.
// Sources: https://docs.fluentbit.io/manual/pipeline/inputs/windows-event-log,
// https://github.com/fluent/fluent-plugin-windows-eventlog.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { type Json, text } from './fields.ts';
import { insertData } from './inserts.ts';
import { eventOf, localTimeOf, userOf } from './system-fields.ts';

/** Level numbers by the words of the log API before Vista. */
const LEVEL_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ['error', 2],
  ['warning', 3],
  ['information', 4],
  ['successaudit', 0],
  ['failureaudit', 0],
]);
const [AUDIT_SUCCESS, AUDIT_FAILURE] = ['0x20000000000000', '0x10000000000000'];

/**
 * Whether it is of Fluent Bit's older input `winlog`, or of Fluentd's `windows_eventlog`, which has
 * the same in small letters.
 */
export function isOldWinlog(given: Json): boolean {
  const value = oldNames(given);
  return 'SourceName' in value && 'EventID' in value && 'RecordNumber' in value && 'TimeGenerated' in value;
}

/** Reads such an event. Never throws. */
export function readOldWinlog(given: Json): ReadResult {
  const value = oldNames(given);
  const tags = new Set<string>();
  const type = (text(value['EventType']) ?? '').replaceAll(/[\s_]/gu, '').toLowerCase();
  const audit = {
    successaudit: AUDIT_SUCCESS,
    auditsuccess: AUDIT_SUCCESS,
    failureaudit: AUDIT_FAILURE,
    auditfailure: AUDIT_FAILURE,
  }[type];
  const inserts = insertData(value['StringInserts'], tags);
  const binary = text(value['Data']);
  return eventOf(
    'fluent-bit',
    {
      provider: value['SourceName'],
      eventId: value['EventID'],
      qualifiers: value['Qualifiers'],
      level: LEVEL_OF_TYPE.get(type),
      task: value['EventCategory'],
      keywords: audit,
      ...localTimeOf(value['TimeGenerated'], [], tags),
      recordId: value['RecordNumber'],
      channel: value['Channel'],
      computer: value['ComputerName'],
      user: userOf(value['Sid']),
      message: value['Message'],
    },
    { eventData: binary === undefined ? inserts : { ...inserts, Binary: binary }, tags },
  );
}

/** Fluentd's names: `source_name`, `record_number`, … */
function oldNames(value: Json): Json {
  if (!('source_name' in value && 'record_number' in value && 'time_generated' in value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [OLD_NAMES.get(name) ?? name, item]));
}

const OLD_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    channel: 'Channel',
    record_number: 'RecordNumber',
    time_generated: 'TimeGenerated',
    time_written: 'TimeWritten',
    event_id: 'EventID',
    event_type: 'EventType',
    event_category: 'EventCategory',
    source_name: 'SourceName',
    computer_name: 'ComputerName',
    user: 'Sid',
    description: 'Message',
    string_inserts: 'StringInserts',
    event_data: 'Data',
  }),
);
