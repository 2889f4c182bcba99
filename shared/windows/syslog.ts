// The Windows event in a syslog message: what stands behind the header. Source: RFC 5424 section 6,
// RFC 3164 section 4.
import { computerOfJson, computerOfXml } from './computer-of.ts';
import { computerOfSnare } from './snare.ts';
import { computerOfSplunkText } from './splunk-text.ts';

const PRIORITY = /^<\d{1,3}>/u;
/** Version, time, host, program, process and kind of message. */
const HEADER_5424 = /^<\d{1,3}>1 (\S{1,255})(?: \S{1,255}){4} /u;
const STRUCTURED_DATA = /(?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+)(?: \uFEFF?|$)/suy;
/**
 * A time, then a host, a program with its colon, and the cookie `@cee:`, as far as there are any:
 * implementations differ more than they agree.
 */
const HEADER_3164 =
  /^(?:<\d{1,3}>)?\s{0,8}(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d{2}:\d{2}:\d{2}(?:\.\d{1,9})? )?(?:[^\s{<]{1,255}[ \t]{1,8}){0,5}?(?:[^\s{<]{1,255}:)?(?=\{\s{0,8}["}]|<(?:\?xml|(?:\w{1,20}:)?Event)|MSWinEventLog|(?:\d{2}\/\d{2}\/\d{4} \d{2}:\d{2}:\d{2}(?:\.\d{1,9})? [AP]M(?:\s{1,4}|#012))?LogName=)/u;

/** Whether a text begins as a syslog message does, which an XML document never does. */
export function isSyslog(text: string): boolean {
  return PRIORITY.test(text);
}

/** What a message carries, and the time of its header where that says from which zone it counts. */
interface Content {
  readonly payload: string;
  readonly sentAt?: string;
}

/** What stands behind the header; undefined where no event can be in it. */
export function syslogContentOf(text: string): Content | undefined {
  const content = behind5424(text) ?? { payload: text };
  const header = HEADER_3164.exec(content.payload);
  return header === null ? undefined : { ...content, payload: content.payload.slice(header[0].length) };
}

function behind5424(text: string): Content | undefined {
  const header = HEADER_5424.exec(text);
  if (header === null) return undefined;
  STRUCTURED_DATA.lastIndex = header[0].length;
  const [, sentAt = ''] = header;
  return STRUCTURED_DATA.test(text) ? { payload: text.slice(STRUCTURED_DATA.lastIndex), sentAt } : undefined;
}

/** The computer of the event in a message, for the key of its partition, where one is found. */
export function computerOfSyslog(bytes: Buffer): string | undefined {
  const payload = syslogContentOf(bytes.toString('utf8'))?.payload;
  if (payload === undefined) return undefined;
  if (payload.startsWith('<')) return computerOfXml(bytes, 'utf-8');
  if (!payload.startsWith('{')) return computerOfSnare(payload) ?? computerOfSplunkText(payload);
  try {
    return computerOfJson(JSON.parse(payload));
  } catch {
    // The reader says what is wrong with it.
    return undefined;
  }
}
