// Telegraf's win_eventlog as JSON. Source: https://github.com/influxdata/telegraf/tree/master/plugins/inputs/win_eventlog.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { boundedData } from './bounded-data.ts';
import { isObject, type Json, objectOf, scalarText } from './fields.ts';
import { eventOf, type SystemFields, timeOf, userOf } from './system-fields.ts';

/** Whether it is a metric of Telegraf's `win_eventlog`, its tags beside its fields. */
export function isTelegraf(value: Json): boolean {
  if (!isObject(value['fields']) || !isObject(value['tags'])) return false;
  const all = { ...value['fields'], ...value['tags'] };
  return 'EventID' in all && 'Source' in all && 'Channel' in all;
}

const TELEGRAF_OWN = new Set(
  (
    'ActivityID Channel Computer Created EventID EventRecordID Keywords Level LevelText Message Opcode OpcodeText ProcessID ProcessName RelatedActivityID Source Task TaskText ThreadID ' +
    'TimeCreated UserID UserName Version host'
  ).split(' '),
);

/** Reads such a metric; what is not of System is event data. Never throws. */
export function readTelegraf(value: Json): ReadResult {
  const tags = new Set<string>();
  const all: Json = { ...objectOf(value['tags']), ...objectOf(value['fields']) };
  const data = Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => !TELEGRAF_OWN.has(name))
      .map(([name, item]) => [dataName(name), item]),
  );
  const fields: SystemFields = {
    provider: all['Source'],
    eventId: all['EventID'],
    version: all['Version'],
    level: all['Level'],
    levelName: all['LevelText'],
    task: 0,
    taskName: all['TaskText'] ?? all['Task'],
    opcode: all['Opcode'],
    opcodeName: all['OpcodeText'],
    ...keywordsOf(all['Keywords']),
    time: timeOf(all['TimeCreated'] ?? all['Created'], tags),
    recordId: all['EventRecordID'],
    activityId: all['ActivityID'],
    relatedActivityId: all['RelatedActivityID'],
    processId: all['ProcessID'],
    threadId: all['ThreadID'],
    channel: all['Channel'],
    computer: all['Computer'],
    user: userOf(all['UserID']),
    message: all['Message'],
  };
  return eventOf('telegraf', fields, { eventData: boundedData(data, tags), tags });
}

/** Unnamed data are `Data`, `Data_1` and so on, in other settings behind `EventData_` or `UserData_`. */
function dataName(name: string): string {
  const own = name.replace(/^(?:EventData|UserData)_/u, '');
  const position = /^Data(?:_(\d{1,3}))?$/u.exec(own);
  return position === null ? own : `param${Number(position[1] ?? 0) + 1}`;
}

function keywordsOf(value: unknown): Pick<SystemFields, 'keywords' | 'keywordNames'> {
  const given = scalarText(value) ?? '';
  if (given === '') return {};
  return /^(?:0x[\da-f]+|\d+)$/iu.test(given) ? { keywords: given } : { keywordNames: given.split(/\s*,\s*/u) };
}
