// Takes apart the text of a vendor's article on an event: facts, sections, lists, whatever page furniture stands around them. Pure.
import { Facts } from './facts.ts';
import {
  appliesToOf,
  factOf,
  isColour,
  isFurniture,
  isHeadingLike,
  sectionOf,
  separateFacts,
  type Title,
  titleOf,
} from './labels.ts';
import type { Line } from './lines.ts';
import { type Paragraph, paragraphOf, sameWords } from './paragraph.ts';

/** What an article says, each thing where it was found; `unread` is what no rule took. */
export interface Article {
  readonly title?: string;
  /** The id that the title names. */
  readonly titleId?: string;
  /** By lower-case label: `id`, `product`, `source`, `version`, `symbolic name`, `message`, `severity`, `component`. */
  readonly details: ReadonlyMap<string, string>;
  readonly appliesTo: readonly string[];
  readonly introduction: readonly string[];
  readonly sections: readonly Section[];
  /** The aspect and the role under which the vendor files the event. */
  readonly aspect?: string;
  readonly role?: string;
  /** The last words, where they do not look like an end. */
  readonly cutOffAt?: string;
  readonly unread: readonly string[];
}

/** A section with its heading in lower case: `resolve`, `verify`, `diagnose`, `explanation`, `related`. */
export interface Section {
  readonly heading: string;
  readonly paragraphs: readonly Paragraph[];
}

