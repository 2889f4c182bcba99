// Vector's windows_event_log source.
// Source: https://vector.dev/docs/reference/configuration/sources/windows_event_log/.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { boundedData } from './bounded-data.ts';
import { eventOfXml } from './embedded-xml.ts';
import { type Json, scalarText, text, textList } from './fields.ts';
import { insertData, joinedData } from './inserts.ts';
import { accountOf, eventOf, timeOf } from './system-fields.ts';

/** Whether it has the source's fields. */
export function isVector(value: Json): boolean {
  return 'provider_name' in value && 'event_id' in value && ('level_value' in value || 'computer' in value);
}

/**
 * Reads such an event, from its `xml` if that is complete: the source numbers unnamed data without
 * counting the named, and loses UserData. Never throws.
 */
export function readVector(value: Json): ReadResult {
  const known = { message: messageOf(value), taskName: value['task_name'], opcodeName: value['opcode_name'] };
  const whole = eventOfXml('vector', value['xml'], known);
  if (whole !== undefined) return whole;
  const tags = new Set<string>();
  const eventData = joinedData(boundedData(value['event_data'], tags), insertData(value['string_inserts'], tags), tags);
  const values = boundedData(value['user_data'], tags);
  return eventOf(
    'vector',
    {
      provider: value['provider_name'],
      providerGuid: value['provider_guid'],
      eventId: value['event_id'],
      qualifiers: value['qualifiers'],
      version: value['version'],
      // Its level names are of a table of its own.
      ...(value['level_value'] === undefined ? { levelName: value['level'] } : { level: value['level_value'] }),
      task: value['task'],
      opcode: value['opcode'],
      keywords: value['keywords'],
      keywordNames: textList(value['keyword_names']),
      time: timeOf(value['timestamp'], tags),
      recordId: value['record_id'],
      activityId: value['activity_id'],
      relatedActivityId: value['related_activity_id'],
      processId: value['process_id'],
      threadId: value['thread_id'],
      channel: value['channel'],
      computer: value['computer'] ?? value['host'],
      user: accountOf(value['user_id'], value['user_name']),
      ...known,
    },
    { eventData, userData: values === undefined ? undefined : { xmlName: '', values }, tags },
  );
}

/**
 * The message, unless the source made it up because Windows had none: a sentence of its own, or the
 * first insertion string. A rendered message of a single word that is the insertion string itself
 * is lost with it; the string is in the event data.
 */
function messageOf(value: Json): string | undefined {
  const message = text(value['message']);
  if (message === undefined) return undefined;
  const [id, provider, computer] = [value['event_id'], value['provider_name'], value['computer']].map(scalarText);
  if (message === `Event ID ${id} from ${provider} on ${computer}`) return undefined;
  const inserts = value['string_inserts'];
  const isInsert = Array.isArray(inserts) && inserts[0] === message && !/\s/u.test(message);
  return isInsert ? undefined : message;
}
