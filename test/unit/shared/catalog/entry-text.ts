// Catalogue files for tests: the shipped entry, and a small sound entry that tests change to see
// what is refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseCatalog, type CatalogError } from '../../../../shared/catalog/load.ts';
import type { Catalog } from '../../../../shared/catalog/schema.ts';
import type { WindowsEvent } from '../../../../shared/contracts/windows-event.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';

/**
 * The YAML of a sound entry with a port and a path; `changes` replaces whole top-level fields, line
 * by line, or adds them.
 */
export function entryText(changes: Readonly<Record<string, string>> = {}): string {
  const fields: Record<string, string> = {
    id: 'sample-entry',
    version: '1',
    name: 'Sample',
    provider: '{ name: Sample }',
    eventIds: '[7]',
    message: "'%1 cannot open %2'",
    parameters: `
  - { name: port, type: port, meaning: a port, insert: 1, discriminator: true, prose: { known: "port {value}", unknown: an unknown port } }
  - { name: file, type: path, meaning: a file, insert: 2, prose: { unknown: an unknown file } }`,
    class: 'sample-class',
    severity: 'warning',
    title: "'Sample: {port} on {host}'",
    summary: "'It is {file|the file} and {port}.'",
    remediation: `
  - id: only
    title: Do it
    steps: [{ text: "Look at {file}.", command: 'type "{file}" & netstat {port}' }]`,
    source: '{ title: Sample article, publisher: Nobody }',
    reviewed: '"2026-01-31"',
    ...changes,
  };
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

/** The catalogue of these texts; fails with the faults when there are any. */
export function catalogOf(...texts: readonly string[]): Catalog {
  const result = parseCatalog(texts.map((text, index) => ({ name: `${index}.yaml`, text })));
  assert.equal(result.kind, 'catalog', JSON.stringify(result));
  return result.kind === 'catalog' ? result.catalog : { entries: [] };
}

/** The faults of these texts; fails when there is none. */
export function errorsOf(...texts: readonly string[]): readonly CatalogError[] {
  const result = parseCatalog(texts.map((text, index) => ({ name: `${index}.yaml`, text })));
  assert.equal(result.kind, 'errors');
  return result.kind === 'errors' ? result.errors : [];
}

/**
 * The text of the shipped entry for event 309, to be loaded without the entries that it is related
 * to.
 */
export function shipped309(): string {
  const text = readFileSync(packagePath('shared', 'catalog', 'entries', 'wmserver-309.yaml'), 'utf8');
  return text.replaceAll(/^ {2}- entry: .*\n {4}/gmu, '  - ');
}

/** An event 309 of WMServer with these differences. */
export function event309(differences: Partial<WindowsEvent> = {}): WindowsEvent {
  return { form: 'event-xml', providerName: 'WMServer', eventId: 309, ...differences };
}