const NORMAL = /\bthis is a normal\b/iu;
const CAUSED_BY = /^This (?:error|event|problem|issue|condition) (?:is|can be|may be|might be|could be) caused by\b/iu;
const BEGINS_REPAIR = /^To (?:resolve|fix|correct|perform|verify)\b/iu;

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
  #isNoteOpen = false;
  readonly #facts = new Facts();
  readonly #appliesTo: string[] = [];
  readonly #introduction: string[] = [];
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
    else if (this.#place === 'introduction') this.#introduction.push(line.text);
    else this.#unread.push(line.text);
  }

  article(): Article {
    const { aspect, role, isFound } = this.#takeFiledUnder();
    const sections = this.#sections
      .filter(({ paragraphs }) => paragraphs.length > 0)
      .map(({ heading, paragraphs }) => ({ heading, paragraphs: paragraphs.map(withoutLoneHeading) }));
    const last = sections.at(-1);
    const end = isFound || last?.heading === 'related' ? undefined : last?.paragraphs.at(-1)?.text;
    return {
      ...(this.#title === undefined ? {} : { title: this.#title.text, titleId: this.#title.id }),
      details: this.#facts.values,
      appliesTo: this.#appliesTo,
      introduction: this.#introduction,
      sections,
      ...(aspect === undefined ? {} : { aspect }),
      ...(role === undefined ? {} : { role }),
      ...(end === undefined || /[.!?)"'…]$/u.test(end) ? {} : { cutOffAt: end }),
      unread: this.#unread,
    };
  }

  #takeTitle(line: Line): boolean {
    const title = titleOf(line);
    if (title === undefined || (this.#place === 'details' && factOf(line.text, true) !== undefined)) return false;
    if (this.#title === undefined && this.#place === 'before') {
      this.#title = title;
      this.#place = 'introduction';
    } else if (title.text !== this.#title?.text) this.#unread.push(line.text);
    return true;
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
    this.#begin(heading);
    return true;
  }

  #begin(heading: string): void {
    this.#place = heading === 'details' ? 'details' : 'section';
    this.#facts.close();
    this.#isNoteOpen = false;
    if (heading !== 'details') this.#sections.push({ heading, paragraphs: [] });
  }

  #takeFact({ text }: Line): boolean {
    if (this.#place === 'section' || !this.#facts.take(text, this.#place === 'details')) return false;
    this.#place = 'details';
    return true;
  }

  /** More of the fact before, a row without a known label, or the first line of a section without heading. */
  #takeBehindFacts(line: Line, next: Line | undefined): void {
    const { text } = line;
    if (this.#facts.takeMore(text, this.#isMessage(line, next))) return;
    const isRow = /^\|?[^|]{2,40}\|/u.test(text);
    if (this.#facts.has('message') && !isRow && !this.#hasBody()) {
      this.#begin(CAUSED_BY.test(text) && !this.#headings.has('diagnose') ? 'diagnose' : 'resolve');
      this.#takeParagraph(line, next);
    } else if (!/^\|?\s*Attribute\s*\|\s*Value\s*\|?$/iu.test(text)) this.#unread.push(text);
  }

  #hasBody(): boolean {
    return ['diagnose', 'resolve', 'explanation'].some((heading) => this.#headings.has(heading));
  }

  #isMessage({ text, blanksBefore }: Line, next: Line | undefined): boolean {
    const message = this.#facts.message;
    if (message.isCell || /%(?:\d|[a-z.*]+\b)/iu.test(text)) return true;
    if (NORMAL.test(text) || CAUSED_BY.test(text) || BEGINS_REPAIR.test(text)) return false;
    if (this.#hasBody()) return true;
    return blanksBefore === 0 && !(/[.!?]$/u.test(message.text) && next !== undefined && isHeadingLike(text));
  }

  #takeParagraph(line: Line, next: Line | undefined): void {
    if (this.#opensVerify(line) || this.#opensResolve(line, next)) {
      const wanted = this.#opensVerify(line) ? 'verify' : 'resolve';
      this.#begin(wanted);
    }
    const paragraphs = this.#sections.at(-1)?.paragraphs;
    const paragraph = this.#isNoteOpen
      ? { kind: 'note' as const, text: line.text }
      : paragraphOf(line, next, paragraphs ?? []);
    this.#isNoteOpen = paragraph.text === '';
    if (paragraph.text !== '') paragraphs?.push(paragraph);
  }

  #opensVerify({ text }: Line): boolean {
    const heading = this.#sections.at(-1)?.heading ?? '';
    return (
      !this.#headings.has('verify') && heading !== 'verify' && heading !== 'related' && /^To verify\b/iu.test(text)
    );
  }

  /** Below the causes of a diagnosis each is looked at under its own name; another name begins the repair. */
  #opensResolve(line: Line, next: Line | undefined): boolean {
    const { heading, paragraphs = [] } = this.#sections.at(-1) ?? {};
    if (heading !== 'diagnose' || this.#headings.has('resolve')) return false;
    const causes = paragraphs.filter(({ kind }) => kind === 'bullet').map(({ text }) => sameWords(text));
    const isLookedAt = paragraphs.some(({ kind, text }) => kind === 'heading' && causes.includes(sameWords(text)));
    const isHeading = paragraphOf(line, next, []).kind === 'heading';
    return isLookedAt && isHeading && !causes.includes(sameWords(line.text));
  }

  /** Behind the last section stand the aspect and the role under which the vendor files the page. */
  #takeFiledUnder(): {
    readonly aspect: string | undefined;
    readonly role: string | undefined;
    readonly isFound: boolean;
  } {
    const named = this.#title?.aspect;
    const labelled = this.#sections.findIndex(({ heading }) => heading === 'filed under');
    if (labelled !== -1) {
      const [aspect, role, ...others] = this.#sections.splice(labelled, 1)[0]?.paragraphs ?? [];
      this.#unread.push(...others.map(({ text }) => text));
      return { aspect: named ?? aspect?.text, role: role?.text, isFound: true };
    }
    const isNamed = ({ text }: Paragraph): boolean => named !== undefined && isSameAspect(named, text);
    const section = this.#sections.findLast(({ paragraphs }) => paragraphs.some(isNamed));
    const tail = section?.paragraphs.splice(section.paragraphs.findLastIndex(isNamed)) ?? [];
    const [, role, ...others] = tail;
    this.#unread.push(...others.map(({ text }) => text));
    return { aspect: named, role: role?.text, isFound: tail.length > 0 };
  }
}

/** A heading with nothing below it, the last of its section, is a text. */
function withoutLoneHeading(paragraph: Paragraph, index: number, all: readonly Paragraph[]): Paragraph {
  return paragraph.kind === 'heading' && index === all.length - 1 ? { ...paragraph, kind: 'text' } : paragraph;
}

/** The title's aspect can have the product in front that the foot of the page leaves out. */
function isSameAspect(named: string, text: string): boolean {
  const [one, other] = [sameWords(named), sameWords(text)];
  return one === other || (other.length > 8 && one.endsWith(` ${other}`));
}
