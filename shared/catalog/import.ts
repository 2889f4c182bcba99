// A vendor's article as the draft of a catalogue entry: every fact in its place, nothing guessed,
// and what could not be read is said. Pure.
import { parse, stringify } from 'yaml';
import type { Article } from './articles/article.ts';
import { gapsOf } from './articles/gaps.ts';
import { severityOf } from './articles/labels.ts';
import type { Line } from './articles/lines.ts';
import { type Message, proseOf, readMessage } from './articles/message.ts';
import { readPage } from './articles/page.ts';
import type { Reference } from './articles/references.ts';
import { unplacedLines } from './articles/unplaced.ts';
import { type DraftStep, MAX_TEXT, type Structure, structureOf } from './articles/structure.ts';
import { parseCatalog } from './load.ts';

/** A draft: the entry's file, and what a person has to look at. */
export interface Draft {
  /** `wmserver-309`, also the file's name. */
  readonly id: string;
  readonly yaml: string;
  readonly gaps: readonly string[];
  readonly unread: readonly string[];
}

/** A draft, or why the article gives none. */
export type ImportResult =
  | { readonly kind: 'draft'; readonly draft: Draft }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** The page names no provider; `source` of the options would. */
      readonly lacksSource: boolean;
      /** All that the page has of it. */
      readonly unread: readonly string[];
    };

/** What the person who imports knows beyond the page. */
interface ImportOptions {
  /** Day of the review, `2026-01-31`. */
  readonly today: string;
  /** The provider, for pages that do not name it, such as lists of messages. */
  readonly source?: string;
}

const PUBLISHER = 'the vendor';
const MAX_ITEMS = 64;
const MAX_ID = 65_535;
/** Less than an entry takes, since the names of parameters are longer than their marks. */
const MAX_PIECE = MAX_TEXT - 200;
const MAX_EXCERPT = 200;
const SYMBOLIC_NAME = /^[A-Za-z]\w*$/u;
const VERSION = /^\d{1,9}(?:\.\d{1,9}){0,3}$/u;

/**
 * The drafts of a page's articles. An article without an id, a source or a message gives none.
 * Every line of the page is in a draft or among the unread.
 */
export function importArticles(page: string, options: ImportOptions): readonly ImportResult[] {
  const { articles, lines, url } = readPage(page);
  const taken = new Map<string, number>();
  const results = articles.map((article): ImportResult => {
    const details = new Map([
      ...(options.source === undefined ? [] : [['source', options.source] as const]),
      ...article.details,
    ]);
    const lacks = lacksOf({ ...article, details });
    if (lacks.length > 0) return refusalOf(article, lacks, details.has('source'));
    const slug = `${slugOf(details.get('source') ?? '')}-${Number(details.get('id'))}`;
    const count = (taken.get(slug) ?? 0) + 1;
    taken.set(slug, count);
    const id = count === 1 ? slug : `${slug}-${count}`;
    const unread = [...article.unread, ...unusedSource(options.source, details.get('source'))];
    return loadable(draftOf({ ...article, details, unread }, { id, count, today: options.today, url }), article);
  });
  return withUnplaced(results, lines);
}

function unusedSource(given: string | undefined, named: string | undefined): readonly string[] {
  return given === undefined || given === named
    ? []
    : [`the source given, ${given}: the article names ${named} itself`];
}

function withUnplaced([first, ...others]: readonly ImportResult[], lines: readonly Line[]): readonly ImportResult[] {
  if (first === undefined) return [];
  const texts = [first, ...others].flatMap((result) =>
    result.kind === 'draft'
      ? [...textsIn(parse(result.draft.yaml)), ...result.draft.unread]
      : [result.reason, ...result.unread],
  );
  const unplaced = unplacedLines(lines, texts);
  if (first.kind === 'refused') return [{ ...first, unread: [...first.unread, ...unplaced] }, ...others];
  return [{ ...first, draft: { ...first.draft, unread: [...first.draft.unread, ...unplaced] } }, ...others];
}

function textsIn(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [String(value)];
}

