// Kept names: each is the one that the text has, whatever was kept in its place before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameAt } from '../../../../shared/windows/xml-names.ts';

test('a name is the one between the two places, however many share its place among the kept ones', () => {
  const names = Array.from(
    { length: 5000 },
    (_, at) => `n${at % 7 === 0 ? ':' : ''}${at.toString(36)}${'x'.repeat(at % 50)}`,
  );
  for (const turn of [1, 2])
    for (const name of [...names, '__proto__', 'constructor', 'a:b:c', '7', '10']) {
      const { whole, local } = nameAt(`<<${name}>>`, 2, 2 + name.length);
      assert.equal(whole, name, `turn ${turn}`);
      assert.equal(local, name.slice(name.indexOf(':') + 1));
    }
});
