// The digest of what an event states: its quick way and the general one give the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WindowsEvent } from '../../../../shared/contracts/windows-event.ts';
import { contentOf } from '../../../../shared/windows/content.ts';

const GUID = '54849625-5478-4994-A5BA-3E3B0328C30D';
const PLAIN = {
  Second: 'a b\tc\r\nd\v\f',
  First: `{${GUID}}`,
  [GUID]: '1',
  Unit: '\u001B~',
  Third: '',
};

function digest(eventData: Record<string, string>, more: Partial<WindowsEvent> = {}): string {
  return contentOf({ form: 'winlogbeat', providerName: 'P', eventId: 1, eventData, ...more });
}

test('ordinary event data and the same with lists, which takes the general way, have one digest', () => {
  assert.equal(digest(PLAIN), digest(PLAIN, { eventLists: new Map() }));
  assert.equal(digest({}), digest({}, { eventLists: new Map() }));
});

test('white space beyond ASCII and data of many kilobytes count like all other', () => {
  assert.equal(digest({ ...PLAIN, Second: 'a\u00A0b\u2028cd' }), digest(PLAIN));
  const long = 'x y '.repeat(4000);
  assert.equal(digest({ Long: long }), digest({ Long: long.replaceAll(' ', '') }));
  for (const length of [8180, 8185, 8186, 8187, 8188, 8192])
    assert.equal(digest({ Long: 'x'.repeat(length) }), digest({ Long: 'x'.repeat(length) }, { eventLists: new Map() }));
});

test('names in another order are the same, other names and values are not', () => {
  const turned = Object.fromEntries(Object.entries(PLAIN).toReversed());
  assert.equal(digest(turned), digest(PLAIN));
  assert.equal(digest(PLAIN), digest(turned));
  assert.notEqual(digest({ ...PLAIN, Third: 'x' }), digest(PLAIN));
  assert.notEqual(digest({ a: 'bc' }), digest({ ab: 'c' }));
  assert.notEqual(digest({ b: '1', a: '2' }), digest({ c: '1', a: '2' }));
});