/** A draft is of no use if the catalogue does not take it. */
function loadable(draft: Draft, article: Article): ImportResult {
  const result = parseCatalog([{ name: `${draft.id}.yaml`, text: draft.yaml }]);
  if (result.kind === 'catalog') return { kind: 'draft', draft };
  const faults = result.errors.map(({ message }) => message).join('; ');
  return refusalOf(article, [`what a draft needs: ${faults}`], true);
}

function refusalOf(article: Article, lacks: readonly string[], hasSource: boolean): ImportResult {
  const about = article.title ?? article.details.get('message')?.split('\n')[0];
  const what = about === undefined ? 'the article' : `the article “${about}”`;
  return {
    kind: 'refused',
    reason: `${what} lacks ${lacks.join(', ')}`,
    lacksSource: !hasSource,
    unread: [...article.unread, ...parsedIn(article)],
  };
}

/** Everything that was found of an article, as lines: a refusal must not be the end of them. */
function parsedIn({ details, appliesTo, introduction, sections, aspect, role }: Article): readonly string[] {
  return [
    ...[...details].map(([label, value]) => `${label}: ${value}`),
    ...(appliesTo.length === 0 ? [] : [`applies to: ${appliesTo.join(', ')}`]),
    ...introduction.map(({ text }) => text),
    ...sections.flatMap(({ heading, paragraphs }) => [heading, ...paragraphs.map(({ text }) => text)]),
    ...[aspect, role].filter((filedUnder) => filedUnder !== undefined),
  ];
}

function lacksOf({ details, titleId }: Article): readonly string[] {
  const id = details.get('id');
  const isId = id !== undefined && /^\d{1,5}$/u.test(id) && Number(id) <= MAX_ID;
  return [
    isId ? '' : id === undefined ? 'an event id' : `an event id: it says ${id}`,
    details.has('source') ? '' : 'a source',
    details.has('message') ? '' : 'a message',
    titleId === undefined || id === undefined || Number(titleId) === Number(id)
      ? ''
      : `one id: the title says ${titleId}, the details say ${id}`,
  ].filter((what) => what !== '');
}

interface Identity {
  readonly id: string;
  /** How many articles on this event the page has had so far, this one included. */
  readonly count: number;
  readonly today: string;
  /** Where the page came from. */
  readonly url: string | undefined;
}

function draftOf(article: Article, { id, count, today, url }: Identity): Draft {
  const { details } = article;
  const structure = structureOf(article);
  const message = readMessage(details.get('message') ?? '');
  const severity = structure.isNormal ? 'info' : severityOf(details.get('severity') ?? '');
  const gaps = gapsOf({ article, structure, message, severity, count });
  const [head, ...rest] = pieces(message.text);
  const unread = [...article.unread, ...unplaced(article, severity), ...rest];
  const symbolicName = SYMBOLIC_NAME.exec(details.get('symbolic name') ?? '')?.[0];
  const entry = {
    id,
    version: 1,
    name: excerptOf(firstLineOf(message.text).replaceAll(/%\d{1,2}/gu, '…')),
    ...(severity === 'info' ? { kind: 'information' } : {}),
    provider: { name: details.get('source') },
    eventIds: [Number(details.get('id'))],
    product: productOf(article),
    symbolicName,
    message: head,
    ...(message.parameters.length === 0 ? {} : { parameters: message.parameters }),
    class: 'unclassified',
    severity: severity ?? 'warning',
    ...textsOf(structure, message, unread),
    source: sourceOf(article, url),
    gaps: gaps.slice(0, MAX_ITEMS),
    reviewed: today,
  };
  return { id, yaml: stringify(entry, { lineWidth: 120 }), gaps, unread };
}

function sourceOf({ title, details }: Article, url: string | undefined): object {
  const named = excerptOf(title ?? `Event ID ${details.get('id') ?? ''}`);
  return { title: named, publisher: PUBLISHER, ...(url === undefined ? {} : { url }) };
}

