// Names that Windows gives everywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keywordNames, levelName, opcodeName, outcomeOf } from '../../../../shared/windows/names.ts';

test('levels as Winlogbeat writes them; a provider’s own has no name here', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 255].map(levelName), [
    'information',
    'critical',
    'error',
    'warning',
    'information',
    'verbose',
    undefined,
    undefined,
  ]);
});

test('opcodes', () => {
  assert.deepEqual([0, 1, 2, 9, 10, 240].map(opcodeName), ['Info', 'Start', 'Stop', 'Send', undefined, undefined]);
});

test('keyword bits and the outcome of an audit', () => {
  assert.deepEqual(keywordNames(0x80_0000_0000_0000n), ['Classic']);
  assert.deepEqual(keywordNames(0x8020_0000_0000_0000n), ['Audit Success']);
  assert.deepEqual(keywordNames(0n), []);
  assert.deepEqual(keywordNames(0xffff_ffff_ffff_ffffn), [
    'Response Time',
    'WDI Diag',
    'SQM',
    'Audit Failure',
    'Audit Success',
    'Correlation Hint',
    'Classic',
  ]);
  assert.equal(outcomeOf(0x8020_0000_0000_0000n), 'success');
  assert.equal(outcomeOf(0x8010_0000_0000_0000n), 'failure');
  assert.equal(outcomeOf(0x80_0000_0000_0000n), undefined);
});
