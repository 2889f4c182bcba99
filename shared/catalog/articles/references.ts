// What an article refers to: titles behind `see`, and the list of related pages. Pure.
import type { Article } from './article.ts';
import type { Link, Said } from './lines.ts';
import type { Paragraph } from './paragraph.ts';

/** A page or document that is referred to. */
export interface Reference {
  readonly title: string;
  readonly url?: string;
}

/** References, and titles that may be two in one. */
interface References {
  readonly references: readonly Reference[];
  readonly doubtful: readonly string[];
  /** What stands among the related pages and is the title of none. */
  readonly others: readonly string[];
}

/**
 * `see` as an advice to the reader: at the beginning of a sentence or a bracket, or behind
 * `For more information, `.
 */
const SEE =
  /(?:^|[.;:!?(\n]\s*|\bplease\s+|\balso,?\s+|\bFor (?:(?!\bsee\b)[^.;:\n]|\.(?=\S)){1,200}?,?\s+)see (?:also )?(?=\S)/giu;
const PREFIX =
  /^(?:the\s+)?(?:(?:following\s+)?(?:articles?|topics?|documentation|books?)(?:\s+(?:titled|in|on))?:?\s+)?(?:the\s+)?/iu;
/** With these words the title of a page begins, so that what stands before is another one. */
const BEGINS_TITLE =
  /^(?:["']|[A-Z][a-z]+ing\b|About\b|How\b|What\b|Why\b|When\b|Event ID\b|KB\b|Appendix\b|Checklist\b|Overview\b|Introduction\b|Step-by-Step\b|https?:)/u;
const BETWEEN = /;\s+|,\s+(?:and|or)\s+|,\s+|\s+(?:and|or)\s+/u;
const URL_IN_TEXT = /https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;]/u;
/** Other parts of the same article, and the place to which every event of Windows refers. */
const NO_PAGE = /^(?:the\s+)?(?:(?:following\s+)?sections?\b|Help and Support Center\b)/iu;
/** Headings of groups among the related pages. */
const GROUP = /^(?:other resources|references?|concepts|tasks|help topics?|links?)$/iu;

/** The references of an article, each once. */
export function referencesOf({ sections, introduction }: Article): References {
  const related = sections.filter(({ heading }) => heading === 'related').flatMap(({ paragraphs }) => paragraphs);
  const texts = [
    ...introduction,
    ...sections.filter(({ heading }) => heading !== 'related').flatMap(({ paragraphs }) => paragraphs),
    ...related.filter(isSentence),
  ];
  const named = texts.map(namedIn);
  const listed = related.filter((paragraph) => !isSentence(paragraph) && !GROUP.test(paragraph.text)).map(listedIn);
  const found = [...named, ...listed];
  return {
    references: once(found.flatMap(({ references }) => references)),
    doubtful: found.flatMap(({ doubtful }) => doubtful),
    others: related.filter((it) => isSentence(it) || GROUP.test(it.text)).map(({ text }) => text),
  };
}

function isSentence({ text, links }: Paragraph): boolean {
  return links === undefined && (text.length > 200 || /[.!?:]$/u.test(text));
}

type Found = Pick<References, 'references' | 'doubtful'>;

function listedIn({ text, links = [] }: Paragraph): Found {
  if (links.length > 0) return { references: links.map(ofLink), doubtful: [] };
  return { references: [titled(text)], doubtful: [] };
}

/**
 * The titles behind each `see` of a text. Where the page has kept its links, they show where a
 * title begins and ends.
 */
function namedIn({ text, links = [] }: Said): Found {
  const found = [...text.matchAll(SEE)].map(({ index, 0: words }) => {
    const [rest = ''] = text.slice(index + words.length).split('\n');
    const sentence = sentenceOf(rest.trim());
    if (NO_PAGE.test(sentence)) return { references: [], doubtful: [] };
    const linked = links.filter(({ title }) => sentence.includes(title));
    if (linked.length > 0) return { references: linked.map(ofLink), doubtful: [] };
    return titlesIn(sentence.replace(PREFIX, ''));
  });
  return {
    references: found.flatMap(({ references }) => references),
    doubtful: found.flatMap(({ doubtful }) => doubtful),
  };
}

/**
 * Up to where the sentence or the bracket ends. The point of a version, of an address and of `vs.`
 * ends none.
 */
function sentenceOf(rest: string): string {
  let depth = 0;
  for (const { 0: mark, index } of rest.matchAll(/[().!?]/gu)) {
    if (mark === ')' && depth === 0) return rest.slice(0, index);
    if (mark === '(') depth += 1;
    else if (mark === ')') depth -= 1;
    else if (depth === 0 && endsSentence(rest, index)) return rest.slice(0, index);
  }
  return rest;
}

const END = /["')]*(?:$|\s+[^\p{Ll}\s])/uy;

function endsSentence(text: string, index: number): boolean {
  END.lastIndex = index + 1;
  return END.test(text);
}

function titlesIn(sentence: string): Found {
  const [said = ''] = sentence.split(
    /,? (?:and )?then |,? (?:but|or contact|and contact|on the page|before you|if you) /u,
  );
  if (!/^(?:["'\p{Lu}\d]|https?:)/u.test(said)) return { references: [], doubtful: [] };
  const parts = said.split(BETWEEN).map((part) => part.replace(/^(?:see )?(?:the )?/iu, ''));
  const areTitles = parts.length > 1 && parts.every((part) => BEGINS_TITLE.test(part) || isTitle(part));
  const begin = parts.slice(1).filter((part) => BEGINS_TITLE.test(part)).length;
  if (areTitles && begin === parts.length - 1) return { references: parts.map(titled), doubtful: [] };
  return { references: [titled(said)], doubtful: areTitles ? [said] : [] };
}

function isTitle(text: string): boolean {
  return /^\p{Lu}/u.test(text) && /\s/u.test(text);
}

/** A title, without quotation marks, and the address that stands in brackets behind it. */
function titled(text: string): Reference {
  const url = URL_IN_TEXT.exec(text)?.[0];
  const title = text
    .replace(/\s*[([]?https?:\/\/\S+$/u, '')
    .replaceAll(/^["']+|["',;]+$/gu, '')
    .replace(/\s+(?:at|on)(?: the (?:following )?(?:Microsoft )?[Ww]eb ?site)?:?$/u, '')
    .trim();
  return { title: title === '' ? text : title, ...(url === undefined || !isAddress(url) ? {} : { url }) };
}

/** As an entry takes it. */
function isAddress(url: string): boolean {
  return /^https?:\/\/\S{3,480}$/u.test(url) && URL.canParse(url);
}

function ofLink({ title, url }: Link): Reference {
  return { title, ...(isAddress(url) ? { url } : {}) };
}

function once(references: readonly Reference[]): readonly Reference[] {
  const found = new Map<string, Reference>();
  for (const reference of references) {
    const key = reference.title.toLowerCase();
    found.set(key, { ...reference, ...found.get(key) });
  }
  return [...found.values()];
}