/** The texts of an entry, in which parameters go by their names. */
function textsOf(structure: Structure, { text, parameters }: Message, unread: string[]): object {
  const prose = (raw: string): string => proseOf(raw, parameters);
  const listed = listing(prose, unread);
  const title = prose(excerptOf(firstLineOf(text)));
  const summary = prose(text.replaceAll('\n', ' '));
  const [explanation, ...more] = pieces(structure.explanation.join(' '));
  return {
    title,
    summary: summary.length > MAX_TEXT ? title : summary,
    ...(explanation === undefined ? {} : { explanation: prose(explanation) }),
    ...listed('causes', structure.causes),
    ...listed('remediation', optionsOf(structure)),
    ...listed('verification', structure.verification.flatMap(inPieces)),
    ...listed('notes', [...more, ...structure.notes.flatMap(pieces)]),
    ...listed('references', structure.references.map(referenceTo)),
  };
}

function referenceTo({ title, url }: Reference): object {
  return { title: excerptOf(title), ...(url === undefined ? {} : { url }), kind: 'related' };
}

/** Facts that the article has and an entry cannot take. */
function unplaced({ details, appliesTo, aspect, role }: Article, severity: string | undefined): readonly string[] {
  const detail = (label: string): string => details.get(label) ?? '';
  return [
    detail('symbolic name') === '' || SYMBOLIC_NAME.test(detail('symbolic name'))
      ? ''
      : `Symbolic Name: ${detail('symbolic name')}`,
    detail('version') === '' || VERSION.test(detail('version')) ? '' : `Version: ${detail('version')}`,
    detail('severity') === '' || severity !== undefined ? '' : `Severity: ${detail('severity')}`,
    ...(details.has('product')
      ? []
      : [appliesTo.length === 0 ? '' : `Applies To: ${appliesTo.join(', ')}`, aspect ?? '', role ?? '']),
    ...['category', 'channel', 'date', 'time', 'user', 'computer', 'keywords', 'opcode'].map((label) =>
      detail(label) === '' ? '' : `${label}: ${detail(label)}`,
    ),
  ].filter((line) => line !== '');
}

function productOf({ details, appliesTo, aspect, role }: Article): object | undefined {
  const name = details.get('product');
  if (name === undefined) return undefined;
  const version = VERSION.exec(details.get('version') ?? '')?.[0];
  const part = details.get('component') ?? role;
  return {
    name,
    ...(part === undefined ? {} : { role: part }),
    ...(aspect === undefined ? {} : { aspect }),
    ...(version === undefined ? {} : { versions: { from: version } }),
    appliesTo,
  };
}

function optionsOf({ options }: Structure): readonly object[] {
  return options.map(({ title = 'Resolve', when, steps }, index) => ({
    id: options.length === 1 ? 'resolve' : `resolve-${index + 1}`,
    title: excerptOf(title),
    ...(when === undefined ? {} : { when }),
    steps: steps.flatMap(inPieces),
  }));
}

function inPieces(step: DraftStep): readonly DraftStep[] {
  return pieces(step.text).map((text) => ({ ...step, text }));
}

/** A text cut between words where an entry takes no longer one. */
function pieces(text: string): readonly string[] {
  const found: string[] = [];
  let rest = text.trim();
  while (rest.length > MAX_PIECE) {
    const space = rest.lastIndexOf(' ', MAX_PIECE);
    const end = space > 0 ? space : MAX_PIECE;
    found.push(rest.slice(0, end));
    rest = rest.slice(end).trim();
  }
  return rest === '' ? found : [...found, rest];
}

/**
 * A list of an entry, with the parameters named in its texts; what goes beyond the most that an
 * entry takes is unread.
 */
function listing(prose: (text: string) => string, unread: string[]) {
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string') return prose(value);
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
  };
  return (key: string, items: readonly unknown[]): object => {
    unread.push(...items.slice(MAX_ITEMS).map((item) => JSON.stringify(item)));
    return items.length === 0 ? {} : { [key]: filled(items.slice(0, MAX_ITEMS)) };
  };
}

function firstLineOf(text: string): string {
  return text.split('\n')[0] ?? '';
}

/** A text as one line of an entry. */
function excerptOf(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length > MAX_EXCERPT ? `${line.slice(0, MAX_EXCERPT)}…` : line;
}

function slugOf(source: string): string {
  const slug = source
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/gu, '-')
    .replaceAll(/^[^a-z]+|-+$/gu, '');
  return slug === '' ? 'event' : slug.slice(0, 60).replace(/-+$/u, '');
}
