// Problems of the notifier's settings that the schema cannot see: asked at the start, at a reload
// and by `foghorn config check`.
import type { KnownLabels } from '../../shared/matchers/label-check.ts';
import type { RawConfig } from '../../shared/runtime/config.ts';
import type { ConfigProblem } from '../../shared/runtime/config-issue.ts';
import { ownValue } from '../../shared/runtime/schema-tree.ts';
import type { NotifierConfig } from './config.ts';
import { type CatalogLabels, catalogLabels } from './policy/known-labels.ts';
import { lintRouting, withOwnLabels } from './policy/lint.ts';

/**
 * Problems of routes, inhibition, labels, receivers and time intervals, by the settings as they are
 * written.
 */
export function checkNotifier(raw: RawConfig): readonly ConfigProblem[] {
  const section = raw.input['notifier'];
  return section === undefined ? [] : lintRouting(section, labelsOfFile(raw));
}

/**
 * The labels that incidents can have by the catalogue that the file names for the enricher and the
 * notifier.
 */
export function labelsOfFile({ input, file, env }: RawConfig): CatalogLabels {
  const ofEnricher = env['FOGHORN_ENRICHER_CATALOG_FOLDERS'];
  return catalogLabels([
    ...textsIn(ownValue(input['notifier'], 'catalogFolders')),
    ...(ofEnricher === undefined || ofEnricher === ''
      ? textsIn(ownValue(file['enricher'], 'catalogFolders'))
      : ofEnricher.split(',').map((folder) => folder.trim())),
  ]);
}

/** The labels that incidents can have, as far as the notifier's own settings define them. */
export function labelsOfSettings(settings: Pick<NotifierConfig['notifier'], 'catalogFolders' | 'labels'>): KnownLabels {
  return withOwnLabels(settings, catalogLabels(settings.catalogFolders).known);
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
