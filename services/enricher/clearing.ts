// Evidence that a fault is gone: events by which the catalogue clears its entries. Pure.
import { createTest, type EventTest } from '../../shared/catalog/conditions.ts';
import { providerKeysOf } from '../../shared/catalog/precedence.ts';
import { type CatalogEntry, type Catalog, providerKey } from '../../shared/catalog/schema.ts';
import type { Arrival } from '../../shared/contracts/enriched-event.ts';
import { incidentIdOf } from '../../shared/contracts/ids.ts';
import type { Clearing } from '../../shared/contracts/incident.ts';
import type { WindowsEvent } from '../../shared/contracts/windows-event.ts';

/** The evidence of an event. `facts` is called only for an event that proves something. */
export type FindClearings = (event: WindowsEvent, facts: () => ClearingFacts) => readonly Clearing[];

/** Facts about the event besides itself. `params` are those of its own entry. */
export interface ClearingFacts {
  readonly id: string;
  readonly host: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly atMs: number;
  /** How the event came. */
  readonly arrival: Arrival;
}

type Evidence = Extract<CatalogEntry['clearedBy'][number], { readonly kind: 'event' }>;

interface Rule {
  readonly entry: CatalogEntry;
  readonly evidence: Evidence;
  readonly isMet: EventTest;
}

/** Prepares a catalogue. An event that clears nothing costs one look-up. */
export function createFindClearings(catalog: Catalog): FindClearings {
  const rules = new Map<number, Map<string, Rule[]>>();
  const namesOf = providerNames(catalog);
  for (const { eventId, provider, rule } of catalog.entries.flatMap((entry) => rulesOf(entry, namesOf))) {
    const byProvider = rules.get(eventId) ?? new Map<string, Rule[]>();
    rules.set(eventId, byProvider);
    byProvider.set(provider, [...(byProvider.get(provider) ?? []), rule]);
  }
  return (event, factsOf) => {
    const found = rules.get(event.eventId)?.get(providerKey(event.providerName));
    if (found === undefined) return NONE;
    const clearings = new Map<string, Clearing>();
    for (const rule of found) {
      const clearing = rule.isMet(event) ? clearingOf(rule, event, factsOf()) : undefined;
      if (clearing !== undefined && !clearings.has(rule.entry.id)) clearings.set(rule.entry.id, clearing);
    }
    return [...clearings.values()];
  };
}

const NONE: readonly Clearing[] = [];

interface PlacedRule {
  readonly eventId: number;
  readonly provider: string;
  readonly rule: Rule;
}

type NamesOf = (provider: string) => readonly string[];

/** The names of a provider, as compared: all that the entries of the catalogue have for it. */
function providerNames({ entries }: Catalog): NamesOf {
  const all = entries.map(providerKeysOf);
  return (provider) => {
    const key = providerKey(provider);
    return [...new Set([key, ...all.filter((keys) => keys.has(key)).flatMap((keys) => [...keys])])];
  };
}

function rulesOf(entry: CatalogEntry, namesOf: NamesOf): readonly PlacedRule[] {
  return entry.clearedBy.flatMap((evidence) => {
    if (evidence.kind !== 'event') return [];
    const rule = { entry, evidence, isMet: createTest(evidence.when) };
    const names = namesOf(evidence.provider);
    return evidence.eventIds.flatMap((eventId) => names.map((provider) => ({ eventId, provider, rule })));
  });
}

/** Undefined when the event lacks a parameter that has to be the same: it proves nothing then. */
function clearingOf({ entry, evidence }: Rule, event: WindowsEvent, facts: ClearingFacts): Clearing | undefined {
  const params: Record<string, string | number> = {};
  for (const name of evidence.sameParameters) {
    const value = facts.params[name];
    if (value === undefined) return undefined;
    params[name] = value;
  }
  const incidentId = oneIncident(entry, params, facts.host);
  const { clock: hostClock, ...arrival } = facts.arrival;
  return {
    kind: 'clearing',
    ...(incidentId === undefined ? {} : { incidentId }),
    ruleId: entry.id,
    host: facts.host,
    params,
    eventId: facts.id,
    atMs: facts.atMs,
    ...arrival,
    ...(hostClock === undefined ? {} : { hostClock }),
    ...(event.channel === undefined ? {} : { channel: event.channel }),
    ...(event.recordId === undefined ? {} : { recordId: event.recordId }),
    evidence: `${event.providerName} event ${event.eventId} of ${facts.host}`,
    ...(evidence.quietForMs === undefined ? {} : { quietForMs: evidence.quietForMs }),
  };
}

/**
 * The only incident that can be meant, when the parameters are exactly the discriminators of the
 * entry.
 */
function oneIncident(entry: CatalogEntry, params: Clearing['params'], host: string): string | undefined {
  const discriminators = entry.parameters.filter((parameter) => parameter.discriminator).map(({ name }) => name);
  const [eventId, ...others] = entry.eventIds;
  const isExact =
    discriminators.length === Object.keys(params).length && discriminators.every((name) => Object.hasOwn(params, name));
  if (eventId === undefined || others.length > 0 || !isExact) return undefined;
  const identity = { ruleId: entry.id, host, provider: entry.provider.name, eventId };
  return incidentIdOf({ ...identity, discriminators: discriminators.map((name) => String(params[name])) });
}
