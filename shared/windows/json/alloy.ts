// Grafana Alloy's loki.source.windowsevent: System in fields of its own, event data as the XML within the section.
// Source: https://grafana.com/docs/alloy/latest/reference/components/loki/loki.source.windowsevent/.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { readEventData, readUserData } from '../event-data.ts';
import { CUT_TAG } from '../limits.ts';
import { showForbidden } from '../xml-repair.ts';
import { parseXml, type XmlElement } from '../xml-tree.ts';
import { type Json, objectOf, scalarText, text } from './fields.ts';
import { eventOf, timeOf, userOf } from './system-fields.ts';

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
  const [data, userData] = [sectionOf(value['event_data'], tags), sectionOf(value['user_data'], tags)];
  const keywords = scalarText(value['keywords']);
  return eventOf(
    'alloy',
    {
      provider: value['source'],
      eventId: value['event_id'],
      version: value['version'],
      level: value['level'],
      levelName: value['levelText'],
      task: value['task'],
      taskName: value['taskText'],
      opcode: value['opCode'],
      opcodeName: value['opCodeText'],
      ...(keywords === undefined || keywords === '' ? {} : { keywordNames: keywords.split(/\s*,\s*/u) }),
      time: timeOf(value['timeCreated'], tags),
      recordId: value['eventRecordID'] ?? value['event_record_id'],
      activityId: correlation?.['activityID'],
      relatedActivityId: correlation?.['relatedActivityID'],
      processId: execution?.['processId'],
      threadId: execution?.['threadId'],
      channel: value['channel'],
      computer: value['computer'],
      user: userOf(security?.['userId']),
      message: value['message'],
    },
    {
      eventData: data === undefined ? undefined : readEventData(data, tags),
      userData: userData === undefined ? undefined : readUserData(userData, tags),
      tags,
    },
  );
}

/** The elements within a section; a text that is none is kept as one value. */
function sectionOf(value: unknown, tags: Set<string>): XmlElement | undefined {
  const given = text(value);
  if (given === undefined) return undefined;
  const read = parseXml(showForbidden(`<Section>${given}</Section>`));
  if (read.kind === 'root') return read.root;
  tags.add(CUT_TAG);
  return {
    name: 'Section',
    attributes: {},
    text: '',
    children: [{ name: 'Data', attributes: {}, text: given, children: [] }],
  };
}
