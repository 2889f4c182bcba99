// A vendor's article as the draft of a catalogue entry: every fact in its place, nothing guessed, and what could not be read is said. Pure.
import { stringify } from 'yaml';
import { type Article, type Paragraph, readArticle, splitArticles } from './article.ts';

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
  | { readonly kind: 'refused'; readonly reason: string; readonly unread: readonly string[] };

/** The drafts of a page's articles. `today` is the day of the review, `2026-01-31`. An article without an id, a source or a message gives none. */
export function importArticles(page: string, today: string): readonly ImportResult[] {
  return splitArticles(page).map((text) => importArticle(readArticle(text), today));
}

function importArticle(article: Article, today: string): ImportResult {
  const lacks = lacksOf(article);
  if (lacks.length > 0)
    return { kind: 'refused', reason: `the article lacks ${lacks.join(', ')}`, unread: article.unread };
  const detail = (label: string): string => article.details.get(label) ?? '';
  const facts = { eventId: Number(detail('id')), source: detail('source'), message: detail('message') };
  const id = `${slugOf(facts.source)}-${facts.eventId}`;
  const gaps = gapsOf(article);
  const entry = entryOf(article, { ...facts, id, today, gaps });
  return { kind: 'draft', draft: { id, yaml: stringify(entry, { lineWidth: 120 }), gaps, unread: article.unread } };
}

function lacksOf({ details, title }: Article): readonly string[] {
  const id = details.get('id');
  const titleId = /\d+/u.exec(title ?? '')?.[0];
  return [
    id !== undefined && /^\d{1,5}$/u.test(id) ? '' : 'an event id',
    details.has('source') ? '' : 'a source',
    details.has('message') ? '' : 'a message',
    titleId === undefined || titleId === id
      ? ''
      : `one id: the title says ${titleId}, the details say ${id ?? 'nothing'}`,
  ].filter((what) => what !== '');
}

interface Facts {
  readonly id: string;
  readonly eventId: number;
  readonly source: string;
  readonly message: string;
  readonly today: string;
  readonly gaps: readonly string[];
}

const PUBLISHER = 'the vendor';

function entryOf(article: Article, { id, eventId, source, message, today, gaps }: Facts): object {
  const { details, appliesTo, introduction } = article;
  const aspect = /\d+\s*[—–-]+\s*(?<rest>.+)$/u.exec(article.title ?? '')?.groups?.['rest'];
  const resolve = paragraphsOf(article, 'resolve');
  const { body: verify, tail } = withoutFurniture(paragraphsOf(article, 'verify'), aspect);
  const parameters = parametersOf(message);
  const [firstLine = ''] = message.split('\n');
  const symbolicName = details.get('symbolic name');
  return {
    id,
    version: 1,
    name: withWords(firstLine),
    provider: { name: source },
    eventIds: [eventId],
    product: productOf(details, { appliesTo, aspect, role: tail }),
    ...(symbolicName === undefined ? {} : { symbolicName }),
    message,
    ...(parameters.length === 0 ? {} : { parameters }),
    class: 'unclassified',
    severity: 'warning',
    title: withPlaceholders(firstLine, parameters),
    summary: withPlaceholders(message.replaceAll('\n', ' '), parameters),
    ...(introduction.length === 0 ? {} : { explanation: introduction.join(' ') }),
    ...listed(
      'causes',
      paragraphsOf(article, 'diagnose').map(({ text }) => ({ text })),
    ),
    ...listed('remediation', optionsOf(resolve)),
    ...listed('verification', stepsOf(verify)),
    ...listed('notes', notesOf([...resolve, ...verify])),
    ...listed('references', referencesOf(article)),
    source: { title: article.title ?? `Event ID ${eventId}`, publisher: PUBLISHER },
    gaps,
    reviewed: today,
  };
}

function paragraphsOf({ sections }: Article, heading: string): readonly Paragraph[] {
  return sections.filter((section) => section.heading === heading).flatMap(({ paragraphs }) => paragraphs);
}

/** Behind the last section stand the aspect and the role under which the vendor files the page. */
function withoutFurniture(paragraphs: readonly Paragraph[], aspect: string | undefined) {
  const at = paragraphs.findLastIndex(({ kind, text }) => kind === 'text' && text === aspect);
  if (at === -1) return { body: paragraphs, tail: undefined };
  return { body: paragraphs.slice(0, at), tail: paragraphs[at + 1]?.text };
}

