// Repairs event XML before parsing: characters that XML forbids, and a RenderingInfo that was cut
// off or is no XML.

// oxlint-disable-next-line no-control-regex -- these are the characters to find
const FORBIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/gu;
/** A control character that XML allows. */
const DELETE = '\u007F';
const REFERENCE = /&#(?:x([\da-f]{1,8})|(\d{1,10}));/giu;

/**
 * Forbidden characters, references to them, and the delete character become visible text `\uNNNN`,
 * as Winlogbeat has it. Source: XML 1.0 section 2.2.
 */
export function showForbidden(text: string): string {
  const shown = showInvisible(text);
  if (!shown.includes('&#')) return shown;
  return shown.replace(REFERENCE, (reference, hexadecimal: string | undefined, decimal: string | undefined) => {
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return isAllowed(code) ? reference : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Forbidden characters and the delete character become visible text. */
export function showInvisible(text: string): string {
  const safe = hasForbidden(text) ? text.replace(FORBIDDEN, visible) : text;
  // Separate, because in the pattern it would double the time of every event.
  return safe.includes(DELETE) ? safe.replaceAll(DELETE, visible) : safe;
}

/**
 * Whether a text of JSON holds one as it is: the control characters below the blank stand there
 * escaped.
 */
export function hasInvisible(json: string): boolean {
  return json.includes(DELETE) || json.includes('\uFFFE') || json.includes('\uFFFF');
}

function hasForbidden(text: string): boolean {
  FORBIDDEN.lastIndex = 0;
  return FORBIDDEN.test(text);
}

function visible(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function isAllowed(code: number): boolean {
  if (code < 0x20 || code === 0x7f) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7_ff || (code >= 0xe0_00 && code <= 0xff_fd) || (code >= 0x1_00_00 && code <= 0x10_ff_ff);
}

const RENDERING_TAG = /<(\/?)((?:[\w.-]{1,64}:)?)RenderingInfo(?=[\s/>]|$)/gu;

/**
 * The event without its RenderingInfo, or undefined when there is none. Real clients cut events off
 * there (cea-sec/openwec#46), or do not escape the message.
 */
export function withoutRendering(text: string): string | undefined {
  // The word may also stand in the message; only a tag counts.
  const tags = [...text.matchAll(RENDERING_TAG)];
  const [first, last] = [tags[0], tags.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (last[1] !== '/') return `${text.slice(0, last.index)}</${last[2] ?? ''}Event>`;
  const end = text.indexOf('>', last.index);
  return first[1] === '/' || end === -1 ? undefined : text.slice(0, first.index) + text.slice(end + 1);
}
