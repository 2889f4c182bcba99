// Settings, environment variables and metrics that a page names are there.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allSettings } from '../../../../deploy/docs/settings.ts';
import { SECTIONS } from '../../../../shared/runtime/config.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { declaredMetrics } from '../../../support/declared-metrics.ts';
import { inlineCodeOf, type Page, pages } from '../../../support/markdown.ts';

/** The changelog and the records of decisions speak of what was, too. */
const all = pages().filter(({ path }) => path !== 'CHANGELOG.md' && !path.startsWith('docs/decisions/'));
const settings = allSettings().map(({ setting }) => setting);
const paths = settings.map(({ path }) => path.join('.'));

/** `log.level` and its like are fields of ECS as well. */
const CHECKED_SECTIONS = SECTIONS.filter((section) => section !== 'log');

/** A setting, a group of them, something inside a structured one, or the file of a secret. */
function isSetting(name: string): boolean {
  return settings.some(({ path, holdsSecrets, type }) => {
    const full = path.join('.');
    if (full === name || full.startsWith(`${name}.`)) return true;
    return holdsSecrets && name === `${full}File` ? true : type === 'object' && name.startsWith(`${full}.`);
  });
}

/** Settings in the inline code of a page, by their first word. */
function settingsIn({ text }: Page): readonly string[] {
  const form = new RegExp(`^(?:${CHECKED_SECTIONS.join('|')})(?:\\.[a-zA-Z]+)+(?=$|[:\\s])`, 'u');
  return inlineCodeOf(text).flatMap((code) => form.exec(code)?.[0] ?? []);
}

function unknown(names: (page: Page) => readonly string[], isKnown: (name: string) => boolean): readonly string[] {
  return all.flatMap((page) =>
    names(page)
      .filter((name) => !isKnown(name))
      .map((name) => `${page.path}: ${name}`),
  );
}

test('every setting that a page names is one [issue 15]', () => {
  const isFile = (name: string): boolean => /\.(?:ts|mjs|yaml|md|json)$/u.test(name);
  assert.ok(all.flatMap(settingsIn).length > 100);
  assert.deepEqual(
    unknown(settingsIn, (name) => isFile(name) || isSetting(name)),
    [],
  );
  assert.ok(isSetting('kafka.tls') && isSetting('kafka.saslPasswordFile') && isSetting('notifier.flapping'));
  assert.ok(!isSetting('kafka.saslUsernameFile') && !isSetting('kafka.t') && !isSetting('notifier.receiver'));
});

test('every environment variable of ours that a page names is one [issue 15]', () => {
  const names = new Set(['FOGHORN_CONFIG']);
  for (const { env, alias, holdsSecrets } of settings)
    for (const name of [env, ...(alias === undefined ? [] : [alias])]) {
      names.add(name);
      if (holdsSecrets) names.add(`${name}_FILE`);
    }
  const variablesIn = ({ text }: Page): readonly string[] =>
    [...text.matchAll(/\b(?:FOGHORN_[A-Z_]*[A-Z]|KAFKA_BROKERS|ELASTICSEARCH_URL|REDIS_URL)\b/gu)].map(
      ([name]) => name,
    );
  assert.ok(all.flatMap(variablesIn).length > paths.length);
  assert.deepEqual(
    unknown(variablesIn, (name) => names.has(name)),
    [],
  );
});

test('every metric that a page names is declared [issue 15]', async () => {
  const metrics = await declaredMetrics();
  const sources = ['shared', 'services'].flatMap((folder) =>
    readdirSync(packagePath(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(packagePath(folder, name), 'utf8')),
  );
  const tags = sources.flatMap((text) => [...text.matchAll(/_TAG = '(?<tag>foghorn_\w+)'/gu)].map((it) => it[1] ?? ''));
  const others = new Set([...tags, 'foghorn_indexer', 'foghorn_reader']);
  const namesIn = ({ text }: Page): readonly string[] =>
    [...text.matchAll(/\bfoghorn_[a-z_]*[a-z]\b(?!_?[<*])/gu)]
      .map(([name]) => name)
      .filter((name) => !others.has(name));
  assert.ok(all.flatMap(namesIn).length > 3);
  assert.deepEqual(
    unknown(namesIn, (name) => metrics.has(name)),
    [],
  );
});
