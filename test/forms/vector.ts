// Vector's source windows_event_log.
import { withPlainLineEnds } from '../../shared/windows/pairs.ts';
import type { Form, Loss } from './form.ts';
import { digits, json, objectOf, present, typed } from './json.ts';
import { NO_LEVEL_NAME, NO_USER_DATA } from './losses.ts';
import type { Item, MadeEvent } from './made-event.ts';
import { firstNamedOf, hexadecimal, nameOf, unnamedOf } from './tree.ts';

function write(event: MadeEvent): string {
  const { rendering } = event;
  return json(
    present({
      provider_name: event.provider,
      provider_guid: event.guid,
      qualifiers: event.qualifiers,
      event_id: event.id,
      version: event.version,
      level: LEVELS[event.level] ?? 'Unknown',
      level_value: event.level,
      task: event.task,
      task_name: rendering?.task || undefined,
      opcode: event.opcode,
      opcode_name: rendering?.opcode || undefined,
      keywords: hexadecimal(event.keywords),
      keyword_names: rendering?.keywords,
      timestamp: event.time,
      record_id: digits(event.record),
      activity_id: event.activity,
      related_activity_id: event.related,
      process_id: event.pid,
      thread_id: event.tid,
      channel: event.channel,
      computer: event.computer,
      user_id: event.sid,
      message: rendering?.message || `Event ID ${event.id} from ${event.provider} on ${event.computer}`,
      event_data: objectOf(firstNamedOf(event).map((item) => [nameOf(item) ?? '', typed(item.value)])),
      string_inserts: unnamedOf(event).map(({ value }) => value.text),
    }),
  );
}

const LEVELS = ['Information', 'Critical', 'Error', 'Warning', 'Information', 'Verbose'];

const LIST_LAST: Loss = {
  why: 'values without a name are a list apart, numbered among themselves; one that a name has already is there once',
  take: (event) => {
    if (event.data === undefined) return event;
    const named = firstNamedOf(event);
    const unnamed = unnamedOf(event).map((item, place): Item => ({ ...item, name: `param${place + 1}` }));
    const isNew = ({ name, value }: Item): boolean =>
      !named.some(
        (other) => other.name === name && withPlainLineEnds(other.value.text) === withPlainLineEnds(value.text),
      );
    return { ...event, data: [...named, ...unnamed.filter(isNew)] };
  },
};

/** The forms. */
export const VECTOR_FORMS: readonly Form[] = [
  { name: 'Vector 0.50', form: 'vector', write, losses: [NO_USER_DATA, NO_LEVEL_NAME, LIST_LAST] },
];
