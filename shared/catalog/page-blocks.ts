// The catalogue's entries as blocks of a page, each in the order a person works; for the Markdown
// page, the HTML file and the console.
import { renderRemediation } from './render.ts';
import type { CatalogEntry } from './schema.ts';
import type { Remediation, RemediationStep } from '../contracts/remediation.ts';

/** A line of text, with the address it links to, if any. */
export interface Words {
  readonly text: string;
  readonly url?: string;
}

/** One item of a list: its text, its sub-items, and a command to type. */
export interface Point extends Words {
  readonly below: readonly string[];
  readonly command?: string;
}

/** A part of an entry's page. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly points: readonly Point[] };

/** An entry as a page shows it. */
export interface EntryPage {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  /** The event ids as text; empty where the message decides. */
  readonly events: string;
  readonly kind: CatalogEntry['kind'];
  /** Of a fault. */
  readonly severity?: CatalogEntry['severity'];
  readonly blocks: readonly Block[];
}

/** The entries, by provider and event id. */
export function entryPages(entries: readonly CatalogEntry[]): readonly EntryPage[] {
  return entries
    .toSorted((one, other) => sortKey(one).localeCompare(sortKey(other), 'en'))
    .map((entry) => ({
      id: entry.id,
      name: entry.name,
      provider: entry.provider.name,
      events: entry.eventIds.join(', '),
      kind: entry.kind,
      ...(entry.kind === 'fault' ? { severity: entry.severity } : {}),
      blocks: entryBlocks(entry),
    }));
}

function sortKey({ provider, eventIds }: CatalogEntry): string {
  return `${provider.name} ${String(eventIds[0] ?? 99_999).padStart(5, '0')}`;
}

/** What stands above the entries. */
export function introduction(count: number): string {
  return `${count} entries: the events that Foghorn recognises, what they mean, and how they are repaired. What stands in an event is filled in there; here it is in words.`;
}

function entryBlocks(entry: CatalogEntry): readonly Block[] {
  const remediation = renderRemediation(entry, {}, 'the host');
  const { causes, options, verification } = remediation;
  return [
    { kind: 'text', text: remediation.summary },
    ...(remediation.explanation === undefined ? [] : [{ kind: 'text', text: remediation.explanation } as const]),
    list('About', aboutPoints(entry, remediation)),
    list(
      'Causes',
      causes.map(({ text, check, command }) => point(text, [check], command)),
    ),
    ...options.flatMap(({ title, when, steps }): readonly (Block | undefined)[] => [
      { kind: 'heading', text: `Repair: ${title}` },
      when === undefined ? undefined : { kind: 'text', text: when },
      { kind: 'list', isOrdered: true, points: steps.map(stepPoint) },
    ]),
    list('Verification', verification.map(stepPoint), true),
    list(
      'Cleared by',
      (remediation.clearing ?? []).map((text) => point(text)),
    ),
    list(
      'Notes',
      remediation.notes.map((text) => point(text)),
    ),
    list('Related', relatedPoints(remediation)),
    list(
      'References',
      remediation.references.map(({ title, url }) => point(title, [], undefined, url)),
    ),
    list(
      'Not known',
      entry.gaps.map((text) => point(text)),
    ),
  ].flatMap((block) =>
    block === undefined ? [] : Array.isArray(block) ? (block as readonly Block[]) : [block as Block],
  );
}

function aboutPoints(entry: CatalogEntry, { about }: Remediation): readonly Point[] {
  const { provider, eventIds, symbolicName, product, message, source, reviewed, id, version } = entry;
  const aliases = provider.aliases.length === 0 ? '' : ` (also ${provider.aliases.join(', ')})`;
  const range = about?.productVersions === undefined ? '' : ` ${about.productVersions}`;
  return [
    point(`Entry ${id}, version ${version}, reviewed ${reviewed}`),
    point(
      `Provider ${provider.name}${aliases}, event ${eventIds.length === 0 ? 'by its message' : eventIds.join(', ')}`,
    ),
    ...(symbolicName === undefined ? [] : [point(`Symbolic name ${symbolicName}`)]),
    ...(product === undefined ? [] : [point(`Product ${product.name}${range}`, product.appliesTo)]),
    ...(message === undefined ? [] : [point(`Message: ${message}`)]),
    point(`Source: ${source.title}, ${source.publisher}`, [], undefined, source.url),
  ];
}

function relatedPoints({ related = [] }: Remediation): readonly Point[] {
  return related.map(({ provider, eventIds, relation, text }) =>
    point(`${provider} ${eventIds.join(', ')} (${relation.replaceAll('-', ' ')}): ${text}`),
  );
}

function stepPoint({ text, where, command, privilege, risk, undo }: RemediationStep): Point {
  const say = (what: string, value: string | undefined): string | undefined =>
    value === undefined ? undefined : `${what}: ${value}`;
  return point(text, [say('Where', where), say('As', privilege), say('Risk', risk), say('Undo', undo)], command);
}

function point(text: string, below: readonly (string | undefined)[] = [], command?: string, url?: string): Point {
  return {
    text,
    below: below.filter((line) => line !== undefined),
    ...(command === undefined ? {} : { command }),
    ...(url === undefined ? {} : { url }),
  };
}

/** A list with a heading; nothing for an empty list. */
function list(title: string, points: readonly Point[], isOrdered = false): readonly Block[] {
  if (points.length === 0) return [];
  return [
    { kind: 'heading', text: title },
    { kind: 'list', isOrdered, points },
  ];
}
