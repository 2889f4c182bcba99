// The generated parts of the documentation and their files.
import { packagePath } from '../../shared/runtime/package-root.ts';
import { catalogMarkdown } from '../../services/cli/catalog/page.ts';
import { apiPage, openApiText } from '../../services/console/api/documentation.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { dashboardText } from '../dashboards/grafana/dashboard.ts';
import { metricsTables } from './metrics.ts';
import { sendersTable } from './senders.ts';
import { envExample, settingsTable } from './settings.ts';

/**
 * A generated file or part of one: `make` turns the text that is there into the text that should be
 * there.
 */
export interface GeneratedFile {
  readonly path: string;
  make(present: string): string;
}

const { entries } = await loadCatalogFolders([]);

/** Everything that is generated. */
export const GENERATED_FILES: readonly GeneratedFile[] = [
  { path: packagePath('.env.example'), make: () => envExample() },
  { path: packagePath('docs', 'catalog.md'), make: () => catalogMarkdown(entries) },
  { path: packagePath('docs', 'api.md'), make: () => apiPage() },
  { path: packagePath('docs', 'openapi.json'), make: () => openApiText() },
  { path: packagePath('deploy', 'dashboards', 'grafana', 'foghorn.json'), make: () => dashboardText() },
  { path: packagePath('docs', 'metrics.md'), make: (present) => between(present, 'metrics', metricsTables()) },
  { path: packagePath('docs', 'configuration.md'), make: (present) => between(present, 'settings', settingsTable()) },
  {
    path: packagePath('docs', 'sending-events.md'),
    make: (present) => between(present, 'senders', sendersTable()),
  },
];

/**
 * Replaces the text between `<!-- name:start -->` and `<!-- name:end -->`. Throws when the marks
 * are missing.
 */
export function between(present: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = present.indexOf(start);
  const to = present.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`The marks ${start} and ${end} are missing: put them where the generated part belongs.`);
  return `${present.slice(0, from + start.length)}\n${text}\n${present.slice(to)}`;
}
