// Winlogbeat 5 and 6: the fields of today's `winlog` at the top, under the names that the later
// versions kept as aliases.
// Source: https://www.elastic.co/guide/en/beats/winlogbeat/7.17/exported-fields-eventlog.html.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { isObject, type Json, objectOf, scalarText, text } from './fields.ts';
import { readWinlogbeat } from './winlogbeat.ts';

/** New names in `winlog` of the fields that were at the top. */
const MOVED: readonly (readonly [string, string])[] = [
  ['source_name', 'provider_name'],
  ['log_name', 'channel'],
  ['computer_name', 'computer_name'],
  ['provider_guid', 'provider_guid'],
  ['task', 'task'],
  ['opcode', 'opcode'],
  ['keywords', 'keywords'],
  ['version', 'version'],
  ['activity_id', 'activity_id'],
  ['related_activity_id', 'related_activity_id'],
  ['event_data', 'event_data'],
  ['user_data', 'user_data'],
  ['user', 'user'],
];
const REPLACED = new Set(
  MOVED.map(([name]) => name).concat(
    'event_id record_number process_id thread_id level type beat host message_error xml'.split(' '),
  ),
);

/** Whether it has those names. */
export function isWinlogbeat6(value: Json): boolean {
  return 'source_name' in value && 'event_id' in value && 'log_name' in value;
}

/** Reads such a document like that of a later version. Never throws. */
export function readWinlogbeat6(old: Json): ReadResult {
  const document: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(old))
    if (!REPLACED.has(name))
      Object.defineProperty(document, name, { value, enumerable: true, configurable: true, writable: true });
  document['winlog'] = winlogOf(old);
  document['event'] = {
    ...(text(old['task']) === undefined ? {} : { action: old['task'] }),
    ...outcomeOf(old['keywords']),
  };
  const level = text(old['level'])?.toLowerCase();
  if (level !== undefined) document['log'] = { level };
  if (text(old['computer_name']) !== undefined) document['host'] = { name: old['computer_name'] };
  if (text(old['message_error']) !== undefined) document['error'] = { message: old['message_error'] };
  const beat = objectOf(old['beat']);
  if (text(beat['name']) !== undefined)
    document['agent'] = { type: 'winlogbeat', name: beat['name'], version: beat['version'] };
  return readWinlogbeat(document);
}

function winlogOf(old: Json): Json {
  const winlog: Record<string, unknown> = { api: text(old['type']) ?? 'wineventlog' };
  for (const [from, to] of MOVED) if (old[from] !== undefined) winlog[to] = old[from];
  const id = scalarText(old['event_id']);
  if (id !== undefined) winlog['event_id'] = id;
  const record = scalarText(old['record_number']) ?? '';
  if (/^[1-9]\d{0,19}$/u.test(record)) winlog['record_id'] = record;
  const process = processOf(old);
  if (process !== undefined) winlog['process'] = process;
  if (!isObject(winlog['user'])) delete winlog['user'];
  return winlog;
}

function processOf({ process_id: pid, thread_id: thread }: Json): Json | undefined {
  if (typeof pid !== 'number' && typeof thread !== 'number') return undefined;
  return {
    ...(typeof pid === 'number' ? { pid } : {}),
    ...(typeof thread === 'number' ? { thread: { id: thread } } : {}),
  };
}

function outcomeOf(keywords: unknown): Json {
  const names: readonly unknown[] = Array.isArray(keywords) ? keywords : [];
  if (names.includes('Audit Failure')) return { outcome: 'failure' };
  return names.includes('Audit Success') ? { outcome: 'success' } : {};
}
