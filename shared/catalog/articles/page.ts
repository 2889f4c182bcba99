// The articles of a page, whatever it is: one article, several behind each other, an index of
// events, or a list of messages. Pure.
import { type Article, readArticle } from './article.ts';
import { readIndex } from './index-page.ts';
import { appliesToOf, factOf, isFurniture, sectionOf, titleOf } from './labels.ts';
import { cleanPage, type Line } from './lines.ts';
import { readMessageList } from './message-list.ts';

/** A page: its articles, all its lines, and where it came from, as it says itself. */
interface Page {
  readonly articles: readonly Article[];
  readonly lines: readonly Line[];
  readonly url?: string;
}

/** Reads a page. What belongs to none of its articles stands among the unread of the first. */
export function readPage(text: string): Page {
  const { left, ...page } = cleanPage(text);
  const { lines } = page;
  const articles = readMessageList(lines) ?? readIndex(lines) ?? splitArticles(lines).map(readArticle);
  const [first, ...others] = articles;
  return {
    ...page,
    articles: first === undefined ? [] : [{ ...first, unread: [...left, ...first.unread] }, ...others],
  };
}

/**
 * The lines of each article. A title that stands twice, or without an article below it, as links
 * do, begins none.
 */
function splitArticles(lines: readonly Line[]): readonly (readonly Line[])[] {
  const starts: number[] = [];
  let isBehindFacts = false;
  for (const [index, line] of lines.entries()) {
    isBehindFacts ||= hasFacts([line]);
    const isDoubled = !isBehindFacts && lines[starts.at(-1) ?? -1]?.text === line.text;
    if (!beginsArticle(lines, index) || isDoubled) continue;
    starts.push(index);
    isBehindFacts = false;
  }
  const articles: Line[][] = [];
  for (const [place, start] of [0, ...starts].entries()) {
    const part = lines.slice(start, starts[place]);
    const last = articles.at(-1);
    if (last === undefined || isSeparate(last, part)) articles.push(part);
    else last.push(...part);
  }
  return articles;
}

function isSeparate(last: readonly Line[], part: readonly Line[]): boolean {
  return hasFacts(last) && (hasFacts(part) || isCutOff(part));
}

const LONGEST_LINK = 120;

/**
 * An article that ends before its facts begin: below its title, where a link has nothing, stand the
 * systems it applies to or a paragraph.
 */
function isCutOff(part: readonly Line[]): boolean {
  const [, ...below] = part.filter(({ text }) => !isFurniture(text));
  return (
    below.slice(0, 2).some(({ text }) => appliesToOf(text) !== undefined) || (below[0]?.text.length ?? 0) > LONGEST_LINK
  );
}

function beginsArticle(lines: readonly Line[], index: number): boolean {
  const line = lines[index];
  // `Event ID 309` above `Event Source …` is a row of the details.
  const isRow = /^(?:Event )?Source\b/iu.test(lines[index + 1]?.text ?? '');
  return line !== undefined && titleOf(line) !== undefined && !isRow;
}

function hasFacts(lines: readonly Line[]): boolean {
  return lines.some((line) => {
    const label = factOf(line.text, false)?.label;
    return label === 'id' || label === 'source' || sectionOf(line) === 'details';
  });
}
