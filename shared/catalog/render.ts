// Turns an entry and an event's values into what people and documents show: the remediation, the
// message, the match and its fields.
import type { EcsDocument, Match } from '../contracts/enriched-event.ts';
import type { Probe } from '../contracts/probe.ts';
import type {
  Reference,
  RelatedEvent,
  Remediation,
  RemediationCause,
  RemediationStep,
  RemediationSubject,
  UnfilledRemediation,
} from '../contracts/remediation.ts';
import type { WindowsEvent } from '../contracts/windows-event.ts';
import { insertOf } from './conditions.ts';
import { entryIdOf } from './entry-record.ts';
import { createFiller, type Filler } from './filler.ts';
import type { CatalogMatch } from './match.ts';
import { readValue } from './parameter-value.ts';
import { fillInserts } from './placeholder.ts';
import type { CatalogEntry } from './schema.ts';

type Params = CatalogMatch['params'];

/**
 * The entry's text for these values and this host. Whatever the values are, no placeholder is left
 * over; an unknown one becomes the entry's words for it.
 */
export function renderRemediation(entry: CatalogEntry, params: Params, host: string): Remediation {
  const filler = createFiller(entry, params, host);
  const { prose } = filler;
  return {
    ruleId: entry.id,
    ruleVersion: entry.version,
    title: prose(entry.title),
    summary: prose(entry.summary),
    faultClass: entry.class,
    severity: entry.severity,
    ...(entry.explanation === undefined ? {} : { explanation: prose(entry.explanation) }),
    about: subjectOf(entry),
    causes: entry.causes
      .filter((cause) => applies(entry, cause.onlyFor, params))
      .map(({ text, check, command, key, holder, onlyFor = {} }) => ({
        ...renderCause({ text, check, command }, filler),
        ...keyOf(key),
        ...(holder === undefined ? {} : { holder }),
        ...(Object.keys(onlyFor).some((name) => valueOf(entry, name, params) !== undefined)
          ? { isSpecific: true }
          : {}),
      })),
    options: entry.remediation
      .filter((option) => applies(entry, option.onlyFor, params))
      .map(({ title, when, steps }) => ({
        ...present({ title, when }, filler),
        steps: steps.map((step) => renderStep(step, filler)),
      })),
    verification: entry.verification.map((step) => renderStep(step, filler)),
    notes: entry.notes.map(prose),
    clearing: entry.clearedBy.map((evidence) => prose(evidence.text)),
    related: renderRelated(entry, params, host),
    references: referencesOf(entry),
    reviewed: entry.reviewed,
  };
}

/** Of the remediation only the other events that have to do with the fault. */
export function renderRelated(entry: CatalogEntry, params: Params, host: string): readonly RelatedEvent[] {
  const { prose } = createFiller(entry, params, host);
  return entry.related
    .filter((related) => applies(entry, related.onlyFor, params))
    .map(({ provider, eventIds, relation, withinMs, text, holder }) => ({
      provider,
      eventIds,
      relation,
      ...(withinMs === undefined ? {} : { withinMs }),
      text: prose(text),
      ...(holder === undefined ? {} : { holder }),
    }));
}

/**
 * The message text of an event that brought none, from the entry's template; undefined without a
 * template or when one insert is unknown or invalid.
 */
export function renderMessage(entry: CatalogEntry, event: WindowsEvent): string | undefined {
  if (entry.message === undefined) return undefined;
  return fillInserts(entry.message, (position) => {
    const parameter = entry.parameters.find(({ insert }) => insert === position);
    const raw = insertOf(event, position);
    return parameter === undefined || raw === undefined ? undefined : readValue(parameter.type, raw)?.toString();
  });
}

/** Where to read about an entry: its source, or the first of its references that has an address. */
export function referenceUrlOf(entry: CatalogEntry): string | undefined {
  return referencesOf(entry).find(({ url }) => url !== undefined)?.url;
}

/**
 * The match as it travels with the event. An unknown discriminator is an empty text, so that its
 * place is kept.
 */
export function toMatch({ entry, params }: Pick<CatalogMatch, 'entry' | 'params'>, host: string): Match {
  const reference = referenceUrlOf(entry);
  const probe = probeOf(entry, params);
  return {
    ruleId: entry.id,
    ruleVersion: entry.version,
    ...(reference === undefined ? {} : { reference }),
    params,
    discriminators: entry.parameters
      .filter((parameter) => parameter.discriminator)
      .map((parameter) => String(params[parameter.name] ?? '')),
    remediation: unfilled(entry, params, host),
    ...(probe === undefined ? {} : { probe }),
  };
}

function unfilled(entry: CatalogEntry, params: Params, host: string): UnfilledRemediation {
  return {
    ruleId: entry.id,
    ruleVersion: entry.version,
    title: createFiller(entry, params, host).prose(entry.title),
    faultClass: entry.class,
    severity: entry.severity,
    entry: entryIdOf(entry),
    provider: entry.provider.name,
    host,
    params,
  };
}

/** The first probe of an entry whose port the event has. */
function probeOf(entry: CatalogEntry, params: Params): Probe | undefined {
  return entry.clearedBy
    .flatMap((evidence) => {
      if (evidence.kind !== 'probe') return [];
      const port = Number(params[evidence.parameter]);
      return Number.isInteger(port) && port > 0 && port <= 65_535 ? [{ port, answers: evidence.answers }] : [];
    })
    .at(0);
}

