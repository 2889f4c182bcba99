// GELF of NXLog's xm_gelf: NXLog's fields behind an underscore.
// Source: https://go2docs.graylog.org/current/getting_in_log_data/gelf.html.
import type { ReadResult } from '../../contracts/windows-event.ts';
import type { Json } from './fields.ts';
import { readNxlog } from './nxlog.ts';

/** Whether it is GELF with the fields of an event. */
export function isGelf(value: Json): boolean {
  return 'short_message' in value && '_EventID' in value && '_SourceName' in value;
}

/** What GELF itself has. */
const GELF = new Set([
  'version',
  'host',
  'short_message',
  'full_message',
  'timestamp',
  'level',
  'facility',
  'line',
  'file',
]);

/** Reads such an event; GELF's own time is in UTC, where NXLog's may have no zone. Never throws. */
export function readGelf(value: Json): ReadResult {
  const entries = Object.entries(value).filter(([name]) => !GELF.has(name));
  const fields: Json = Object.fromEntries(entries.map(([name, item]) => [name.replace(/^_/u, ''), item]));
  const seconds = Number(value['timestamp']);
  const isTime = Number.isFinite(seconds) && Math.abs(seconds) < 1e11 && seconds !== 0;
  return readNxlog({
    ...fields,
    Hostname: value['host'],
    Message: value['full_message'] ?? fields['Message'] ?? value['short_message'],
    EventTime: isTime ? new Date(Math.round(seconds * 1000)).toISOString() : fields['EventTime'],
  });
}
