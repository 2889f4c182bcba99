// A saved web page as lines: what is written for the browser goes, headings, lists, tables and
// links keep their form, and what stands around the article is listed. Pure.
import { Parser } from 'htmlparser2';
import { HtmlLines } from './html-lines.ts';
import type { CleanPage } from './lines.ts';

const IS_HTML =
  /^(?:\s|<!--(?:(?!-->)[\s\S])*-->|<\?xml[^>]*>)*<(?:!doctype html|html|head|body|main|article|section|div|table|h[1-6]|p|ul|ol|dl|pre|font|center)\b/iu;
/** Deeper than any page; the parser takes time with the square of the depth. */
const MAX_DEPTH = 1000;
const SAVED_FROM = /saved from url=\(\d+\)(?<url>\S+)/u;

/** Whether a file is HTML and not text that has some tags. */
export function isHtml(page: string): boolean {
  return IS_HTML.test(page.slice(0, 20_000));
}

/**
 * Reads HTML as browsers do, however it is nested:
 * https://html.spec.whatwg.org/multipage/parsing.html.
 */
export function linesOfHtml(page: string): CleanPage {
  const lines = new HtmlLines();
  const urls: string[] = [];
  let depth = 0;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      depth += 1;
      if (depth > MAX_DEPTH) parser.pause();
      if (name === 'link' && attributes['rel'] === 'canonical') urls.push(attributes['href'] ?? '');
      lines.open(name, attributes);
    },
    onclosetag: (name) => {
      depth -= 1;
      lines.close(name);
    },
    ontext: (text) => {
      lines.text(text);
    },
    oncomment: (text) => {
      const url = SAVED_FROM.exec(text)?.groups?.['url'];
      if (url !== undefined) urls.unshift(url);
    },
  });
  parser.write(page);
  if (depth > MAX_DEPTH) takeFlat(page.slice(parser.endIndex + 1), lines);
  else parser.end();
  const url = urls.find((it) => /^https?:\/\/\S{1,480}$/u.test(it) && URL.canParse(it));
  return { ...lines.end(), ...(url === undefined ? {} : { url }) };
}

/** Each text between two tags is a line. */
function takeFlat(rest: string, lines: HtmlLines): void {
  for (const text of rest.split(/<[^>]*>/u)) {
    lines.open('p', {});
    lines.text(text);
    lines.close('p');
  }
}
