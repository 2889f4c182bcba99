// Splunk's text of an event (sourcetype WinEventLog, renderXml = false): a local time, lines of
// `Name=value`, and the message behind `Message=` as the last of them. Source: Monitor Windows
// event log data (docs.splunk.com), https://github.com/splunk/attack_data (windows-system.log).
import type { EventUser, ReadResult } from '../contracts/windows-event.ts';
import { keywordsOf } from './json/keywords.ts';
import { accountOf, bad, eventOf, localTimeOf } from './json/system-fields.ts';

/** The local time and the first name; relays put a blank or `#012` in place of a line end. */
const START =
  /^\s{0,8}(?:(\d{2})\/(\d{2})\/(\d{4}) (\d{2}):(\d{2}:\d{2}(?:\.\d{1,9})?) ([AP])M(?:\s{1,4}|#012))?LogName=/u;
const NAMES = [
  'LogName',
  'SourceName',
  'EventCode',
  'EventType',
  'Type',
  'ComputerName',
  'User',
  'Sid',
  'SidType',
  'TaskCategory',
  'OpCode',
  'RecordNumber',
  'Keywords',
  'Message',
] as const;
type Name = (typeof NAMES)[number];
/** A name that follows a line end, or a blank where a relay made one line of it. */
const FIELD = new RegExp(`(?:^|\\s)(${NAMES.join('|')})=`, 'gu');
const LEVELS: Readonly<Record<string, number>> = { critical: 1, error: 2, warning: 3, information: 4, verbose: 5 };
const AUDITS: Readonly<Record<string, string>> = { 'success audit': 'Audit Success', 'failure audit': 'Audit Failure' };
/** What stands in place of a name that Windows does not have. */
const NO_VALUE: ReadonlySet<string> = new Set(['', 'None', 'NOT_TRANSLATED', 'The operation completed successfully.']);
/** Two providers are called otherwise than in event XML. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'Microsoft Windows security auditing.': 'Microsoft-Windows-Security-Auditing',
  'Microsoft-Windows-Service Control Manager': 'Service Control Manager',
};

/** Whether a text is in this form. */
export function isSplunkText(text: string): boolean {
  return START.test(text);
}

/** The computer of such an event, or undefined. */
export function computerOfSplunkText(text: string): string | undefined {
  return isSplunkText(text) ? fieldsOf(text).get('ComputerName') : undefined;
}

/**
 * Reads such an event. Its time is the local one of the machine; that of a header or an envelope,
 * `sentAt`, replaces it until a zone is configured. Of the event data only what the message says is
 * there. Never throws.
 */
export function readSplunkText(text: string, sentAt?: unknown): ReadResult {
  const fields = fieldsOf(text);
  const provider = fields.get('SourceName');
  if (provider === undefined) return bad('Splunk’s text of an event names no SourceName');
  const tags = new Set<string>();
  const type = fields.get('Type')?.toLowerCase() ?? '';
  const level = LEVELS[type];
  const keywords = AUDITS[type] ?? fields.get('Keywords');
  const task = fields.get('TaskCategory');
  return eventOf(
    'splunk',
    {
      provider: PROVIDERS[provider] ?? provider,
      eventId: fields.get('EventCode'),
      channel: fields.get('LogName'),
      computer: fields.get('ComputerName'),
      recordId: fields.get('RecordNumber'),
      opcodeName: fields.get('OpCode'),
      user: userOf(fields),
      message: fields.get('Message'),
      ...(task === undefined ? {} : /^\d{1,5}$/u.test(task) ? { task } : { taskName: task }),
      ...(level === undefined ? {} : { level }),
      ...(keywords === undefined ? {} : keywordsOf(keywords)),
      ...localTimeOf(isoOf(text), [sentAt], tags),
    },
    { tags },
  );
}

function fieldsOf(given: string): ReadonlyMap<Name, string> {
  const text = isEscaped(given) ? given.replaceAll(/#0(11|12|15)/gu, (_, code: string) => ESCAPES[code] ?? '') : given;
  const fields = new Map<Name, string>();
  const found: { readonly name: Name; readonly at: number; readonly from: number }[] = [];
  for (const match of text.matchAll(FIELD)) {
    const name = match[1] as Name;
    found.push({ name, at: match.index, from: match.index + match[0].length });
    if (name === 'Message') break;
  }
  for (const [index, { name, from }] of found.entries()) {
    const end = name === 'Message' ? text.length : (found[index + 1]?.at ?? text.length);
    const value = text.slice(from, end).trim();
    if (!NO_VALUE.has(value) && !fields.has(name)) fields.set(name, value);
  }
  return fields;
}

const ESCAPES: Readonly<Record<string, string>> = { 11: '\t', 12: '\n', 15: '\r' };

/** Relays write control characters as `#` and three octal digits; rsyslog does by default. */
function isEscaped(text: string): boolean {
  return /#012(?:LogName|SourceName|EventCode)=/u.test(text);
}

function userOf(fields: ReadonlyMap<Name, string>): EventUser | undefined {
  return accountOf(fields.get('Sid'), fields.get('User'));
}

/** `11/20/2026 09:00:00 AM` as RFC 3339 writes it; undefined where there is no time. */
function isoOf(text: string): string | undefined {
  const [, month, day, year, hour, rest, half] = START.exec(text) ?? [];
  if (month === undefined) return undefined;
  const ofDay = (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  return `${year}-${month}-${day}T${String(ofDay).padStart(2, '0')}:${rest}`;
}

/** The places where the events of a text begin; the characters may be bytes. */
export function startsOfSplunkText(text: string): readonly number[] {
  const EACH = /^[ \t]{0,8}\d{2}\/\d{2}\/\d{4} \d{2}:\d{2}:\d{2}(?:\.\d{1,9})? [AP]M\r?\nLogName=/gmu;
  return [...text.matchAll(EACH)].map(({ index }) => index);
}
