// The catalogue as documents of the lookup index: one for each name of a provider and each of its
// event ids, flat, as joins need them.
import { referenceUrlOf, renderRemediation } from '../../../shared/catalog/render.ts';
import type { CatalogEntry } from '../../../shared/catalog/schema.ts';
import { digestId } from '../../../shared/contracts/ids.ts';
import { loadCatalogFolders } from '../../../shared/runtime/catalog-files.ts';
import type { CatalogDocument } from '../../indexer/setup/catalog-index.ts';

/**
 * The built-in entries and those of `folders`. Throws ConfigError for entries that have problems.
 */
export async function catalogDocuments(folders: readonly string[]): Promise<readonly CatalogDocument[]> {
  return (await loadCatalogFolders(folders)).entries.flatMap(documentsOf);
}

function documentsOf(entry: CatalogEntry): readonly CatalogDocument[] {
  const { title, summary, explanation, causes, options, verification } = renderRemediation(entry, {}, 'the host');
  const { id, version, kind, severity, name } = entry;
  const reference = referenceUrlOf(entry);
  const remediation = {
    id,
    version: String(version),
    class: entry.class,
    severity,
    kind,
    title,
    summary,
    explanation,
    causes: causes.map(({ text }) => text),
    steps: options.flatMap(({ steps }) => steps.map(({ text }) => text)),
    verification: verification.map(({ text }) => text),
  };
  return [entry.provider.name, ...entry.provider.aliases].flatMap((provider) =>
    entry.eventIds.map((eventId) => ({
      id: digestId([id, provider, String(eventId)]),
      document: {
        event: { provider, code: String(eventId), reference },
        rule: { id, name, version: String(version), ruleset: 'foghorn', reference },
        foghorn: { remediation },
      },
    })),
  );
}
