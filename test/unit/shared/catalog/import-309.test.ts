// The vendor's own article on event 309, where it is at hand: what the import reads of it is, fact
// by fact, what the hand-made entry says.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { importArticles } from '../../../../shared/catalog/import.ts';
import type { CatalogEntry } from '../../../../shared/catalog/schema.ts';
import { loadCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { dataFolder } from '../../../support/data-folder.ts';
import { skipWithout } from '../../../support/needs.ts';

const folder = dataFolder();
const file = folder === undefined ? '' : join(folder, '..', 'reference', 'event-309.txt');
const skip = skipWithout('real-events', existsSync(file) ? undefined : 'the vendor’s article is not at hand');

/** What each of the article's seven steps of verification has to name, in either's words. */
const STEPS: readonly (readonly RegExp[])[] = [
  [/Desktop Experience/u],
  [/Start/u, /Administrative Tools/u, /Windows Media Services/u],
  [/console tree/u, /publishing point/u],
  [/details pane/u, /Announce tab/u, /unicast stream/u, /URL/u],
  [/Windows Media Player/u, /URL/u],
  [/Start/u, /Stop/u, /Pause/u, /Seek/u, /[Bb]roadcast/u, /[Oo]n-demand/u],
  [/MMS/u, /RTSP/u, /HTTP/u, /WMS HTTP Server Control Protocol/u],
];

async function bothOf309(): Promise<{ readonly draft: CatalogEntry; readonly made: CatalogEntry }> {
  const made = (await loadCatalogFolders([])).entries.find(({ id }) => id === 'wmserver-309-port-in-use');
  const [result] = importArticles(readFileSync(file, 'utf8'), { today: '2026-01-01' });
  assert.ok(made !== undefined && result?.kind === 'draft');
  assert.deepEqual(result.draft.unread, []);
  return { draft: parse(result.draft.yaml) as CatalogEntry, made };
}

test('the draft of the vendor’s article names what the entry names', { skip }, async () => {
  const { draft, made } = await bothOf309();
  const factsOf = ({ provider, eventIds, product, symbolicName, message, parameters }: CatalogEntry): unknown => ({
    provider: provider.name,
    eventIds,
    product: { ...product, versions: product?.versions?.from },
    symbolicName,
    message,
    parameters: parameters.map(({ name, type, insert, discriminator, ecs }) => [
      name,
      type,
      insert,
      discriminator,
      ecs,
    ]),
  });
  assert.deepEqual(factsOf(draft), factsOf(made));
  const articles = made.references.filter(({ kind }) => kind === 'article').map(({ title }) => title);
  assert.deepEqual(draft.references.map(({ title }) => title).toSorted(), articles.toSorted());
});

test('the draft of the vendor’s article states what the entry states, step by step', { skip }, async () => {
  const { draft, made } = await bothOf309();
  assert.match(draft.explanation ?? '', /RTSP[\s\S]*HTTP[\s\S]*UDP[\s\S]*TCP[\s\S]*error correction/u);
  const resolve = draft.remediation.flatMap(({ steps }) => steps.map(({ text }) => text)).join(' ');
  assert.match(resolve, /different port[\s\S]*IP\) addresses[\s\S]*port 80/u);
  assert.equal(draft.verification.length, STEPS.length);
  for (const [place, facts] of STEPS.entries())
    for (const fact of facts)
      for (const entry of [draft, made]) assert.match(entry.verification[place]?.text ?? '', fact, `step ${place + 1}`);
  for (const entry of [draft, made]) assert.ok(entry.notes.some((note) => /firewall/iu.test(note)));
});
