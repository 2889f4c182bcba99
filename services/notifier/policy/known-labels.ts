// The labels that incidents can have, by the catalogue and the configuration, to find mistyped
// ones.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CatalogFile, parseCatalog } from '../../../shared/catalog/load.ts';
import type { CatalogEntry } from '../../../shared/catalog/schema.ts';
import { SEVERITIES } from '../../../shared/contracts/remediation.ts';
import type { KnownLabels } from '../../../shared/matchers/label-check.ts';
import { packagePath } from '../../../shared/runtime/package-root.ts';
import { LIMIT_CLASS, LIMIT_PARAMETERS, LIMIT_RULE } from './limit-rule.ts';
import { RECEIVER_FAILING_RULE } from './receiver-failing.ts';

/** Labels, and whether the catalogue they come from was read as a whole. */
export interface CatalogLabels {
  readonly known: KnownLabels;
  readonly isComplete: boolean;
}

const NAMES = [
  'alertname',
  'rule',
  'class',
  'severity',
  'host',
  'provider',
  'event_id',
  'channel',
  'address',
  'incident_id',
];
/** Labels of the incidents that Foghorn makes about itself. */
const OWN = {
  rules: [RECEIVER_FAILING_RULE, LIMIT_RULE],
  classes: ['receiver-failing', LIMIT_CLASS],
  provider: 'Foghorn',
  parameters: ['receiver', ...Object.values(LIMIT_PARAMETERS)],
};

/**
 * The labels of the built-in entries and of those in `folders`; a folder or file that cannot be
 * read or has problems makes it incomplete.
 */
export function catalogLabels(folders: readonly string[]): CatalogLabels {
  const own = [...new Set(folders.map((folder) => resolve(folder)))];
  const read = [packagePath('shared', 'catalog', 'entries'), ...own].map(filesIn);
  // All folders together, as the enricher reads them: an entry may refer to one of another folder.
  const all = entriesOf(read.flatMap((files) => files ?? []));
  const entries = all ?? read.flatMap((files) => entriesOf(files ?? []) ?? []);
  return { known: labelsOfEntries(entries), isComplete: all !== undefined && !read.includes(undefined) };
}

function labelsOfEntries(entries: readonly CatalogEntry[]): KnownLabels {
  const rules = [...entries.map(({ id }) => id), ...OWN.rules];
  const values = {
    rule: rules,
    alertname: rules,
    class: [...entries.map((entry) => entry.class), ...OWN.classes],
    severity: SEVERITIES,
    provider: [...entries.flatMap(({ provider: { name, aliases } }) => [name, ...aliases]), OWN.provider],
    // An entry without event ids goes by its message, whatever the id.
    ...(entries.some(({ eventIds }) => eventIds.length === 0)
      ? {}
      : { event_id: [...entries.flatMap(({ eventIds }) => eventIds.map(String)), '0'] }),
  };
  const parameters = entries.flatMap((entry) => entry.parameters.map(({ name }) => name));
  return {
    names: new Set([...NAMES, ...parameters, ...OWN.parameters]),
    values: new Map(Object.entries(values).map(([name, list]) => [name, [...new Set(list)]])),
  };
}

/** Undefined for a folder that cannot be read. */
function filesIn(folder: string): readonly CatalogFile[] | undefined {
  try {
    const names = readdirSync(folder).filter((name) => /\.ya?ml$/u.test(name));
    return names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  } catch {
    // The problem is reported by the enricher and by the check of its settings.
    return undefined;
  }
}

/** Undefined for entries that have problems. */
function entriesOf(files: readonly CatalogFile[]): readonly CatalogEntry[] | undefined {
  const read = parseCatalog(files);
  return read.kind === 'catalog' ? read.catalog.entries : undefined;
}
