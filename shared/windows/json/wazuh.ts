// Wazuh's archives and alerts: event XML as its manager's decoder renders it, under `data.win`.
// Source: https://github.com/wazuh/wazuh (analysisd/decoders/winevtchannel.c).
import type { ReadResult } from '../../contracts/windows-event.ts';
import { boundedPairs } from './bounded-data.ts';
import { isObject, type Json, objectOf, scalarText, text } from './fields.ts';
import { eventOf, timeOf, userOf } from './system-fields.ts';

/**
 * The tag of an event whose data names were capitalised as Windows usually has them: the sender
 * writes the first letter small.
 */
const NAMES_TAG = 'foghorn_names_guessed';
/**
 * The tag of an event whose unnamed values its sender joined into one text, in which they cannot be
 * separated.
 */
const JOINED_TAG = 'foghorn_event_data_joined';

/** Whether it is an event that Wazuh's manager decoded, alone or in its document. */
export function isWazuh(value: Json): boolean {
  return 'eventID' in objectOf(winOf(value)['system']);
}

function winOf(value: Json): Json {
  return objectOf(value['win'] ?? objectOf(value['data'])['win']);
}

/** Reads such an event. Never throws. */
export function readWazuh(value: Json): ReadResult {
  const { system: given, eventdata, ...others } = winOf(value);
  const system = objectOf(given);
  const tags = new Set<string>();
  const [section] = Object.entries(others).filter((entry): entry is [string, Json] => isObject(entry[1]));
  return eventOf(
    'wazuh',
    {
      provider: text(system['providerName']) ?? system['eventSourceName'],
      providerGuid: system['providerGuid'],
      eventId: system['eventID'],
      version: system['version'],
      level: system['level'],
      task: system['task'],
      opcode: system['opcode'],
      keywords: system['keywords'],
      time: timeOf(system['systemTime'], tags),
      recordId: system['eventRecordID'],
      processId: system['processID'],
      threadId: system['threadID'],
      channel: system['channel'],
      computer: system['computer'],
      user: userOf(system['userID'] ?? system['security UserID']),
      message: unquoted(system['message']),
    },
    {
      eventData: boundedPairs(
        Object.entries(objectOf(eventdata)).map((pair) => dataOf(pair, tags)),
        tags,
      ),
      userData: section === undefined ? undefined : userDataOf(section, tags),
      tags,
    },
  );
}

/** Unnamed values are `data`, joined with a comma where there are several. */
function dataOf([name, value]: readonly [string, unknown], tags: Set<string>): readonly [string, unknown] {
  if (name !== 'data') return [capital(name, tags), value];
  if (scalarText(value)?.includes(', ') === true) tags.add(JOINED_TAG);
  return ['param1', value];
}

function userDataOf([name, values]: readonly [string, Json], tags: Set<string>) {
  const pairs = boundedPairs(
    Object.entries(values).map(([key, value]) => [capital(key, tags), value] as const),
    tags,
  );
  return { xmlName: capital(name, tags), values: pairs ?? {} };
}

/** Names like `param1` are small in the log, too. */
function capital(name: string, tags: Set<string>): string {
  if (!/^[a-z]/u.test(name) || /^param\d+$/u.test(name)) return name;
  tags.add(NAMES_TAG);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** The manager keeps the quotation marks around the agent's message. */
function unquoted(message: unknown): unknown {
  const [, inner] = /^"(.*)"$/su.exec(text(message) ?? '') ?? [];
  return inner ?? message;
}
