// Takes apart the text of a vendor's article on an event: facts, sections, lists, whatever page
// furniture stands around them. Pure.
import { Facts } from './facts.ts';
import { takeFiledUnder } from './filed-under.ts';
import {
  appliesToOf,
  factOf,
  isColour,
  isFurniture,
  isHeadingLike,
  isOfOneEvent,
  sectionOf,
  separateFacts,
  type Title,
  titleOf,
} from './labels.ts';
import type { Line, Said } from './lines.ts';
import { NoteWords } from './note-words.ts';
import { type Paragraph, paragraphOf, sameWords } from './paragraph.ts';

/** What an article says, each thing where it was found; `unread` is what no rule took. */
export interface Article {
  readonly title?: string;
  /** The id that the title names. */
  readonly titleId?: string;
  /**
   * By lower-case label: `id`, `product`, `source`, `version`, `symbolic name`, `message`,
   * `severity`, `component`.
   */
  readonly details: ReadonlyMap<string, string>;
  /**
   * The details are those of one event, as Event Viewer shows it: the message holds values, not
   * inserts.
   */
  readonly isOfOneEvent?: boolean;
  readonly appliesTo: readonly string[];
  readonly introduction: readonly Said[];
  readonly sections: readonly Section[];
  /** The aspect and the role under which the vendor files the event. */
  readonly aspect?: string;
  readonly role?: string;
  /** The last words, where they do not look like an end. */
  readonly cutOffAt?: string;
  readonly unread: readonly string[];
}

/**
 * A section with its heading in lower case: `resolve`, `verify`, `diagnose`, `explanation`,
 * `symptoms`, `notes`, `related`.
 */
interface Section {
  readonly heading: string;
  readonly paragraphs: readonly Paragraph[];
}

const CAUSED_BY = /^This (?:error|event|problem|issue|condition) (?:is|can be|may be|might be|could be) caused by\b/iu;
const MORE_OF_MESSAGE = /^For more information, see Help and Support Center\b/iu;
const BEHIND_MESSAGE = new RegExp(
  `\\bthis is a normal\\b|${CAUSED_BY.source}|^To (?:resolve|fix|correct|perform|verify)\\b`,
  'iu',
);

/** Reads the lines of one article. */
export function readArticle(lines: readonly Line[]): Article {
  const reader = new ArticleReader(new Set(lines.flatMap((line) => sectionOf(line) ?? [])));
  const separate = lines.flatMap(separateFacts);
  for (const [index, line] of separate.entries()) reader.take(line, separate[index + 1]);
  return reader.article();
}

interface OpenSection {
  readonly heading: string;
  readonly paragraphs: Paragraph[];
}

class ArticleReader {
  /** The headings that the article has; what is not among them is inferred. */
  readonly #headings: ReadonlySet<string>;
  #title: Title | undefined;
  #place: 'before' | 'introduction' | 'details' | 'section' = 'before';
  #isAppliesToOpen = false;
  readonly #facts = new Facts();
  readonly #notes = new NoteWords();
  readonly #appliesTo: string[] = [];
  readonly #introduction: Said[] = [];
  readonly #sections: OpenSection[] = [];
  readonly #unread: string[] = [];

  constructor(headings: ReadonlySet<string>) {
    this.#headings = headings;
  }