/**
 * What a match adds to the ECS document, as nested objects to be merged into it: `rule.*`,
 * `foghorn.remediation.*` in short, `event.reference`, the entry's own fields and those of its
 * parameters, e.g. `server.port` with `foghorn.port_source`.
 * Source: https://www.elastic.co/docs/reference/ecs/ecs-rule.
 */
export function matchFields({ entry, sources }: Pick<CatalogMatch, 'entry' | 'sources'>, match: Match): EcsDocument {
  const reference = match.reference === undefined ? {} : { reference: match.reference };
  const { title, faultClass, severity } = match.remediation;
  const fields: EcsDocument = {
    rule: { id: entry.id, name: entry.name, version: String(entry.version), ruleset: 'foghorn', ...reference },
    foghorn: { remediation: { id: entry.id, version: entry.version, title, class: faultClass, severity } },
    ...(match.reference === undefined ? {} : { event: reference }),
  };
  for (const [field, value] of Object.entries(entry.fields)) setField(fields, field, value);
  for (const { ecs, ecsSource, name } of entry.parameters) {
    const value = match.params[name];
    if (value === undefined) continue;
    if (ecs !== undefined) setField(fields, ecs, value);
    if (ecsSource !== undefined && sources[name] !== undefined) setField(fields, ecsSource, sources[name]);
  }
  return fields;
}

function setField(target: EcsDocument, field: string, value: string | number | boolean): void {
  const parts = field.split('.');
  let node = target;
  for (const part of parts.slice(0, -1)) {
    const child = Object.hasOwn(node, part) ? (node[part] as EcsDocument) : {};
    node[part] = child;
    node = child;
  }
  node[parts.at(-1) ?? field] = value;
}

/** Unknown values exclude nothing. */
function applies(entry: CatalogEntry, onlyFor: CatalogEntry['causes'][number]['onlyFor'], params: Params): boolean {
  return Object.entries(onlyFor ?? {}).every(([name, allowed]) => {
    const value = valueOf(entry, name, params);
    return value === undefined || allowed.some((it) => String(it) === String(value));
  });
}

/** A parameter's value, where it has one that can be used. */
function valueOf(entry: CatalogEntry, name: string, params: Params): string | number | undefined {
  const type = entry.parameters.find((parameter) => parameter.name === name)?.type;
  return params[name] === undefined || type === undefined ? undefined : readValue(type, params[name]);
}

function renderCause(
  { text, check, command }: Pick<CatalogEntry['causes'][number], 'text' | 'check' | 'command'>,
  filler: Filler,
): Omit<RemediationCause, 'isSpecific' | 'isKey' | 'holder'> {
  const filled = command === undefined ? undefined : filler.command(command);
  const presented = present({ text, check }, filler);
  const notes = filled?.notes ?? [];
  return {
    ...presented,
    ...(notes.length === 0
      ? {}
      : presented.check === undefined
        ? { text: withNotes(presented.text, notes) }
        : { check: withNotes(presented.check, notes) }),
    ...(filled === undefined ? {} : { command: filled.text }),
  };
}

function renderStep(
  { text, where, command, privilege, risk, undo, key }: CatalogEntry['verification'][number],
  filler: Filler,
): RemediationStep {
  const filled = command === undefined ? undefined : filler.command(command);
  const back = undo === undefined ? undefined : filler.undo(undo);
  const { prose } = filler;
  return {
    text: withNotes(prose(text), [...(filled?.notes ?? []), ...(back?.notes ?? [])]),
    ...(where === undefined ? {} : { where: prose(where) }),
    ...(filled === undefined ? {} : { command: filled.text }),
    ...(privilege === undefined ? {} : { privilege: prose(privilege) }),
    ...(risk === undefined ? {} : { risk: prose(risk) }),
    ...(back === undefined ? {} : { undo: back.text }),
    ...keyOf(key),
  };
}

function keyOf(key: true | undefined): Pick<RemediationStep, 'isKey'> {
  return key === undefined ? {} : { isKey: key };
}

/** A text, and behind it what a person has to put into the command that belongs to it. */
function withNotes(text: string, notes: readonly string[]): string {
  return [text, ...new Set(notes)].join(' ');
}

type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: string } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: string;
};

/** Fills the texts that are there and leaves out the others. */
function present<T extends Readonly<Record<string, string | undefined>>>(texts: T, filler: Filler): Present<T> {
  const filled: Record<string, string> = {};
  for (const [key, text] of Object.entries(texts)) if (text !== undefined) filled[key] = filler.prose(text);
  return filled as Present<T>;
}

function subjectOf(entry: CatalogEntry): RemediationSubject {
  const { product, symbolicName } = entry;
  const { from, to } = product?.versions ?? {};
  return {
    provider: entry.provider.name,
    eventIds: entry.eventIds,
    ...(symbolicName === undefined ? {} : { symbolicName }),
    ...(product === undefined ? {} : { product: product.name, appliesTo: product.appliesTo }),
    ...(from === undefined ? {} : { productVersions: to === undefined || to === from ? from : `${from} to ${to}` }),
    ...(product?.role === undefined ? {} : { role: product.role }),
    ...(product?.aspect === undefined ? {} : { aspect: product.aspect }),
  };
}

function referencesOf(entry: CatalogEntry): readonly Reference[] {
  return [entry.source, ...entry.references].map(({ title, url }) => (url === undefined ? { title } : { title, url }));
}
