// Real events on the product's own way: read, enriched, as the documents that the indexer would
// write.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunksOf, HEADER_BYTES } from '../../services/cli/evtx/chunks.ts';
import { createEvtxReader } from '../../services/cli/evtx/reader.ts';
import { loadCatalogFolders } from '../../shared/runtime/catalog-files.ts';
import { createEnrich } from '../../services/enricher/enrich.ts';
import { eventsTopic } from '../../shared/contracts/enriched-event.ts';
import { realWinlogbeatDocuments } from '../support/data-folder.ts';

/** When all were received, epoch milliseconds. */
const AT_MS = Date.UTC(2026, 10, 1);

/** The documents as JSON texts, each event once. */
export async function realDocuments(folder: string): Promise<readonly string[]> {
  const work = mkdtempSync(join(tmpdir(), 'foghorn-search-'));
  try {
    execFileSync('tar', ['-xzf', join(folder, 'sigma-regression.tar.gz'), '-C', work]);
    for (const name of readdirSync(join(folder, 'otrf-json'))) unpack(join(folder, 'otrf-json', name), work);
    return await enriched(textsOf([folder, work]), realWinlogbeatDocuments(folder));
  } finally {
    rmSync(work, { recursive: true });
  }
}

function unpack(archive: string, target: string): void {
  if (archive.endsWith('.zip')) execFileSync('unzip', ['-qo', archive, '-d', target]);
  // One archive is cut off at its source; what is whole of it counts.
  else spawnSync('tar', ['-xzf', archive, '-C', target]);
}

/** Of the log files event XML; of archives of NDJSON their lines. */
async function* textsOf(folders: readonly string[]): AsyncGenerator<string> {
  for (const folder of folders)
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (name.includes('winlogbeat-golden')) continue;
      if (name.endsWith('.evtx')) yield* eventsOf(join(folder, name));
      // Beside a log file the same events stand once more, in a form of the rules' authors.
      else if (name.endsWith('.json') && !name.includes('regression_data') && folder !== folders[0])
        yield* readFileSync(join(folder, name), 'utf8')
          .split('\n')
          .filter((line) => line.trim() !== '');
    }
}

async function* eventsOf(path: string): AsyncGenerator<string> {
  const reader = await createEvtxReader();
  const file = await open(path);
  try {
    for await (const { bytes } of chunksOf(file, HEADER_BYTES)) {
      const { records } = bytes === undefined ? { records: [] } : await reader.read(bytes);
      for (const { xml } of records) yield xml;
    }
  } finally {
    await file.close();
  }
}

async function enriched(texts: AsyncIterable<string>, others: readonly string[]): Promise<readonly string[]> {
  const enrich = createEnrich({
    catalog: await loadCatalogFolders([]),
    now: () => AT_MS,
    keepOriginal: false,
    maxDocumentBytes: 1_000_000,
  });
  const documents = new Map<string, string>();
  const take = (text: string): void => {
    const verdict = enrich({
      bytes: Buffer.from(text),
      encoding: 'utf-8',
      format: text.startsWith('<') ? 'xml' : 'json',
      input: 'search',
      sender: '127.0.0.1',
      receivedAtMs: AT_MS,
    });
    const record = verdict.kind === 'emit' ? verdict.records.find(({ topic }) => topic === eventsTopic.key) : undefined;
    if (record !== undefined) documents.set(record.headers?.['id'] ?? '', String(record.value));
  };
  for await (const text of texts) take(text);
  for (const text of others) take(text);
  return [...documents.values()];
}
