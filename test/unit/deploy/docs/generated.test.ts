// The documentation says what the schemas say; `npm run docs` mends a difference.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { between, GENERATED_FILES } from '../../../../deploy/docs/files.ts';
import { allSettings } from '../../../../deploy/docs/settings.ts';
import { SECTIONS } from '../../../../shared/runtime/config.ts';

for (const { path, make } of GENERATED_FILES) {
  test(`${path.split('/').at(-1)} is what npm run docs writes`, () => {
    const present = readFileSync(path, 'utf8');
    assert.equal(present, make(present));
  });
}

test('every section that foghorn.yaml may have is some service’s', () => {
  const used = new Set(allSettings().map(({ setting }) => setting.path[0]));
  assert.deepEqual([...used].sort(), [...SECTIONS].sort());
});

test('no two settings share an environment variable', () => {
  const names = allSettings().flatMap(({ setting }) => [
    setting.env,
    ...(setting.alias === undefined ? [] : [setting.alias]),
  ]);
  assert.equal(new Set(names).size, names.length);
});

test('missing marks are said, not guessed', () => {
  assert.throws(() => between('text', 'settings', 'x'), /settings:start/u);
  assert.equal(between('a<!-- s:start -->old<!-- s:end -->b', 's', 'new'), 'a<!-- s:start -->\nnew\n<!-- s:end -->b');
});
