// Examples of the pages load: foghorn.example.yaml with all that is commented out in it, settings
// in YAML, catalogue entries.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { runVerb } from '../../../../services/cli/verbs.ts';
import { collectorSchema } from '../../../../services/collector/config.ts';
import { consoleSchema } from '../../../../services/console/config.ts';
import { enricherSchema } from '../../../../services/enricher/config.ts';
import { indexerSchema } from '../../../../services/indexer/config.ts';
import { checkNotifier } from '../../../../services/notifier/check.ts';
import { notifierSchema } from '../../../../services/notifier/config.ts';
import { readCatalogFolders } from '../../../../shared/runtime/catalog-files.ts';
import { parseCatalog } from '../../../../shared/catalog/load.ts';
import { examineConfig, SECTIONS } from '../../../../shared/runtime/config.ts';
import { logSettings } from '../../../../shared/runtime/logger.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { fencesOf, pages } from '../../../support/markdown.ts';

const EXAMPLE = 'foghorn.example.yaml';
const text = readFileSync(packagePath(EXAMPLE), 'utf8');
const schema = z.strictObject({
  ...collectorSchema.shape,
  ...enricherSchema.shape,
  ...indexerSchema.shape,
  ...notifierSchema.shape,
  ...consoleSchema.shape,
  log: logSettings,
});

/** Files and folders that examples name, and that this machine does not have. */
const folder = mkdtempSync(join(tmpdir(), 'foghorn-examples-'));
writeFileSync(join(folder, 'secret'), 'change-me-change-me\n');
after(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that a start would refuse or warn of, but files that are not on this machine. */
function problemsIn(name: string, yaml: string): readonly string[] {
  const here = yaml
    .replaceAll(/\/run\/secrets\/[\w-]+/gu, join(folder, 'secret'))
    .replaceAll('/etc/foghorn/runbooks', folder);
  const report = examineConfig(schema, { env: {}, file: { name, text: here } }, { check: checkNotifier });
  return [...report.problems, ...report.warnings];
}

/**
 * With the settings that are commented out: `# key: value`, `# - value`. Words of ours begin with a
 * capital.
 */
function uncommented(yaml: string): string {
  return yaml.replaceAll(
    /^(?<indent> *)# (?<line>(?:[a-z][A-Za-z_]*:| +[a-z][A-Za-z_]*:| *- ).*)$/gmu,
    '$<indent>$<line>',
  );
}

test('foghorn config check takes the example, without a warning [issue 15]', async () => {
  const errors: string[] = [];
  const code = await runVerb(['config', 'check', '--config', packagePath(EXAMPLE)], {
    out: () => undefined,
    err: (line) => errors.push(line),
    isTerminal: false,
    signal: new AbortController().signal,
  });
  assert.deepEqual({ code, errors }, { code: 0, errors: [] });
});

test('the example has every section, and what is commented out in it is right too [issue 15]', () => {
  const full = uncommented(text);
  assert.deepEqual(problemsIn(EXAMPLE, full), []);
  assert.deepEqual(Object.keys(parse(full) as object).sort(), [...SECTIONS].sort());
  assert.ok(full.split('\n').length === text.split('\n').length && full !== text);
  assert.notDeepEqual(problemsIn(EXAMPLE, full.replace('minInSyncReplicas:', 'minInSyncReplica:')), []);
});

test('every example of settings in a page is one that the start takes [issue 15]', () => {
  const examples = pages().flatMap(({ path, text: page }) =>
    fencesOf(page)
      .filter(({ language }) => language === 'yaml')
      .map((fence) => ({ path, yaml: fence.text, keys: Object.keys((parse(fence.text) ?? {}) as object) }))
      .filter(({ keys }) => keys.some((key) => (SECTIONS as readonly string[]).includes(key))),
  );
  assert.ok(examples.length > 8);
  assert.deepEqual(
    // A page shows a part: its reader has an address of the console already.
    examples.flatMap(({ path, yaml, keys }) =>
      problemsIn(path, keys.includes('console') ? yaml : `${yaml}\nconsole: { url: https://foghorn.example.org }\n`),
    ),
    [],
  );
});

test('the small example of docs/configuration.md says what it says', () => {
  const page = readFileSync(packagePath('docs', 'configuration.md'), 'utf8');
  const [fence] = fencesOf(page).filter(({ language }) => language === 'yaml');
  const file = { name: 'foghorn.yaml', text: fence?.text ?? '' };
  const { config } = examineConfig(schema, { env: {}, file });
  assert.equal(config?.kafka.brokers.length, 3);
  assert.equal(config?.kafka.minInSyncReplicas, 2);
  assert.match(config?.elasticsearch.nodes[0] ?? '', /^https:/u);
  assert.deepEqual(
    config?.notifier.receivers.map(({ kind }) => kind),
    ['webhook', 'email'],
  );
});

test('every catalogue entry that a page shows is one, beside the built-in ones', async () => {
  const builtIn = await readCatalogFolders([]);
  const entries = pages().flatMap(({ path, text: page }) =>
    fencesOf(page)
      .filter((fence) => fence.language === 'yaml' && 'eventIds' in ((parse(fence.text) ?? {}) as object))
      .map((fence) => ({ name: path, text: fence.text })),
  );
  assert.ok(entries.length > 0);
  const result = parseCatalog([...builtIn, ...entries]);
  assert.deepEqual(result.kind === 'catalog' ? [] : result, []);
});
