// Holds what became of a case's events to what is expected of them.
import { isDeepStrictEqual } from 'node:util';
import type { Expectation, ExpectedEvent } from './read-cases.ts';

/** A document as it was found, with its id and whether there is an alert of it. */
export interface FoundDocument {
  readonly kind: 'document';
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly isAlerted: boolean;
}

/** What became of an event: a document, or a dead letter or refusal with its reason. */
export type Outcome =
  | FoundDocument
  | { readonly kind: 'dead letter'; readonly reason: string; readonly detail: string };

/**
 * What is wrong with the outcomes, a line each; empty when all is as expected. The order counts
 * only among those that fit none.
 */
export function deviationsOf({ events, documents }: Expectation, outcomes: readonly Outcome[]): readonly string[] {
  const left = [...outcomes];
  const unmet = events.filter((expected) => {
    const at = left.findIndex((outcome) => differences(expected, outcome).length === 0);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  const faults = unmet.flatMap((expected) => {
    const outcome = left.shift();
    return outcome === undefined ? [`missing: ${expectedInShort(expected)}`] : differences(expected, outcome);
  });
  faults.push(...left.map((outcome) => `not expected: ${outcomeInShort(outcome)}`));
  const ids = new Set(outcomes.flatMap((outcome) => (outcome.kind === 'document' ? [outcome.id] : [])));
  if (documents !== undefined && ids.size !== documents) faults.push(`${ids.size} documents, not ${documents}`);
  return faults;
}

function differences(expected: ExpectedEvent, outcome: Outcome): string[] {
  if ('deadLetter' in expected)
    return outcome.kind === 'dead letter' && outcome.reason === expected.deadLetter
      ? []
      : [`${outcomeInShort(outcome)}, not ${expectedInShort(expected)}`];
  if (outcome.kind !== 'document') return [`${outcomeInShort(outcome)}, not ${expectedInShort(expected)}`];
  const wrong = Object.entries(expected.document).flatMap(([path, value]) => {
    const found = at(outcome.document, path);
    return isDeepStrictEqual(found, value) ? [] : [`${path}: ${JSON.stringify(found)}, not ${JSON.stringify(value)}`];
  });
  if (outcome.isAlerted !== expected.alert) wrong.push(expected.alert ? 'there is no alert' : 'there is an alert');
  return wrong;
}

/** The value at a path, null where there is none. */
function at(document: Readonly<Record<string, unknown>>, path: string): unknown {
  let place: unknown = document;
  for (const name of path.split('.'))
    place = typeof place === 'object' && place !== null ? (place as Record<string, unknown>)[name] : undefined;
  return place ?? null;
}

/** One line for a table. */
export function expectedInShort(expected: ExpectedEvent): string {
  if ('deadLetter' in expected) return `dead letter ${expected.deadLetter}`;
  return documentInShort(expected.document, (path) => expected.document[path], expected.alert);
}

/** See `expectedInShort`. */
export function outcomeInShort(outcome: Outcome): string {
  if (outcome.kind === 'dead letter') return `dead letter ${outcome.reason}`;
  return documentInShort(outcome.document, (path) => at(outcome.document, path), outcome.isAlerted);
}

function documentInShort(whole: object, of: (path: string) => unknown, isAlerted: boolean): string {
  const [id, port, tags] = ['winlog.event_id', 'server.port', 'tags'].map(of);
  const parts = [
    id === undefined
      ? `document (${Object.keys(whole).length} values)`
      : `event ${JSON.stringify(id).replaceAll('"', '')}`,
    ...(typeof port === 'number' ? [`port ${port}`] : []),
    ...(isAlerted ? ['alert'] : []),
    ...(Array.isArray(tags) ? tags.map((tag) => String(tag).replace('foghorn_', '')) : []),
  ];
  return parts.join(' ');
}
