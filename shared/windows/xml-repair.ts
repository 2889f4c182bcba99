// What senders of event XML do wrong, mended before parsing: characters that XML forbids, and a RenderingInfo that was cut off.

// oxlint-disable-next-line no-control-regex -- these are the characters to find
const FORBIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/gu;
const REFERENCE = /&#(?:x([\da-f]{1,8})|(\d{1,10}));/giu;

/** Forbidden characters, and references to them, become visible text `\uNNNN`, as Winlogbeat has it. Source: XML 1.0 section 2.2. */
export function showForbidden(text: string): string {
  const shown = hasForbidden(text) ? text.replace(FORBIDDEN, visible) : text;
  if (!shown.includes('&#')) return shown;
  return shown.replace(REFERENCE, (reference, hexadecimal: string | undefined, decimal: string | undefined) => {
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return isAllowed(code) ? reference : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

function hasForbidden(text: string): boolean {
  FORBIDDEN.lastIndex = 0;
  return FORBIDDEN.test(text);
}

function visible(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function isAllowed(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7_ff || (code >= 0xe0_00 && code <= 0xff_fd) || (code >= 0x1_00_00 && code <= 0x10_ff_ff);
}

const RENDERING_TAG = /<(\/?)((?:[\w.-]{1,64}:)?)RenderingInfo(?=[\s/>]|$)/gu;

/** The event without a RenderingInfo that does not end, closed again; undefined when there is none. Real clients cut events off there (cea-sec/openwec#46). */
export function withoutRendering(text: string): string | undefined {
  // The word may also stand in the message; only a tag counts.
  const last = [...text.matchAll(RENDERING_TAG)].at(-1);
  // An end tag: the RenderingInfo is complete and something else is wrong.
  return last === undefined || last[1] === '/' ? undefined : `${text.slice(0, last.index)}</${last[2] ?? ''}Event>`;
}
