// Options that would be ignored, and filters that say a state in other words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from '../../../../services/cli/arguments.ts';
import { UsageError } from '../../../../services/cli/command.ts';
import { unresolved } from '../../../../services/cli/incidents/filter.ts';

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  host: { type: 'string' },
  label: { type: 'string', multiple: true },
} as const;
const ACTIONS = { host: ['list'] };

test('an option of which one value would be ignored is refused', () => {
  const read = (...args: readonly string[]) => readArguments(args, OPTIONS, ACTIONS).values;
  assert.throws(
    () => read('list', '--host', 'a', '--host', 'b'),
    new UsageError('--host is given twice, and only one would count.'),
  );
  assert.throws(() => read('show', '--host', 'a'), new UsageError('show takes no --host; it is for list.'));
  assert.equal(read('list', '--config', 'a', '--config', 'b').config, 'b');
  assert.equal(read('list', '--json', '--json').json, true);
  assert.deepEqual(read('list', '--label', 'a', '--label', 'b').label, ['a', 'b']);
});

test('resolved incidents are left out unless the filter asks for a state or for what had one', () => {
  const state = (q: string): string | undefined => unresolved({ q }).state;
  for (const q of ['state:open', 'host:a -state:open', 'resolved:>=2026-11-30T00:00Z', 'acknowledged:<1h'])
    assert.equal(state(q), undefined, q);
  for (const q of ['', 'host:unresolved:a', 'port:80']) assert.equal(state(q), 'open,acknowledged', q);
});
