// Telegraf's win_eventlog as JSON.
import type { Form, Loss } from './form.ts';
import { digits, json, objectOf, present } from './json.ts';
import { AUDITS_BY_NAME, EMPTY_LEFT_OUT, NAMED_APART, NO_GUID, NO_USER_DATA } from './losses.ts';
import type { MadeEvent } from './made-event.ts';
import { firstNamedOf, nameOf, unnamedOf } from './tree.ts';

const KEYWORDS: Loss = {
  why: 'the names of keywords stand in the mask’s place',
  take: (event) =>
    (event.rendering?.keywords ?? []).length === 0 ? { ...event, keywords: 0n } : AUDITS_BY_NAME.take(event),
};

function write(event: MadeEvent): string {
  const { rendering } = event;
  const unnamed = unnamedOf(event).filter(({ value }) => value.text !== '');
  return json({
    name: 'win_eventlog',
    timestamp: 1_795_165_200,
    tags: present({
      Source: event.provider,
      EventID: String(event.id),
      Level: String(event.level),
      LevelText: rendering?.level,
      Task: String(event.task),
      TaskText: rendering?.task,
      Channel: event.channel,
      Computer: event.computer,
      Keywords: rendering?.keywords.join(','),
      host: 'c1',
    }),
    fields: {
      Version: event.version,
      Opcode: event.opcode,
      OpcodeText: rendering?.opcode,
      EventRecordID: digits(event.record),
      TimeCreated: event.time,
      Created: event.time,
      ActivityID: event.activity ?? '',
      RelatedActivityID: event.related ?? '',
      ProcessID: event.pid,
      ThreadID: event.tid,
      UserID: event.sid ?? '',
      Message: rendering?.message ?? '',
      ...objectOf(unnamed.map(({ value }, place) => [unnamed.length === 1 ? 'Data' : `Data_${place + 1}`, value.text])),
      ...objectOf(firstNamedOf(event).map((item) => [`Data_${nameOf(item)}`, item.value.text])),
    },
  });
}

/** The forms. */
export const TELEGRAF_FORMS: readonly Form[] = [
  {
    name: 'Telegraf 1.36',
    form: 'telegraf',
    write,
    losses: [NO_USER_DATA, NO_GUID, EMPTY_LEFT_OUT, NAMED_APART, KEYWORDS],
  },
];
