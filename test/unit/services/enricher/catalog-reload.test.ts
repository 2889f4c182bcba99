// Runbooks changed under a running enricher: taken over whole and settled, refused with file, line
// and reason, never half.
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Catalog } from '../../../../shared/catalog/schema.ts';
import { loadCatalog, reloadCatalog } from '../../../../services/enricher/catalog-reload.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { until } from '../../../support/until.ts';

const EVERY_MS = 20;
const MODEL = readFileSync(packagePath('shared', 'catalog', 'entries', 'wmserver-309.yaml'), 'utf8');

/** A runbook of the operator's own, for a provider that the built-in catalogue does not know. */
function runbook(id: string): string {
  return MODEL.replace(/^id: .*$/mu, `id: ${id}`)
    .replace(/^eventIds: .*$/mu, 'eventIds: [4000]')
    .replace(/name: WMServer$/mu, 'name: Example-Backup');
}

interface Watched {
  readonly folder: string;
  readonly catalogs: readonly Catalog[];
  readonly problems: readonly string[];
  hasEntry(id: string): boolean;
}

async function watch(t: TestContext): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-runbooks-'));
  const ending = new AbortController();
  const catalogs: Catalog[] = [];
  const problems: string[] = [];
  const running = reloadCatalog(await loadCatalog([folder]), {
    folders: [folder],
    everyMs: EVERY_MS,
    signal: ending.signal,
    onCatalog: async (catalog) => void catalogs.push(await Promise.resolve(catalog)),
    onProblem: (detail) => void problems.push(detail),
  });
  t.after(async () => {
    ending.abort();
    await running;
    rmSync(folder, { recursive: true, force: true });
  });
  const hasEntry = (id: string): boolean => catalogs.at(-1)?.entries.some((entry) => entry.id === id) ?? false;
  return { folder, catalogs, problems, hasEntry };
}

test('a runbook that is added, replaced by renaming and removed is taken over each time', async (t) => {
  const { folder, hasEntry, catalogs } = await watch(t);
  writeFileSync(join(folder, 'backup.yaml'), runbook('example-backup'));
  await until('added', () => hasEntry('example-backup'));
  writeFileSync(join(folder, 'backup.yaml~'), runbook('example-backup-2'));
  renameSync(join(folder, 'backup.yaml~'), join(folder, 'backup.yaml'));
  await until('replaced', () => hasEntry('example-backup-2'));
  assert.ok(!hasEntry('example-backup'));
  unlinkSync(join(folder, 'backup.yaml'));
  await until('removed', () => !hasEntry('example-backup-2'));
  assert.equal(catalogs.length, 3);
});

test('a folder behind a link that is swapped, as Kubernetes does it', async (t) => {
  const { folder, hasEntry } = await watch(t);
  for (const [version, id] of [
    ['v1', 'example-one'],
    ['v2', 'example-two'],
  ] as const) {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'backup.yaml'), runbook(id));
  }
  symlinkSync('v1', join(folder, '..data'));
  symlinkSync(join('..data', 'backup.yaml'), join(folder, 'backup.yaml'));
  await until('the first', () => hasEntry('example-one'));
  symlinkSync('v2', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  await until('the second', () => hasEntry('example-two'));
});

test('a broken file is refused once with file, line and reason; mended, it is taken (elastalert 1646, 1169, 3223; praeco 447)', async (t) => {
  const { folder, hasEntry, catalogs, problems } = await watch(t);
  const broken = runbook('example-backup').replace(/^severity: .*$/mu, 'severity: terrible');
  const line = broken.split('\n').findIndex((text) => text.startsWith('severity:')) + 1;
  writeFileSync(join(folder, 'backup.yaml'), broken);
  await until('refused', () => problems.length > 0);
  assert.ok(problems[0]?.includes(`${join(folder, 'backup.yaml')}:${line} severity`), problems[0]);
  assert.equal(catalogs.length, 0, 'what was loaded stays in force');
  writeFileSync(join(folder, 'backup.yaml'), runbook('example-backup'));
  await until('taken', () => hasEntry('example-backup'));
  assert.equal(problems.length, 1, 'reported once');
});

test('a runbook that clashes with another is refused with both', async (t) => {
  const { folder, problems } = await watch(t);
  writeFileSync(join(folder, 'clash.yaml'), MODEL.replace(/^id: .*$/mu, 'id: example-clash'));
  await until('refused', () => problems.length > 0);
  assert.match(problems[0] ?? '', /clash\.yaml.*wmserver-309/su);
});

test('a folder that goes away is a fault, and what was loaded stays', async (t) => {
  const { folder, problems, catalogs } = await watch(t);
  rmSync(folder, { recursive: true });
  await until('notified', () => problems.length > 0);
  assert.match(problems[0] ?? '', /cannot be read/u);
  assert.equal(catalogs.length, 0);
});
