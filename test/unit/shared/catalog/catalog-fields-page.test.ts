// The page about entries names every field of the schema, every word that a field takes, every
// label, and nothing that is not there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { labelsOf } from '../../../../services/notifier/policy/labels.ts';
import { warningsOf } from '../../../../shared/catalog/lint.ts';
import { renderRemediation } from '../../../../shared/catalog/render.ts';
import { entrySchema } from '../../../../shared/catalog/schema.ts';
import { packagePath } from '../../../../shared/runtime/package-root.ts';
import { unwrap } from '../../../../shared/runtime/schema-tree.ts';
import { anIncident } from '../../../support/incidents.ts';
import { fencesOf, inlineCodeOf } from '../../../support/markdown.ts';
import { catalogOf } from './entry-text.ts';

const PAGE = readFileSync(packagePath('docs', 'catalog-entries.md'), 'utf8');
const FIELDS = PAGE.slice(PAGE.indexOf('## Every field'), PAGE.indexOf('**Placeholders**'));
/** Shapes that the page describes once: conditions with `when`, steps with `steps`. */
const ONCE = /^(?:when\.data|clearedBy\.when|remediation\.steps|verification)\./u;

/** The paths of the leaves, and the words that they take. */
function* leaves(schema: z.core.$ZodType, path: readonly string[]): Generator<readonly [string, readonly string[]]> {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodObject)
    for (const [name, child] of Object.entries(inner.shape)) yield* leaves(child as z.ZodType, [...path, name]);
  else if (inner instanceof z.ZodArray) yield* leaves(inner.element, path);
  else if (inner instanceof z.ZodDiscriminatedUnion) for (const option of inner.options) yield* leaves(option, path);
  else yield [path.join('.'), inner instanceof z.ZodEnum ? inner.options.map(String) : []];
}

const LEAVES = [...leaves(entrySchema, [])];

test('it names every field, and no other', () => {
  const named = new Set(
    [...FIELDS.matchAll(/^\| (?<cell>[^|]*) \|/gmu)].flatMap(
      ({ groups }) => groups?.['cell']?.match(/[\w.]+(?=`)/gu) ?? [],
    ),
  );
  const paths = LEAVES.map(([path]) => path.replace(/^(?:remediation\.steps|verification)\./u, 'steps.'));
  const wanted = new Set(paths.filter((path) => !ONCE.test(path)));
  for (const path of wanted) assert.ok(named.has(path), `${path} is not on the page`);
  for (const name of named)
    assert.ok(
      wanted.has(name) || ['verification', 'remediation.steps', 'clearedBy.when'].includes(name),
      `${name} is no field`,
    );
});

test('it names every word that a field takes', () => {
  for (const [path, words] of LEAVES)
    for (const word of words) assert.ok(PAGE.includes(`\`${word}\``) || PAGE.includes(`: ${word}`), `${path}: ${word}`);
});

test('it names every label', () => {
  const incident = anIncident('abc', 1);
  const labels = labelsOf({ ...incident, entity: { ...incident.entity, addresses: ['10.0.0.1'] } });
  const text = PAGE.slice(PAGE.indexOf('**Labels**'));
  for (const name of Object.keys(labels).filter((label) => !(label in incident.entity.params)))
    assert.ok(text.includes(`\`${name}\``), name);
});

test('its example is an entry without a fault, and its placeholders are filled in as it says [issue 17 §3]', () => {
  const example = fencesOf(PAGE).find(({ language }) => language === 'yaml');
  const [entry] = catalogOf(example?.text ?? '').entries;
  assert.ok(entry !== undefined);
  assert.deepEqual(warningsOf(entry), []);
  const section = PAGE.slice(PAGE.indexOf('**Placeholders**'), PAGE.indexOf('**Labels**'));
  const named = inlineCodeOf(section).filter((code) => code.startsWith('{'));
  assert.deepEqual(named, ['{host}', '{NAME}', '{NAME|other words}', '{value}']);
  const texts = { title: '{port} of {host}, {port|no port}', summary: 'See https://example.org/{port}.' };
  const causes = [{ text: 'Another program.', command: 'netstat {port}' }];
  const filled = (params: Readonly<Record<string, number>>): readonly (string | undefined)[] => {
    const { title, summary, causes: found } = renderRemediation({ ...entry, ...texts, causes }, params, 'media01');
    return [title, summary, found[0]?.command];
  };
  assert.deepEqual(filled({ port: 80 }), [
    'TCP port 80 of media01, TCP port 80',
    'See https://example.org/80.',
    'netstat 80',
  ]);
  assert.deepEqual(filled({}), [
    'an unknown TCP port of media01, no port',
    'See https://example.org/port.',
    'netstat <port>',
  ]);
});
