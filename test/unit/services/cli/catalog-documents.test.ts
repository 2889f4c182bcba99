// The lookup index says of an event what the event's own document says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogDocuments } from '../../../../services/cli/setup/catalog-documents.ts';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { matchFields, toMatch } from '../../../../shared/catalog/render.ts';

interface Document {
  readonly event: { readonly provider: string; readonly code: string; readonly reference?: string };
  readonly rule: { readonly id: string; readonly reference?: string };
}

test('each name and id of an entry has a document, with the reference that its events have', async () => {
  const { entries } = await loadCatalogFolders([]);
  const documents = (await catalogDocuments([])).map(({ document }) => document as Document);
  for (const entry of entries)
    for (const provider of [entry.provider.name, ...entry.provider.aliases])
      for (const eventId of entry.eventIds) {
        const found = documents.find(({ event }) => event.provider === provider && event.code === String(eventId));
        assert.ok(found, `${entry.id} by ${provider} ${eventId}`);
        assert.ok(!('winlog' in found), 'a join would replace what the events say');
        const fields = matchFields(
          { entry, sources: {} },
          toMatch({ entry, params: {} }, 'media01'),
        ) as unknown as Pick<Document, 'rule'> & Partial<Document>;
        assert.equal(found.event.reference, fields.event?.reference, entry.id);
        assert.equal(found.rule.reference, fields.rule.reference, entry.id);
      }
  const reference = (code: string) => documents.find(({ event }) => event.code === code)?.event.reference;
  assert.match(reference('309') ?? '', /cc727478/u);
  assert.match(reference('9692') ?? '', /9692/u);
});
