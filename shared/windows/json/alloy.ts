// Grafana Alloy's loki.source.windowsevent: System in fields of its own, event data as the XML
// within the section.
// Source: https://grafana.com/docs/alloy/latest/reference/components/loki/loki.source.windowsevent/.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { readEventData, readUserData } from '../event-data.ts';
import { boundedData } from './bounded-data.ts';
import { type Json, objectOf } from './fields.ts';
import { keywordsOf } from './keywords.ts';
import { accountOf, type EventContent, eventOf, timeOf } from './system-fields.ts';
import { sectionOf } from './xml-section.ts';

/** Whether it has the names of that component. */
export function isAlloy(value: Json): boolean {
  return 'source' in value && 'event_id' in value && 'timeCreated' in value && 'channel' in value;
}

/** Reads such an event. Never throws. */
export function readAlloy(value: Json): ReadResult {
  const tags = new Set<string>();
  const [execution, correlation, security] = ['execution', 'correlation', 'security'].map((name) =>
    objectOf(value[name]),
  );
  return eventOf(
    'alloy',
    {
      provider: value['source'],
      eventId: value['event_id'],
      version: value['version'],
      level: value['level'] ?? 0,
      levelName: value['levelText'],
      task: value['task'] ?? 0,
      taskName: value['taskText'],
      opcode: value['opCode'] ?? 0,
      opcodeName: value['opCodeText'],
      ...keywordsOf(value['keywords']),
      time: timeOf(value['timeCreated'], tags),
      recordId: value['eventRecordID'] ?? value['event_record_id'],
      activityId: correlation?.['activityID'],
      relatedActivityId: correlation?.['relatedActivityID'],
      processId: execution?.['processId'],
      threadId: execution?.['threadId'],
      channel: value['channel'],
      computer: value['computer'],
      user: accountOf(security?.['userId'], security?.['userName']),
      message: value['message'],
    },
    { ...dataOf(value, tags), tags },
  );
}

function dataOf(value: Json, tags: Set<string>): Pick<EventContent, 'eventData' | 'userData'> {
  const [data, userData] = [sectionOf(value['event_data'], tags), sectionOf(value['user_data'], tags)];
  return {
    eventData: data === undefined ? boundedData(value['event_data_map'], tags) : readEventData(data, tags),
    userData: userData === undefined ? undefined : readUserData(userData, tags),
  };
}
