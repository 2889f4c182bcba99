// The scripts for Redis: each file is used by the program, and a file that says otherwise than the
// program is refused when it loads.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defineScript } from '../../../../../services/notifier/redis/scripts.ts';
import { packagePath } from '../../../../../shared/runtime/package-root.ts';

const SOURCES = packagePath('services', 'notifier');
const FOLDER = join(SOURCES, 'redis', 'lua');

test('each file is a script of the program, and each shared text is included by one', () => {
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  const scripts = names.filter((name) => name.endsWith('.lua') && !name.startsWith('shared'));
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const text = sources.map((name) => readFileSync(join(SOURCES, name), 'utf8')).join('\n');
  const defined = [...text.matchAll(/defineScript\('(?<name>[^']+)'/gu)].map(
    (match) => `${match.groups?.['name']}.lua`,
  );
  assert.ok(scripts.length > 20);
  assert.deepEqual(defined.toSorted(), scripts.toSorted());
  const included = scripts.flatMap((name) =>
    [...readFileSync(join(FOLDER, name), 'utf8').matchAll(/^-- include: (?<name>.*)$/gmu)].map(
      (match) => `shared/${match.groups?.['name']}.lua`,
    ),
  );
  const shared = names.filter((name) => name.startsWith(join('shared', '')) && name.endsWith('.lua'));
  assert.deepEqual([...new Set(included)].toSorted(), shared.toSorted());
});

for (const [title, keys, args, problem] of [
  ['another key', ['total'], ['max', 'periodMs'], /take-message\.lua: its keys are not total; it does not use total/u],
  ['a key too few', [], ['max', 'periodMs'], /its keys are not/u],
  ['another order', ['count'], ['periodMs', 'max'], /its arguments are not periodMs, max/u],
  ['a list for a value', ['count'], ['max', 'periodMs[]'], /its arguments are not max, periodMs\[\]/u],
  ['a name twice', ['count'], ['count', 'periodMs'], /a name is given twice/u],
] as const)
  test(`a script whose file has ${title} is refused when it loads`, () => {
    assert.throws(() => defineScript('take-message', { keys, args }), problem);
  });

test('the names are variables of the text, in their order', () => {
  const { lua } = defineScript('revert-message', {
    keys: ['complete', 'group', 'notified', 'unrecorded', 'timers'],
    args: ['id', 'due', 'isEdit', 'incidentIds[]'],
  });
  assert.match(lua, /local complete = KEYS\[1\]\n[\s\S]*local timers = KEYS\[5\]\n/u);
  assert.match(lua, /local id = nextValue\(\)\n[\s\S]*local incidentIds = nextList\(\)\n/u);
});
