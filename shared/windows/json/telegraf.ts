// Telegraf's win_eventlog as JSON.
// Source: https://github.com/influxdata/telegraf/tree/master/plugins/inputs/win_eventlog.
import type { ReadResult, UserData } from '../../contracts/windows-event.ts';
import { boundedPairs } from './bounded-data.ts';
import { isObject, type Json, objectOf, scalarText, whole } from './fields.ts';
import { keywordsOf } from './keywords.ts';
import { type EventContent, eventOf, type SystemFields, timeOf, accountOf } from './system-fields.ts';

/** Whether it is a metric of Telegraf's `win_eventlog`, with tags and fields. */
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

/**
 * Reads such a metric. Without TimeCreated, which the sample settings leave out, the metric's own
 * time is the event's. Never throws.
 */
export function readTelegraf(value: Json): ReadResult {
  const tags = new Set<string>();
  const all: Json = { ...objectOf(value['tags']), ...objectOf(value['fields']) };
  const given = all['TimeCreated'] ?? all['Created'];
  const fields: SystemFields = {
    provider: all['Source'],
    eventId: all['EventID'],
    version: all['Version'],
    level: all['Level'],
    levelName: all['LevelText'],
    task: whole(all['Task'], 0xff_ff) ?? 0,
    taskName: all['TaskText'] ?? (whole(all['Task'], 0xff_ff) === undefined ? all['Task'] : undefined),
    opcode: all['Opcode'],
    opcodeName: all['OpcodeText'],
    ...keywordsOf(all['Keywords']),
    time: timeOf(given === undefined || given === '' ? value['timestamp'] : given, tags),
    recordId: scalarText(all['EventRecordID']),
    activityId: all['ActivityID'],
    relatedActivityId: all['RelatedActivityID'],
    processId: all['ProcessID'],
    threadId: all['ThreadID'],
    channel: all['Channel'],
    computer: all['Computer'],
    user: accountOf(all['UserID'], all['UserName']),
    message: all['Message'],
  };
  return eventOf('telegraf', fields, { ...contentOf(value, tags), tags });
}

/** Elements whose names prefix those of the data, with a separator. */
const ITEM = /^(?:(?:EventData|UserData)_)?(?:Complex)?Data(?:_(.+))?$/su;

/**
 * Items of EventData by name or position, and elements of UserData behind the name of theirs. Of
 * the metric's tags, only items are event data.
 */
function contentOf(value: Json, tags: Set<string>): Pick<EventContent, 'eventData' | 'userData'> {
  const fields = [
    ...Object.entries(objectOf(value['tags'])).filter(([name]) => ITEM.test(name)),
    ...Object.entries(objectOf(value['fields'])).filter(([name]) => !TELEGRAF_OWN.has(name)),
  ];
  const items = fields.filter(([name]) => ITEM.test(name) || name === 'Binary');
  const isAlone = items.some(([name]) => name === 'Data');
  const named = items.map(([name, item]): [string, unknown] => [itemName(name, isAlone), item]);
  return {
    eventData: boundedPairs(named, tags),
    userData: userDataOf(
      fields.filter((field) => !items.includes(field)),
      tags,
    ),
  };
}

/**
 * Several unnamed ones are `Data_1` and so on, one is `Data`; where both are there, as in other
 * versions, `Data` is the first.
 */
function itemName(name: string, isAlone: boolean): string {
  if (name === 'Binary') return name;
  const own = ITEM.exec(name)?.[1] ?? '';
  if (own !== '' && !/^\d{1,3}$/u.test(own)) return own;
  return `param${own === '' ? 1 : Number(own) + (isAlone ? 1 : 0)}`;
}

function userDataOf(fields: readonly (readonly [string, unknown])[], tags: Set<string>): UserData | undefined {
  const [xmlName = ''] = fields[0]?.[0].split('_') ?? [];
  const isOne = fields.every(([name]) => name.startsWith(`${xmlName}_`));
  const pairs = fields.map(([name, item]) => [isOne ? name.slice(xmlName.length + 1) : name, item] as const);
  const values = boundedPairs(pairs, tags);
  return values === undefined ? undefined : { xmlName: isOne ? xmlName : '', values };
}