function productOf(
  details: ReadonlyMap<string, string>,
  { appliesTo, aspect, role }: { appliesTo: readonly string[]; aspect: string | undefined; role: string | undefined },
): object | undefined {
  const name = details.get('product');
  if (name === undefined) return undefined;
  const version = /^\d+(?:\.\d+){0,3}$/u.exec(details.get('version') ?? '')?.[0];
  return {
    name,
    ...(role === undefined ? {} : { role }),
    ...(aspect === undefined ? {} : { aspect }),
    ...(version === undefined ? {} : { versions: { from: version } }),
    appliesTo,
  };
}

interface DraftParameter {
  readonly name: string;
  readonly type: 'port' | 'text';
  readonly meaning: string;
  readonly insert: number;
  readonly discriminator?: true;
  readonly ecs?: string;
  readonly prose: { readonly unknown: string };
}

/** A parameter for each insertion string; only a port is recognised, by the word in front of it. */
function parametersOf(message: string): readonly DraftParameter[] {
  const found = new Map<number, DraftParameter>();
  for (const { 1: before = '', 2: digits = '' } of message.matchAll(/(\w+)?\W*%(\d{1,2})/gu)) {
    const insert = Number(digits);
    const isPort = before.toLowerCase() === 'port';
    const hasPort = [...found.values()].some(({ name }) => name === 'port');
    if (insert === 0 || found.has(insert)) continue;
    found.set(insert, {
      name: isPort && !hasPort ? 'port' : `insert_${insert}`,
      type: isPort ? 'port' : 'text',
      meaning: `Insertion string ${insert} of the message`,
      insert,
      ...(isPort && !hasPort ? { discriminator: true, ecs: 'server.port' } : {}),
      prose: { unknown: isPort ? 'of unknown number' : 'an unknown value' },
    });
  }
  return [...found.values()];
}

function withPlaceholders(text: string, parameters: readonly DraftParameter[]): string {
  return text.replaceAll(/%(\d{1,2})/gu, (whole, digits: string) => {
    const parameter = parameters.find(({ insert }) => insert === Number(digits));
    return parameter === undefined ? whole : `{${parameter.name}}`;
  });
}

function withWords(text: string): string {
  return text.replaceAll(/\s*%\d{1,2}/gu, ' …').slice(0, 300);
}

/** One option: its title is the first bare line, its steps the list below it, or the paragraphs where there is no list. */
function optionsOf(paragraphs: readonly Paragraph[]): readonly object[] {
  const [first, ...rest] = paragraphs.filter(({ kind }) => kind !== 'note');
  if (first === undefined) return [];
  const hasTitle = rest.length > 0 && first.kind === 'text' && first.text.length <= 120 && !first.text.endsWith('.');
  const steps = stepsOf(hasTitle ? rest : [first, ...rest]);
  return [{ id: 'resolve', title: hasTitle ? first.text : 'Resolve', steps }];
}

function stepsOf(paragraphs: readonly Paragraph[]): readonly { readonly text: string }[] {
  const items = paragraphs.filter(({ kind }) => kind === 'item');
  const chosen = items.length > 0 ? items : paragraphs.filter(({ kind }) => kind === 'text');
  return chosen.map(({ text }) => ({ text }));
}

/** Notes, and the sentence that leads into a list. */
function notesOf(paragraphs: readonly Paragraph[]): readonly string[] {
  return paragraphs
    .filter(({ kind, text }, index) => {
      const leads = kind === 'text' && text.endsWith(':') && paragraphs[index + 1]?.kind === 'item';
      return text !== '' && (kind === 'note' || leads);
    })
    .map(({ text }) => text);
}

function referencesOf({ sections, introduction }: Article): readonly object[] {
  const texts = [...introduction, ...sections.flatMap(({ paragraphs }) => paragraphs.map(({ text }) => text))];
  const titles = texts.flatMap((text) =>
    [...text.matchAll(/see (?:the )?(?<title>[A-Z][^.]+)\./gu)].map(({ groups }) => groups?.['title'] ?? ''),
  );
  return [...new Set(titles)].map((title) => ({ title, kind: 'related' }));
}

function gapsOf({ details, sections }: Article): readonly string[] {
  const has = (heading: string): boolean => sections.some((section) => section.heading === heading);
  return [
    'The article tells no severity; warning is a placeholder.',
    'The article tells no class of fault; unclassified is a placeholder.',
    ...(details.has('symbolic name') ? [] : ['The article tells no symbolic name.']),
    ...(has('resolve') ? [] : ['No way to resolve was found in the article.']),
    ...(has('verify') ? [] : ['No way to verify was found in the article.']),
  ];
}

function listed(key: string, items: readonly unknown[]): object {
  return items.length === 0 ? {} : { [key]: items };
}

function slugOf(source: string): string {
  const slug = source
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/gu, '-')
    .replaceAll(/^[^a-z]+|-+$/gu, '');
  return slug === '' ? 'event' : slug.slice(0, 60);
}
