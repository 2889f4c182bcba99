// Problems of the notifier's settings that the schema cannot see: asked at the start, at a reload
// and by `foghorn config check`.
import { consoleAddressSettings, consoleUrlOf } from '../../shared/http/console-address.ts';
import { isLoopback } from '../../shared/http/cross-site.ts';
import type { KnownLabels } from '../../shared/matchers/label-check.ts';
import type { RawConfig } from '../../shared/runtime/config.ts';
import type { ConfigProblem } from '../../shared/runtime/config-issue.ts';
import { ownValue } from '../../shared/runtime/schema-tree.ts';
import { getPath } from '../../shared/runtime/settings.ts';
import type { NotifierConfig } from './config.ts';
import { type CatalogLabels, catalogLabels } from './policy/known-labels.ts';
import { lintRouting, withOwnLabels } from './policy/lint.ts';

/**
 * Problems of routes, inhibition, labels, receivers and time intervals, by the settings as they are
 * written.
 */
export function checkNotifier(raw: RawConfig): readonly ConfigProblem[] {
  const section = raw.input['notifier'];
  const routing = section === undefined ? [] : lintRouting(section, labelsOfFile(raw));
  return [...routing, ...linkProblems(raw)];
}

/** Links that nobody but this machine can open, in messages that leave it. */
function linkProblems({ input }: RawConfig): readonly ConfigProblem[] {
  const receivers = getPath(input, ['notifier', 'receivers']);
  const leaves = Array.isArray(receivers) && receivers.some((each) => ownValue(each, 'kind') !== 'local');
  const console = consoleAddressSettings.safeParse(input['console'] ?? {});
  if (!leaves || !console.success) return [];
  const { hostname } = new URL(consoleUrlOf(console.data));
  if (!isLoopback(hostname.replaceAll(/[[\]]/gu, ''))) return [];
  const text =
    'console.url: messages link to the console by this address, which only this machine reaches. Set it to the address that people use.';
  return [{ path: ['console', 'url'], at: 'value', text, isWarning: true }];
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
