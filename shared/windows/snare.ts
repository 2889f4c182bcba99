// Snare's text, of its own agents and of NXLog's to_syslog_snare. Source: Snare for Windows,
// Appendix A (event output format), https://docs.nxlog.co/refman/current/xm/syslog.html.
import type { EventUser, ReadResult } from '../contracts/windows-event.ts';
import { boundedPairs } from './json/bounded-data.ts';
import { keywordsOf } from './json/keywords.ts';
import { accountOf, bad, eventOf, localTimeOf } from './json/system-fields.ts';

/** Relays write control characters as `#` and three octal digits; rsyslog does by default. */
const START = /^MSWinEventLog(\t|#011)/u;
/** Behind them a counter or a digest, and what newer agents and relays add. */
const FEWEST_FIELDS = 13;
const LEVELS: Readonly<Record<string, number>> = { critical: 1, error: 2, warning: 3, information: 4, verbose: 5 };
const AUDITS: Readonly<Record<string, string>> = { 'success audit': 'Audit Success', 'failure audit': 'Audit Failure' };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) (\d{4})$/u;

/** Whether a payload is in this form. */
export function isSnare(payload: string): boolean {
  return START.test(payload);
}

function fieldsOf(payload: string): readonly string[] {
  const delimiter = START.exec(payload)?.[1];
  return delimiter === undefined ? [] : payload.split(delimiter).slice(1);
}

/** The computer of such an event, or undefined. */
export function computerOfSnare(payload: string): string | undefined {
  return given(fieldsOf(payload)[9]);
}

/**
 * Reads such an event. It has no record id, and its time is the local one of the machine; that of
 * the header, `sentAt`, replaces it until a zone is configured. The agent's own counter stands in
 * the event data as `SnareCounter`. Never throws.
 */
export function readSnare(payload: string, sentAt?: string): ReadResult {
  const fields = fieldsOf(payload);
  if (fields.length < FEWEST_FIELDS)
    return bad(`Snare's text has ${fields.length} fields behind MSWinEventLog, not ${FEWEST_FIELDS} or more`);
  const [, channel, counter, time = '', eventId, provider, user, userType, type = '', computer] = fields;
  const [category, data, message] = fields.slice(10);
  const tags = new Set<string>();
  const eventType = type.toLowerCase();
  const level = LEVELS[eventType];
  const audit = AUDITS[eventType];
  return eventOf(
    'snare',
    {
      provider,
      eventId,
      channel,
      computer: given(computer),
      taskName: given(category) === 'None' ? undefined : given(category),
      user: userOf(given(user), given(userType)),
      message: given(message),
      ...(level === undefined ? {} : { level }),
      ...(audit === undefined ? {} : keywordsOf(audit)),
      ...localTimeOf(isoOf(time), [sentAt], tags),
    },
    {
      eventData: boundedPairs(
        [
          ['SnareCounter', given(counter)],
          ['param1', given(data)],
        ],
        tags,
      ),
      tags,
    },
  );
}

function given(field: string | undefined): string | undefined {
  const text = field?.trim();
  return text === undefined || text === '' || text === 'N/A' ? undefined : text;
}

function userOf(name: string | undefined, type: string | undefined): EventUser | undefined {
  const user = accountOf(undefined, name);
  return user === undefined || type === undefined ? user : { ...user, type };
}

/** `Fri Nov 27 09:58:51 2015` as RFC 3339 writes it; another text as it is. */
function isoOf(time: string): string {
  const [, month = '', day = '', clock, year] = TIME.exec(time.trim()) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  if (number === 0) return time;
  return `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}T${clock}`;
}