  take(line: Line, next: Line | undefined): void {
    const isBlot = line.text === '.';
    if (isBlot || this.#takeTitle(line) || this.#takeHead(line) || this.#takeHeading(line) || this.#takeFact(line))
      return;
    if (this.#place === 'details') this.#takeBehindFacts(line, next);
    else if (this.#place === 'section') this.#takeParagraph(line, next);
    else if (this.#place === 'introduction') this.#introduction.push(line);
    else this.#unread.push(line.text);
  }

  article(): Article {
    const title = this.#title;
    const { aspect, role, others, isFound } = takeFiledUnder(this.#sections, title?.aspect);
    this.#appliesTo.push(...this.#takeTextsOf('applies to'));
    this.#unread.push(...others, ...this.#takeTextsOf('properties'), ...this.#notes.close());
    const sections = this.#sections
      .filter(({ paragraphs }) => paragraphs.length > 0)
      .map(({ heading, paragraphs }) => ({ heading, paragraphs: paragraphs.map(withoutLoneHeading) }));
    return defined({
      title: title?.text,
      titleId: title?.id,
      details: this.#facts.values,
      isOfOneEvent: this.#facts.isOfOneEvent,
      appliesTo: this.#appliesTo,
      introduction: this.#introduction,
      sections,
      aspect,
      role,
      cutOffAt: isFound ? undefined : cutOffAt(sections.at(-1)),
      unread: this.#unread,
    });
  }

  #takeTitle(line: Line): boolean {
    const title = this.#titleIn(line);
    if (title === undefined) return false;
    const before = this.#title;
    const isAnyOther =
      before !== undefined && (before.id !== undefined || this.#facts.has('id') || this.#section !== '');
    if (isAnyOther || (before === undefined && this.#place !== 'before')) {
      if (title.text !== before?.text) this.#unread.push(line.text);
      return true;
    }
    if (before !== undefined) this.#unread.push(before.text);
    this.#title = title;
    if (this.#place === 'before') this.#place = 'introduction';
    return true;
  }

  #titleIn(line: Line): Title | undefined {
    const isFact = this.#place === 'details' && factOf(line.text, true) !== undefined;
    // A title below `Related` is a link to another article.
    if (isFact || this.#section === 'related' || sectionOf(line) !== undefined) return undefined;
    return titleOf(line) ?? (line.level === 1 && this.#isAtBegin ? { text: line.text } : undefined);
  }

  get #isAtBegin(): boolean {
    return this.#place === 'before' && this.#title === undefined;
  }

  /** Heading of the section that has begun last. */
  get #section(): string {
    return this.#sections.at(-1)?.heading ?? '';
  }

  #takeHead({ text }: Line): boolean {
    if (isFurniture(text)) {
      this.#unread.push(text);
      return true;
    }
    if (this.#place === 'section' || this.#place === 'details') return false;
    const systems = this.#isAppliesToOpen ? appliesToOf(`Applies To: ${text}`) : appliesToOf(text);
    this.#isAppliesToOpen = systems?.length === 0;
    if (systems !== undefined) {
      this.#appliesTo.push(...systems);
      this.#place = 'introduction';
    } else if (isColour(text)) this.#facts.set('severity', text);
    else return false;
    return true;
  }

  #takeHeading(line: Line): boolean {
    const heading = sectionOf(line);
    if (heading === undefined) return false;
    const isSecond = heading === 'resolve' && this.#section === 'resolve';
    this.#begin(heading);
    if (isSecond || /^workaround/iu.test(line.text))
      this.#sections.at(-1)?.paragraphs.push({ kind: 'heading', text: line.text });
    return true;
  }

  #begin(heading: string): void {
    this.#place = heading === 'details' ? 'details' : 'section';
    this.#facts.close();
    this.#unread.push(...this.#notes.close());
    if (heading !== 'details') this.#sections.push({ heading, paragraphs: [] });
  }

  #takeFact({ text }: Line): boolean {
    const isInText = this.#place === 'section' && this.#section !== 'symptoms';
    if (isInText || !this.#facts.take(text, this.#place === 'details')) return false;
    this.#place = 'details';
    return true;
  }

  /**
   * More of the fact before, a row without a known label, or the first line of a section without
   * heading.
   */
  #takeBehindFacts(line: Line, next: Line | undefined): void {
    const { text } = line;
    if (this.#facts.isOfOneEvent && isOfOneEvent(text)) {
      this.#facts.close();
      this.#unread.push(text);
      return;
    }
    if (this.#facts.takeMore(text, this.#isMessage(line, next))) return;
    const hasMessage = this.#facts.has('message');
    const isRow = /^\|?[^|]{2,40}\|/u.test(text);
    if (hasMessage && this.#section === 'symptoms') {
      this.#facts.close();
      this.#place = 'section';
      this.#takeParagraph(line, next);
    } else if (hasMessage && !isRow && !this.#hasBody()) {
      this.#begin(this.#inferred(text));
      this.#takeParagraph(line, next);
    } else if (!/^\|?\s*Attribute\s*\|\s*Value\s*\|?$/iu.test(text)) this.#unread.push(text);
  }

  #inferred(text: string): string {
    return CAUSED_BY.test(text) && !this.#headings.has('diagnose') ? 'diagnose' : 'resolve';
  }

  #hasBody(): boolean {
    return ['diagnose', 'resolve', 'explanation'].some((heading) => this.#headings.has(heading));
  }

  #isMessage(line: Line, next: Line | undefined): boolean {
    const { text, blanksBefore } = line;
    const message = this.#facts.message;
    if (message.isCell || /%(?:\d|[a-z.*]+\b)/iu.test(text) || MORE_OF_MESSAGE.test(text)) return true;
    if (BEHIND_MESSAGE.test(text)) return false;
    // Below a description in the symptoms the symptoms go on; elsewhere it is the last that Event
    // Viewer shows.
    if (this.#section === 'symptoms') return blanksBefore === 0;
    if (this.#hasBody() || this.#facts.isOfOneEvent) return true;
    return blanksBefore === 0 && !(/[.!?]$/u.test(message.text) && next !== undefined && isHeadingLike(text));
  }

  #takeParagraph(line: Line, next: Line | undefined): void {
    if (this.#opensVerify(line)) this.#begin('verify');
    else if (this.#opensResolve(line, next)) this.#begin('resolve');
    const paragraphs = this.#sections.at(-1)?.paragraphs ?? [];
    const found = paragraphOf(line, next, paragraphs);
    if (found.text === '') this.#unread.push(...this.#notes.open(line.text));
    else if (this.#notes.isNote(found)) paragraphs.push({ ...found, kind: 'note' });
    else {
      this.#unread.push(...this.#notes.close());
      paragraphs.push(found);
    }
  }

  #opensVerify({ text }: Line): boolean {
    const isElsewhere = this.#section !== 'verify' && this.#section !== 'related';
    return !this.#headings.has('verify') && isElsewhere && /^To verify\b/iu.test(text);
  }

  /**
   * Below the causes of a diagnosis each is looked at under its own name; another name begins the
   * repair.
   */
  #opensResolve(line: Line, next: Line | undefined): boolean {
    const { heading, paragraphs = [] } = this.#sections.at(-1) ?? {};
    if (heading !== 'diagnose' || this.#headings.has('resolve')) return false;
    const causes = paragraphs.filter(({ kind }) => kind === 'bullet').map(({ text }) => sameWords(text));
    const isLookedAt = paragraphs.some(({ kind, text }) => kind === 'heading' && causes.includes(sameWords(text)));
    const isHeading = paragraphOf(line, next, []).kind === 'heading';
    return isLookedAt && isHeading && !causes.includes(sameWords(line.text));
  }

  #takeTextsOf(heading: string): readonly string[] {
    const found = this.#sections.filter((section) => section.heading === heading);
    return found.flatMap(({ paragraphs }) => paragraphs.splice(0).map(({ text }) => text));
  }
}

/** A heading with nothing below it, the last of its section, is a text. */
function withoutLoneHeading(paragraph: Paragraph, index: number, all: readonly Paragraph[]): Paragraph {
  return paragraph.kind === 'heading' && index === all.length - 1 ? { ...paragraph, kind: 'text' } : paragraph;
}

/** The last words of a page that end like no sentence. */
function cutOffAt(last: Section | undefined): string | undefined {
  const end = last?.heading === 'related' ? undefined : last?.paragraphs.at(-1)?.text;
  return end === undefined || /[.!?)"'…]$/u.test(end) ? undefined : end;
}

type Always = 'details' | 'appliesTo' | 'introduction' | 'sections' | 'unread';
type UndefinableArticle = Pick<Article, Always> & {
  readonly [Key in Exclude<keyof Article, Always>]: Article[Key] | undefined;
};

function defined({ title, titleId, aspect, role, cutOffAt, isOfOneEvent, ...always }: UndefinableArticle): Article {
  const optional = Object.entries({ title, titleId, aspect, role, cutOffAt, isOfOneEvent });
  return { ...always, ...Object.fromEntries(optional.filter(([, value]) => value !== undefined)) };
}
